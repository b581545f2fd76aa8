"""The teams page: make a team, rename it, say who is in it."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.queries.roles import TeamRow, list_team_rows
from casso.queries.rows import AccountChoice
from casso.queries.tickets import list_accounts
from casso.rules.permissions import Action
from casso.services import teams
from casso.ui.bridge import call
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.parts.states import bar, state
from casso.ui.policy import policy
from casso.ui.settings.frame import field, intent_field, settings_page, sheet_head, text_input
from casso.ui.t import t
from casso.ui.toast import Toast

CLOSED = -1
NEW = 0
PREFIX = "account_"


@listens
class Teams(rx.State):
    """The rows, and which one is open for changes (0: a new one)."""

    rows: list[TeamRow] = []
    people: list[AccountChoice] = []
    opened: int = CLOSED
    is_ready: bool = False

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def arrive(self) -> None:
        """Read the page."""
        self.opened = CLOSED
        await self._read(current_actor())

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def open(self, team_id: int) -> None:
        """Open a team for changes, 0 a new one, or -1 none."""
        self.opened = team_id

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def submit(self, form: dict[str, str]) -> None:
        """Save name and members."""
        actor = current_actor()
        await self._save(actor, form)
        self.opened = CLOSED
        (await self.get_state(Toast))._say("team_saved")
        await self._read(actor)

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if (
            self.is_ready
            and actor.may(Action.MANAGE_MEMBERS)
            and any(one.kind == "people" for one in changes)
        ):
            await self._read(actor)

    async def _save(self, actor: Actor, form: dict[str, str]) -> None:
        name, intent, team_id = form.get("name", ""), form.get("intent", "")[:55], self.opened
        with suppress(AlreadyDone):
            if team_id == NEW:
                team_id = self.opened = await call(teams.create_team, actor, name=name, intent=intent)
            else:
                await call(teams.rename_team, actor, team_id, name=name, intent=intent)
        chosen = tuple(_number(one.removeprefix(PREFIX)) for one in form if one.startswith(PREFIX))
        with suppress(AlreadyDone):
            again = intent and intent + "/members"
            if team_id != NEW:
                await call(teams.set_members, actor, team_id, account_ids=chosen, intent=again)

    async def _read(self, actor: Actor) -> None:
        self.rows = list(await call(list_team_rows, actor))
        self.people = list(await call(list_accounts, actor))
        self.is_ready = True


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0


def teams_page() -> rx.Component:
    """The page."""
    add = button(t("teams.add"), sign="plus", kind="primary", on_click=Teams.open(NEW))
    nothing = rx.el.div(state("users", t("teams.none"), t("teams.none_hint")), class_name="card")
    waiting = rx.el.div(bar("40%"), bar("60%"), class_name="card", custom_attrs={"aria-hidden": "true"})
    nobody: Var[list[int]] = rx.Var.create([])
    return settings_page(
        "teams",
        sheet_head(t("teams.title"), t("teams.lead"), add),
        rx.cond(Teams.opened == NEW, _form(rx.Var.create(""), nobody)),
        rx.cond(
            Teams.is_ready,
            rx.cond(
                Teams.rows.length() > 0,
                rx.foreach(Teams.rows, _team),
                rx.cond(Teams.opened == CLOSED, nothing),
            ),
            waiting,
        ),
        needs=Action.MANAGE_MEMBERS,
    )


def _team(row: Var[TeamRow]) -> rx.Component:
    shown = rx.el.div(
        rx.el.div(
            icon("users", 18),
            rx.el.div(rx.el.b(row.name), rx.el.p(rx.cond(row.people != "", row.people, t("teams.nobody")))),
            button(t("teams.change"), on_click=Teams.open(row.id)),
            class_name="entry",
        ),
        class_name="card",
    )
    return rx.fragment(
        rx.cond(Teams.opened == row.id, _form(row.name, row.account_ids), shown), key=row.id.to_string()
    )


def _form(name: Var[str], account_ids: Var[list[int]]) -> rx.Component:
    def box(one: Var[AccountChoice]) -> rx.Component:
        ticked = rx.el.input(
            type="checkbox", name=PREFIX + one.id.to_string(), default_checked=account_ids.contains(one.id)
        )
        return rx.el.label(ticked, one.name, class_name="check")

    return rx.el.form(
        intent_field(),
        field(t("teams.name"), text_input("name", name, required=True, max_length=60)),
        rx.el.fieldset(
            rx.el.legend(t("teams.people"), class_name="label"),
            rx.foreach(Teams.people, box),
            class_name="field boxes",
        ),
        rx.el.footer(
            button(t("settings.save"), kind="primary", submit=True),
            button(t("members.cancel"), on_click=Teams.open(CLOSED)),
        ),
        on_submit=Teams.submit,
        reset_on_submit=False,
        class_name="card",
    )
