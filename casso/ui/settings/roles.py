"""The roles page: what every role may do, as a table, and the organization's own roles."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.access import Actor
from casso.enums import Role
from casso.errors import AlreadyDone
from casso.queries.roles import OwnRoleRow, list_own_roles
from casso.rules.granting import BUILT_IN
from casso.rules.permissions import ALWAYS, PERMISSIONS, TABLE, Action
from casso.services import own_roles
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.me import Me
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.policy import policy
from casso.ui.settings.frame import field, intent_field, settings_page, sheet_head, text_input
from casso.ui.t import t
from casso.ui.toast import Toast

CLOSED = -1
WIDE = 100
NEW = 0
REPLACEMENTS = tuple(role for role in BUILT_IN if role is not Role.OWNER)


@listens
class Roles(rx.State):
    """The own roles; which one is open (0: a new one), and whose deletion waits for a second word."""

    rows: list[OwnRoleRow] = []
    opened: int = CLOSED
    asked: int = CLOSED
    is_ready: bool = False

    @rx.event
    @policy(Action.MANAGE_ROLES)
    async def arrive(self) -> None:
        """Read the page."""
        self.opened = self.asked = CLOSED
        await self._read(current_actor())

    @rx.event
    @policy(Action.MANAGE_ROLES)
    async def open(self, role_id: int) -> None:
        """Open a role for changes, 0 a new one, or -1 none."""
        self.opened, self.asked = role_id, CLOSED

    @rx.event
    @policy(Action.MANAGE_ROLES)
    async def ask(self, role_id: int) -> None:
        """Ask what becomes of whoever has the role."""
        self.asked, self.opened = role_id, CLOSED

    @rx.event
    @policy(Action.MANAGE_ROLES)
    async def submit(self, form: dict[str, str]) -> None:
        """Save name and permissions."""
        await self._save(current_actor(), form)
        await self._done("role_saved")

    @rx.event
    @policy(Action.MANAGE_ROLES)
    async def delete(self, form: dict[str, str]) -> None:
        """Delete the role that was asked about; who has it gets the one chosen."""
        await self._delete(current_actor(), form)
        await self._done("role_deleted")

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if self.is_ready and actor.may(Action.MANAGE_ROLES) and any(one.kind == "people" for one in changes):
            await self._read(actor)

    async def _save(self, actor: Actor, form: dict[str, str]) -> None:
        name, intent = form.get("name", ""), form.get("intent", "")[:64]
        chosen = tuple(action.value for action in Action if f"may_{action.value}" in form)
        with suppress(AlreadyDone):
            if self.opened == NEW:
                await call(own_roles.create_role, actor, name=name, permissions=chosen, intent=intent)
                return
            await call(
                own_roles.change_role_set,
                actor,
                self.opened,
                name=name,
                permissions=chosen,
                caller=caller_of(self),
                intent=intent,
            )

    async def _delete(self, actor: Actor, form: dict[str, str]) -> None:
        role, _, number = form.get("replacement", "").partition(":")
        own = int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else None
        with suppress(AlreadyDone):
            await call(
                own_roles.delete_role,
                actor,
                self.asked,
                replacement=role,
                replacement_id=own,
                caller=caller_of(self),
                intent=form.get("intent", "")[:64],
            )

    async def _done(self, word: str) -> None:
        self.opened = self.asked = CLOSED
        (await self.get_state(Toast))._say(word)
        await self._read(current_actor())

    async def _read(self, actor: Actor) -> None:
        self.rows = list(await call(list_own_roles, actor))
        self.is_ready = True


def roles_page() -> rx.Component:
    """The page."""
    add = button(t("roles.add"), sign="plus", kind="primary", on_click=Roles.open(NEW))
    nothing: Var[list[str]] = rx.Var.create([])
    return settings_page(
        "roles",
        sheet_head(t("roles.title"), t("roles.lead"), add),
        rx.cond(Roles.opened == NEW, _form(rx.Var.create(""), nothing)),
        rx.cond(Roles.rows.length() > 0, rx.foreach(Roles.rows, _own_role)),
        rx.el.div(_table(), class_name="card wide-table"),
        needs=Action.MANAGE_ROLES,
    )


def _table() -> rx.Component:
    groups = [part for name in TABLE for part in _group(name)]
    return rx.el.table(
        rx.el.caption(t("roles.table"), class_name="sr"),
        rx.el.thead(
            rx.el.tr(
                rx.el.td(),
                *(rx.el.th(t(f"role.{role.value}"), scope="col") for role in BUILT_IN),
                rx.foreach(Roles.rows, lambda row: rx.el.th(row.name, scope="col", dir="auto")),
            )
        ),
        rx.el.tbody(*groups),
        class_name="table marks",
    )


def _group(name: str) -> list[rx.Component]:
    """A heading, and a line for each action: a tick, or nothing, in each role's column."""
    heading = rx.el.th(t(f"permissions.{name}"), scope="rowgroup", col_span=WIDE)
    return [rx.el.tr(heading, class_name="of"), *(_line(line.action) for line in TABLE[name])]


def _line(action: Action) -> rx.Component:
    def in_own(row: Var[OwnRoleRow]) -> rx.Component:
        held = row.permissions.contains(action.value)
        return rx.el.td(_mark(True) if action in ALWAYS else rx.cond(held, _mark(True), _mark(False)))

    return rx.el.tr(
        rx.el.th(_action_name(action), scope="row"),
        *(rx.el.td(_mark(action in PERMISSIONS[role])) for role in BUILT_IN),
        rx.foreach(Roles.rows, in_own),
    )


def _action_name(action: Action) -> Var[str]:
    return t("permission." + action.value.replace(".", "_"))


def _mark(is_allowed: bool) -> rx.Component:
    if not is_allowed:
        return rx.el.span(t("roles.no"), class_name="sr")
    return rx.fragment(icon("check"), rx.el.span(t("roles.yes"), class_name="sr"))


def _own_role(row: Var[OwnRoleRow]) -> rx.Component:
    shown = rx.el.div(
        rx.el.div(
            icon("shield-check", 18),
            rx.el.div(rx.el.b(row.name, dir="auto"), rx.el.p(t("roles.held", n=row.count))),
            rx.cond(
                row.may_change,
                rx.el.span(
                    button(t("roles.change"), on_click=Roles.open(row.id)),
                    button(t("roles.delete"), kind="danger", on_click=Roles.ask(row.id)),
                    class_name="does",
                ),
            ),
            class_name="entry",
        ),
        rx.cond(Roles.asked == row.id, _really(row)),
        class_name="card",
    )
    return rx.fragment(
        rx.cond(Roles.opened == row.id, _form(row.name, row.permissions), shown), key=row.id.to_string()
    )


def _really(row: Var[OwnRoleRow]) -> rx.Component:
    """Which role its holders get, before it is deleted."""
    others = rx.foreach(
        Roles.rows,
        lambda one: rx.cond(one.id != row.id, rx.el.option(one.name, value="own:" + one.id.to_string())),
    )
    replacement = rx.el.select(
        *(rx.el.option(t(f"role.{role.value}"), value=role.value) for role in REPLACEMENTS),
        others,
        name="replacement",
        default_value=Role.VIEWER.value,
        class_name="input",
    )
    return rx.el.form(
        intent_field(),
        rx.cond(row.count > 0, field(t("roles.replacement"), replacement), rx.el.p(t("roles.really"))),
        rx.el.div(
            button(t("roles.delete_now"), kind="danger", submit=True),
            button(t("members.cancel"), on_click=Roles.ask(CLOSED)),
            class_name="deeds",
        ),
        on_submit=Roles.delete,
        reset_on_submit=False,
        class_name="group",
    )


def _form(name: Var[str], chosen: Var[list[str]]) -> rx.Component:
    groups = [
        rx.el.fieldset(
            rx.el.legend(t(f"permissions.{group}"), class_name="label"),
            *(_box(line.action, chosen) for line in lines),
            class_name="field boxes",
        )
        for group, lines in TABLE.items()
        if not all(line.action in ALWAYS for line in lines)
    ]
    return rx.el.form(
        intent_field(),
        field(t("roles.name"), text_input("name", name, required=True, max_length=60)),
        *groups,
        rx.el.footer(
            button(t("settings.save"), kind="primary", submit=True),
            button(t("members.cancel"), on_click=Roles.open(CLOSED)),
            rx.el.span(t("roles.hint"), class_name="hint"),
        ),
        on_submit=Roles.submit,
        reset_on_submit=False,
        class_name="card",
    )


def _box(action: Action, chosen: Var[list[str]]) -> rx.Component:
    """A permission that the writer lacks cannot be ticked."""
    ticked = rx.el.input(
        type="checkbox",
        name=f"may_{action.value}",
        default_checked=chosen.contains(action.value),
        disabled=~Me.may.contains(action.value),
    )
    return rx.el.label(ticked, _action_name(action), class_name="check")
