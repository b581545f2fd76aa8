"""The list of pages: address, what it draws, and what fills it on arrival.

Adding a screen means adding a line here; casso.py registers them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from casso.ui.inbox.desk_state import Desk
from casso.ui.inbox.page import ON_LIST, ON_TICKET, inbox_page, ticket_page
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.me import Me
from casso.ui.missing import not_found_page
from casso.ui.settings.activity import activity_page
from casso.ui.settings.activity_state import Activity
from casso.ui.settings.appearance import ON_APPEARANCE, appearance_page
from casso.ui.settings.general import General, general_page
from casso.ui.settings.health import health_page
from casso.ui.settings.health_state import Health
from casso.ui.settings.mailboxes import mailboxes_page
from casso.ui.settings.mailboxes_state import Mailboxes
from casso.ui.settings.members import members_page
from casso.ui.settings.members_state import Members
from casso.ui.settings.operators import Operators, operators_page
from casso.ui.settings.profile import ON_PROFILE, profile_page
from casso.ui.settings.quarantine import Quarantine, quarantine_page
from casso.ui.settings.roles import Roles, roles_page
from casso.ui.settings.security import ON_SECURITY, security_page
from casso.ui.settings.sessions import Sessions, sessions_page
from casso.ui.settings.sign_in_rules import SignInRules
from casso.ui.settings.teams import Teams, teams_page
from casso.ui.settings.unrouted import Unrouted
from casso.ui.t import t


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the agent's screen."""

    route: str
    draw: Callable[[], rx.Component]
    title: rx.Var[str]
    on_load: Any = None


_SETTINGS = t("app.title.settings")
_TICKET = rx.cond(
    OpenTicket.ticket.number > 0,
    t("app.title.of_ticket", number=OpenTicket.ticket.number, subject=OpenTicket.ticket.subject),
    t("app.title.ticket"),
)

PAGES: tuple[Page, ...] = (
    Page("/", inbox_page, t("app.title.inbox"), ON_LIST),
    Page("/tickets/[number]", ticket_page, _TICKET, ON_TICKET),
    Page("/settings", general_page, _SETTINGS, [Me.arrive, Desk.tally, General.arrive, SignInRules.arrive]),
    Page("/settings/members", members_page, _SETTINGS, [Me.arrive, Desk.tally, Members.arrive]),
    Page("/settings/teams", teams_page, _SETTINGS, [Me.arrive, Desk.tally, Teams.arrive]),
    Page("/settings/roles", roles_page, _SETTINGS, [Me.arrive, Desk.tally, Roles.arrive]),
    Page("/settings/operators", operators_page, _SETTINGS, [Me.arrive, Desk.tally, Operators.arrive]),
    Page("/settings/health", health_page, _SETTINGS, [Me.arrive, Desk.tally, Health.arrive]),
    Page("/settings/mailboxes", mailboxes_page, _SETTINGS, [Me.arrive, Desk.tally, Mailboxes.arrive]),
    Page(
        "/settings/quarantine",
        quarantine_page,
        _SETTINGS,
        [Me.arrive, Desk.tally, Quarantine.arrive, Unrouted.arrive],
    ),
    Page("/settings/activity", activity_page, _SETTINGS, [Me.arrive, Desk.tally, Activity.arrive]),
    Page("/settings/profile", profile_page, _SETTINGS, ON_PROFILE),
    Page("/settings/appearance", appearance_page, _SETTINGS, ON_APPEARANCE),
    Page("/settings/security", security_page, _SETTINGS, ON_SECURITY),
    Page("/settings/sessions", sessions_page, _SETTINGS, [Me.arrive, Desk.tally, Sessions.arrive]),
    Page("404", not_found_page, t("app.name"), [Me.arrive]),
)
HEAD: tuple[rx.Component, ...] = (
    rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    rx.el.script(src="/words-de.js"),
    rx.el.script(src="/casso.js"),
    rx.el.script(src="/composer.js"),
    rx.el.script(src="/passkeys.js"),
)
STYLESHEETS: tuple[str, ...] = ("tokens.css", "casso.css", "settings.css", "narrow.css")
