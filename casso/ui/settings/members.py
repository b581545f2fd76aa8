"""The members page: a table of people, who is invited, and the forms to invite and to change."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.members import Choice, InvitationRow, MemberRow
from casso.rules.granting import BUILT_IN
from casso.rules.permissions import Action
from casso.ui.moments import ago, full
from casso.ui.parts.avatar import avatar
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.context import INTENT
from casso.ui.parts.icon import icon
from casso.ui.parts.states import bar
from casso.ui.settings.frame import field, intent_field, settings_page, sheet_head, text_input
from casso.ui.settings.members_state import CLOSED, INVITING, Members
from casso.ui.t import t, t_of

HEADS = ("name", "role", "teams", "factor", "seen")
SEES = ("all", "teams", "mailboxes")


def members_page() -> rx.Component:
    """The page."""
    add = button(t("members.invite"), sign="user-plus", kind="primary", on_click=Members.open(INVITING))
    waiting = rx.el.div(bar("60%"), bar("80%"), bar("70%"), custom_attrs={"aria-hidden": "true"})
    return settings_page(
        "members",
        sheet_head(t("members.title"), t("members.lead"), add),
        rx.cond(Members.opened == INVITING, _invite()),
        rx.el.div(rx.cond(Members.is_ready, _table(), waiting), class_name="card"),
        rx.cond(Members.invited.length() > 0, _invited()),
        needs=Action.MANAGE_MEMBERS,
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *(rx.el.th(t(f"members.{name}"), scope="col") for name in HEADS),
                rx.el.th(rx.el.span(t("members.change"), class_name="sr"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(Members.rows, _member)),
        class_name="table people",
    )


def _member(row: Var[MemberRow]) -> rx.Component:
    open_form = rx.el.tr(rx.el.td(_change(row), col_span=len(HEADS) + 1), class_name="opened")
    return rx.fragment(
        rx.el.tr(
            rx.el.td(_person(row)),
            _cell("role", _role_name(row.role, row.role_name)),
            _cell(
                "teams",
                rx.cond(row.teams != "", row.teams, "–"),
                rx.cond(row.sees != "all", rx.el.p(t("members.sees_only", what=row.seen), class_name="hint")),
            ),
            _cell("factor", rx.cond(row.has_second_factor, t("members.factor_on"), t("members.factor_off"))),
            _cell(
                "seen",
                rx.cond(
                    row.last_seen_iso != "",
                    rx.el.span(ago(row.last_seen_iso), title=full(row.last_seen_iso)),
                    t("members.never"),
                ),
            ),
            rx.el.td(
                rx.cond(
                    row.may_change,
                    button(
                        t("members.change"),
                        on_click=Members.open(row.account_id),
                        aria_label=t("members.change_one", name=row.name),
                    ),
                ),
                class_name="end",
            ),
        ),
        rx.cond(Members.opened == row.account_id, open_form),
        key=row.account_id.to_string(),
    )


def _person(row: Var[MemberRow]) -> rx.Component:
    return rx.el.div(
        avatar(row.initials, agent=True, large=True, picture=row.picture),
        rx.el.div(
            rx.el.b(row.name),
            rx.cond(row.is_me, rx.fragment(" ", chip(t("members.you")))),
            rx.cond(row.is_disabled, rx.fragment(" ", chip(t("members.disabled"), colour="red"))),
            rx.el.p(row.email),
        ),
        class_name="person",
    )


def _cell(name: str, *content: rx.Component | Var[str]) -> rx.Component:
    """A value; on a phone, where the head is gone, its name stands before it."""
    return rx.el.td(*content, custom_attrs={"data-head": t(f"members.{name}")})


def _role_name(role: Var[str], own: Var[str]) -> Var[str]:
    return rx.cond(own != "", own, t_of("role.", role))


def _change(row: Var[MemberRow]) -> rx.Component:
    form = rx.el.form(
        intent_field(),
        _rights(row.role, row.sees, row.team_ids, row.mailbox_ids),
        rx.el.p(t("members.role_hint"), class_name="hint"),
        rx.el.div(
            button(t("settings.save"), kind="primary", submit=True),
            button(t("members.cancel"), on_click=Members.open(CLOSED)),
            button(t("members.end_sessions"), on_click=Members.end_sessions(row.account_id)),
            button(t("members.remove"), kind="danger", on_click=Members.ask(row.account_id)),
            class_name="deeds",
        ),
        on_submit=Members.save,
        reset_on_submit=False,
        class_name="group",
    )
    return rx.el.div(form, rx.cond(Members.asked == row.account_id, _really(row)), class_name="group")


def _really(row: Var[MemberRow]) -> rx.Component:
    """The second word before somebody is taken out."""
    return rx.el.div(
        icon("triangle-alert"),
        rx.el.div(
            rx.el.p(t("members.really", name=row.name)),
            rx.el.div(
                button(
                    t("members.remove_now"),
                    kind="danger",
                    on_click=Members.remove(row.account_id, INTENT),
                ),
                button(t("members.keep"), on_click=Members.ask(CLOSED)),
                class_name="deeds",
            ),
        ),
        class_name="notice bad",
        role="alert",
    )


def _invite() -> rx.Component:
    address = text_input("email", type="email", required=True, max_length=320, auto_focus=True)
    nothing: Var[list[int]] = rx.Var.create([])
    return rx.el.form(
        intent_field(),
        field(t("members.email"), address),
        _rights(rx.Var.create("agent"), rx.Var.create("all"), nothing, nothing),
        rx.el.footer(
            button(t("members.send"), kind="primary", submit=True),
            button(t("members.cancel"), on_click=Members.open(CLOSED)),
            rx.el.span(t("members.invite_hint"), class_name="hint"),
        ),
        on_submit=Members.invite,
        reset_on_submit=False,
        class_name="card",
    )


def _rights(
    role: Var[str], sees: Var[str], team_ids: Var[list[int]], mailbox_ids: Var[list[int]]
) -> rx.Component:
    """Role and view; the lists of teams and mailboxes show when the view is limited to them."""
    roles = rx.el.select(
        *(
            rx.cond(
                Members.grantable.contains(one.value), rx.el.option(t(f"role.{one.value}"), value=one.value)
            )
            for one in BUILT_IN
        ),
        rx.foreach(Members.own_roles, lambda one: rx.el.option(one.name, value="own:" + one.id.to_string())),
        name="role",
        default_value=role,
        class_name="input",
    )
    views = rx.el.select(
        *(rx.el.option(t(f"members.sees_{name}"), value=name) for name in SEES),
        name="sees",
        default_value=sees,
        class_name="input",
    )
    return rx.fragment(
        rx.el.div(field(t("members.role"), roles), field(t("members.sees"), views), class_name="two"),
        _boxes("team", "teams", Members.teams, team_ids),
        _boxes("mailbox", "mailboxes", Members.mailboxes, mailbox_ids),
    )


def _boxes(prefix: str, name: str, choices: Var[list[Choice]], chosen: Var[list[int]]) -> rx.Component:
    def box(one: Var[Choice]) -> rx.Component:
        ticked = rx.el.input(
            type="checkbox", name=prefix + "_" + one.id.to_string(), default_checked=chosen.contains(one.id)
        )
        return rx.el.label(ticked, one.name, class_name="check")

    return rx.el.fieldset(
        rx.el.legend(t(f"members.{name}"), class_name="label"),
        rx.foreach(choices, box),
        rx.cond(choices.length() == 0, rx.el.p(t(f"members.no_{name}"), class_name="hint")),
        class_name=f"field boxes if-{name}",
    )


def _invited() -> rx.Component:
    return rx.el.section(
        rx.el.h3(t("members.invited")),
        rx.el.ul(rx.foreach(Members.invited, _invitation), class_name="card rows"),
        class_name="group",
        aria_label=t("members.invited"),
    )


def _invitation(row: Var[InvitationRow]) -> rx.Component:
    state = rx.cond(
        row.is_over,
        chip(t("members.over"), colour="amber"),
        rx.cond(row.is_void, chip(t("members.void"), colour="red", title=t("members.void_hint"))),
    )
    return rx.el.li(
        icon("mail", 18),
        rx.el.div(
            rx.el.b(row.email),
            " ",
            state,
            rx.el.p(_role_name(row.role, row.role_name), " · ", t("members.invited_by", name=row.inviter)),
            rx.el.p(t("members.until", when=full(row.expires_iso))),
        ),
        rx.el.span(
            button(t("members.resend"), sign="rotate-cw", on_click=Members.resend(row.id, INTENT)),
            button(t("members.revoke"), kind="danger", on_click=Members.revoke(row.id, INTENT)),
            class_name="does",
        ),
        class_name="entry",
    )
