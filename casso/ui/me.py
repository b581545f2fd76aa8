"""The signed-in person, for the frame of every page and for every word on it.

`lang`, `theme` and `zone` travel to casso.js through attributes of the shell;
the rest is shown. Filled on arrival at any page.
"""

import reflex as rx

from casso.access import Actor
from casso.queries.sessions import OrganizationChoice, list_my_organizations
from casso.queries.tickets import get_me
from casso.rules.permissions import Action
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.policy import Who, policy


class Me(rx.State):
    """Who looks at this screen, and how they like it."""

    lang: str = "en"
    theme: str = ""
    zone: str = ""
    name: str = ""
    initials: str = ""
    picture: str = ""
    email: str = ""
    organization: str = ""
    account_id: int = 0
    organization_id: int = 0
    organizations: list[OrganizationChoice] = []
    may: list[str] = []
    may_write: bool = True
    may_set: bool = False
    is_operator: bool = False

    @rx.event
    @policy(Who.SIGNED_IN)
    async def arrive(self) -> None:
        """Read the person anew; runs on every page."""
        await self._read(current_actor())

    async def _read(self, actor: Actor) -> None:
        row = await call(get_me, actor)
        self.lang, self.theme, self.zone = row.locale, row.theme, row.zone
        self.name, self.initials, self.email = row.name, row.initials, row.email
        self.picture = row.picture
        self.organization, self.account_id = row.organization_name, row.account_id
        self.is_operator = row.is_operator
        self.organization_id = actor.organization_id
        self.organizations = list(await call(list_my_organizations, actor))
        self.may = sorted(actor.permissions)
        self.may_write = actor.may(Action.WRITE_TICKETS)
        self.may_set = actor.may(Action.CHANGE_SETTINGS)
