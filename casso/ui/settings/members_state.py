"""The members of an organization and who is invited: listed, invited, changed, taken out.

A form names its teams and mailboxes one field each (`team_3`, `mailbox_5`); what it says is
checked by the services, whatever the page offered.
"""

from contextlib import suppress

import reflex as rx

from casso.access import Actor
from casso.enums import Role, Sees
from casso.errors import AlreadyDone
from casso.queries.members import Choice, InvitationRow, MemberRow, list_people
from casso.rules.permissions import Action
from casso.services import invitations, members, session_ending
from casso.services.invitations import InvitationForm
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.policy import policy
from casso.ui.toast import Toast

CLOSED = -1
INVITING = 0


@listens
class Members(rx.State):
    """The rows; which one is open (0: the form to invite), and whose removal waits for a second word."""

    rows: list[MemberRow] = []
    invited: list[InvitationRow] = []
    teams: list[Choice] = []
    mailboxes: list[Choice] = []
    own_roles: list[Choice] = []
    grantable: list[str] = []
    opened: int = CLOSED
    asked: int = CLOSED
    is_ready: bool = False

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def arrive(self) -> None:
        """Read the page."""
        self.opened = self.asked = CLOSED
        await self._read(current_actor())

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def open(self, account_id: int) -> None:
        """Open a member for changes, 0 the form to invite, or -1 none."""
        self.opened, self.asked = account_id, CLOSED

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def ask(self, account_id: int) -> None:
        """Ask whether this member is really to be taken out."""
        self.asked = account_id

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def invite(self, form: dict[str, str]) -> None:
        """Send an invitation."""
        role, own_role_id = _role(form)
        wanted = InvitationForm(form.get("email", ""), role, own_role_id, form.get("sees", ""), _seen(form))
        intent = form.get("intent", "")[:64]
        with suppress(AlreadyDone):
            await call(invitations.invite, current_actor(), wanted, caller=caller_of(self), intent=intent)
        await self._done("invited")

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def save(self, form: dict[str, str]) -> None:
        """Change role and view of the member who is open."""
        await self._save(current_actor(), form)
        await self._done("member_saved")

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def remove(self, account_id: int, intent: str) -> None:
        """Take the member out."""
        actor, caller = current_actor(), caller_of(self)
        with suppress(AlreadyDone):
            await call(members.remove_member, actor, account_id, caller=caller, intent=intent[:64])
        await self._done("member_removed")

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def end_sessions(self, account_id: int) -> None:
        """Sign the member out of every browser, in this organization."""
        await call(session_ending.end_sessions_of, current_actor(), account_id, caller_of(self))
        await self._done("sessions_ended")

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def resend(self, invitation_id: int, intent: str) -> None:
        """Send an invitation again, with a new link."""
        actor, caller = current_actor(), caller_of(self)
        with suppress(AlreadyDone):
            await call(invitations.resend, actor, invitation_id, caller=caller, intent=intent[:64])
        await self._done("invited")

    @rx.event
    @policy(Action.MANAGE_MEMBERS)
    async def revoke(self, invitation_id: int, intent: str) -> None:
        """Take an invitation back."""
        with suppress(AlreadyDone):
            await call(invitations.revoke, current_actor(), invitation_id, intent=intent[:64])
        await self._done("invitation_revoked")

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if (
            self.is_ready
            and actor.may(Action.MANAGE_MEMBERS)
            and any(one.kind == "people" for one in changes)
        ):
            await self._read(actor)

    async def _save(self, actor: Actor, form: dict[str, str]) -> None:
        """The role first: an owner sees everything."""
        (role, own_role_id), intent = _role(form), form.get("intent", "")[:58]
        with suppress(AlreadyDone):
            await call(
                members.change_role,
                actor,
                self.opened,
                role=role,
                own_role_id=own_role_id,
                caller=caller_of(self),
                intent=intent,
            )
        sees = Sees.ALL if role == Role.OWNER else form.get("sees", "")
        with suppress(AlreadyDone):
            await call(
                members.limit_view,
                actor,
                self.opened,
                sees=sees,
                seen_ids=_seen(form),
                intent=intent and intent + "/sees",
            )

    async def _done(self, word: str) -> None:
        (await self.get_state(Toast))._say(word)
        self.opened = self.asked = CLOSED
        await self._read(current_actor())

    async def _read(self, actor: Actor) -> None:
        found = await call(list_people, actor)
        self.rows, self.invited = list(found.members), list(found.invitations)
        self.teams, self.mailboxes = list(found.teams), list(found.mailboxes)
        self.own_roles, self.grantable = list(found.own_roles), list(found.grantable)
        self.is_ready = True


def _role(form: dict[str, str]) -> tuple[str, int | None]:
    """`agent`, or `own:3`."""
    name, _, number = form.get("role", "").partition(":")
    return name, _number(number) if name == Role.OWN else None


def _seen(form: dict[str, str]) -> tuple[int, ...]:
    """The ids of the kind that the form chose; a ticked box of the other kind counts for nothing."""
    prefix = {Sees.TEAMS: "team_", Sees.MAILBOXES: "mailbox_"}.get(form.get("sees", ""))  # type: ignore[call-overload]
    if prefix is None:
        return ()
    return tuple(_number(name.removeprefix(prefix)) for name in form if name.startswith(prefix))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0
