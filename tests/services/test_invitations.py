"""Invitations: what they may grant, the one link that is good, and what the mail says."""

import hashlib
import json

import pytest
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.errors import AlreadyDone, Invalid, NotAllowed, NotFound, TooManyTries
from casso.gateways.secrets import decrypt
from casso.models import Account, Invitation
from casso.services import invitations, notice_sending, own_roles
from casso.services.invitations import InvitationForm
from casso.services.joining import find_invitation
from casso.services.login_sweeping import sweep_login
from casso.services.notices import NoticeKind
from tests.desks import Desk, Tenant
from tests.services.members import member, team
from tests.services.people import AWAY, HOME, notices
from tests.services.test_notices import outbox
from tests.trails import trail_of

NEW = "new@example.test"


def invite(actor: Actor, email: str = NEW, role: str = "agent", **more: object) -> int:
    return invitations.invite(actor, InvitationForm(email, role, **more), caller=HOME)  # type: ignore[arg-type]


def links(desk: Desk) -> list[str]:
    """The links of the invitations that wait to leave, oldest first."""
    found = [json.loads(decrypt(one.sealed)) for one in notices() if one.kind == NoticeKind.INVITATION]
    return [str(values["link"]) for values in found]


def mailed_links(desk: Desk) -> list[str]:
    """The links in the mails that left."""
    notice_sending.send_due(100)
    bodies = [mail.get_body(("plain",)) for mail in outbox(desk)]
    return [word for body in bodies if body for word in body.get_content().split() if "/invitation/" in word]


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def pending(tenant: Tenant) -> list[Invitation]:
    here = tenant.organization_id
    with db.reading(here) as session:
        return list(session.exec(select(Invitation).where(Invitation.organization_id == here)).all())


def test_an_invitation_is_a_mail_with_a_link_to_this_desk_and_a_hash_that_stays(desk: Desk) -> None:
    invite(desk.owner, " New@Example.test ")
    (link,) = links(desk)
    assert mailed_links(desk) == [link]
    assert link.startswith("http://desk.example:3000/invitation/")
    token = token_of(link)
    assert len(token) >= 43
    (row,) = pending(desk.mine)
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert (row.email, row.role, row.inviter_id) == (NEW, "agent", desk.owner.account_id)
    assert (row.expires_at - row.created_at).total_seconds() == pytest.approx(7 * 24 * 3600, abs=1)
    (mail,) = outbox(desk)
    assert (mail["To"], mail["Subject"]) == (NEW, "Olga Example invites you to Example")
    assert mail["Auto-Submitted"] == "auto-generated"
    (line,) = trail_of(desk.mine.organization_id, "invitation.sent")
    assert (line.account_id, line.after) == (desk.owner.account_id, f"{NEW}, agent")


def test_the_token_lies_nowhere_in_the_database(sqlite_desk: Desk) -> None:
    invite(sqlite_desk.owner)
    token = token_of(links(sqlite_desk)[0])
    with db.engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in sqlite_desk.folder.glob("casso.db*"):
        assert token.encode() not in path.read_bytes()


def test_answer_and_mail_are_the_same_whether_the_address_has_an_account_or_not(desk: Desk) -> None:
    member(desk.other, "known@other.test")
    first, second = invite(desk.owner, "known@other.test"), invite(desk.owner, "nobody@other.test")
    assert second == first + 1
    assert len(mailed_links(desk)) == 2
    known, unknown = outbox(desk)
    assert known["Subject"] == unknown["Subject"]
    texts = [mail.get_body(("plain",)).get_content().split("/invitation/")[0] for mail in (known, unknown)]  # type: ignore[union-attr]
    assert texts[0] == texts[1]
    assert [notice.account_id for notice in notices()] == [None, None]


@pytest.mark.parametrize(
    ("role", "wanted", "allowed"),
    [
        (Role.OWNER, "owner", True),
        (Role.ADMIN, "owner", False),
        (Role.ADMIN, "admin", True),
        (Role.AGENT, "viewer", False),
        (Role.VIEWER, "viewer", False),
    ],
)
def test_nobody_invites_above_themselves(sqlite_desk: Desk, role: Role, wanted: str, allowed: bool) -> None:
    actor = member(sqlite_desk.mine, "ben@example.test", role)
    if allowed:
        invite(actor, role=wanted)
    else:
        with pytest.raises(NotAllowed):
            invite(actor, role=wanted)
    assert len(pending(sqlite_desk.mine)) == int(allowed)


def test_an_own_role_is_not_more_than_its_giver_has_and_ours(desk: Desk) -> None:
    strong = own_roles.create_role(desk.owner, name="Strong", permissions=("trail.read",))
    theirs = own_roles.create_role(desk.other.owner, name="Theirs", permissions=())
    leader = member(desk.mine, "ada@example.test", Role.OWN, own=("members.manage",))
    with pytest.raises(NotAllowed, match="role_has_more"):
        invite(leader, role="own", own_role_id=strong)
    for role_id in (theirs, None, 0, 2**40):
        with pytest.raises(NotFound):
            invite(desk.owner, role="own", own_role_id=role_id)
    assert pending(desk.mine) == []


@pytest.mark.parametrize("role", ["system", "", "root", "Owner"])
def test_a_role_that_is_none_is_refused(sqlite_desk: Desk, role: str) -> None:
    with pytest.raises(Invalid):
        invite(sqlite_desk.owner, role=role)


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@", "a@b@c.test", "a b@example.test", "a@example.test\nBcc: x"]
)
def test_an_address_that_is_none_is_refused(sqlite_desk: Desk, email: str) -> None:
    with pytest.raises(Invalid, match=r"error\.email"):
        invite(sqlite_desk.owner, email)


def test_a_view_is_checked_when_inviting(desk: Desk) -> None:
    billing, theirs = team(desk.mine, "Billing"), team(desk.other, "Theirs")
    for sees, ids in (("teams", (theirs,)), ("mailboxes", (desk.other.mailbox_id,)), ("teams", (0,))):
        with pytest.raises(NotFound):
            invite(desk.owner, sees=sees, seen_ids=ids)
    with pytest.raises(Invalid):
        invite(desk.owner, sees="some")
    with pytest.raises(Invalid, match="owner_sees_all"):
        invite(desk.owner, role="owner", sees="teams", seen_ids=(billing,))
    invite(desk.owner, sees="teams", seen_ids=(billing, billing))
    assert [(row.sees, row.seen_ids) for row in pending(desk.mine)] == [("teams", (str(billing),))]


def test_a_member_or_somebody_invited_is_not_invited_again(desk: Desk) -> None:
    member(desk.mine, "ben@example.test")
    with pytest.raises(Invalid, match="member_already"):
        invite(desk.owner, "BEN@example.test")
    invite(desk.owner)
    with pytest.raises(Invalid, match="invited_already"):
        invite(desk.owner)
    invite(desk.other.owner)
    assert (len(pending(desk.mine)), len(pending(desk.other))) == (1, 1)


def test_an_invitation_that_is_over_makes_way_for_a_new_one(desk: Desk) -> None:
    invite(desk.owner)
    desk.clock.tick(days=7, seconds=1)
    invite(desk.owner, role="viewer")
    assert [row.role for row in pending(desk.mine)] == ["viewer"]


def test_asking_again_makes_the_link_before_worthless(desk: Desk) -> None:
    number = invite(desk.owner)
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    desk.clock.tick(days=3)
    invitations.resend(ada, number, caller=HOME)
    first, second = (token_of(link) for link in links(desk))
    with pytest.raises(Invalid, match=r"error\.link"):
        find_invitation(first)
    assert find_invitation(second).inviter == "Ada"
    desk.clock.tick(days=6)
    assert find_invitation(second).email == NEW


def test_asking_again_needs_what_inviting_needs(desk: Desk) -> None:
    number = invite(desk.owner, role="owner")
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    with pytest.raises(NotAllowed, match="role_has_more"):
        invitations.resend(ada, number, caller=HOME)
    assert find_invitation(token_of(links(desk)[0])).email == NEW


def test_taken_back_means_the_link_is_dead(desk: Desk) -> None:
    number = invite(desk.owner)
    invitations.revoke(desk.owner, number)
    with pytest.raises(Invalid, match=r"error\.link"):
        find_invitation(token_of(links(desk)[0]))
    assert pending(desk.mine) == []
    assert len(trail_of(desk.mine.organization_id, "invitation.revoked")) == 1


def test_another_organizations_invitation_does_not_exist(desk: Desk) -> None:
    theirs = invite(desk.other.owner)
    for number in (theirs, 0, -1, 2**40):
        with pytest.raises(NotFound):
            invitations.resend(desk.owner, number, caller=HOME)
        with pytest.raises(NotFound):
            invitations.revoke(desk.owner, number)
    assert len(pending(desk.other)) == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_agents_and_viewers_do_nothing_with_invitations(sqlite_desk: Desk, role: Role) -> None:
    number = invite(sqlite_desk.owner)
    ben = member(sqlite_desk.mine, "ben@example.test", role)
    with pytest.raises(NotAllowed):
        invitations.resend(ben, number, caller=HOME)
    with pytest.raises(NotAllowed):
        invitations.revoke(ben, number)
    assert len(pending(sqlite_desk.mine)) == 1


def test_an_intent_counts_once(sqlite_desk: Desk) -> None:
    form = InvitationForm(NEW)
    invitations.invite(sqlite_desk.owner, form, caller=HOME, intent="a")
    with pytest.raises(AlreadyDone):
        invitations.invite(sqlite_desk.owner, form, caller=HOME, intent="a")
    assert len(links(sqlite_desk)) == 1


def test_an_organization_that_invites_the_whole_world_has_to_wait(sqlite_desk: Desk) -> None:
    """Its people share one count, from whatever network they come."""
    ada = member(sqlite_desk.mine, "ada@example.test", Role.ADMIN)
    sent = 0
    with pytest.raises(TooManyTries):
        for number in range(100):
            actor, caller = (ada, AWAY) if number % 2 else (sqlite_desk.owner, HOME)
            invitations.invite(actor, InvitationForm(f"n{number}@world.test"), caller=caller)
            sent += 1
    assert sent == 20
    invite(sqlite_desk.other.owner)


def test_an_invitation_nobody_took_is_forgotten_a_month_after_its_end(desk: Desk) -> None:
    invite(desk.owner)
    desk.clock.tick(days=36)
    sweep_login()
    assert len(pending(desk.mine)) == 1
    desk.clock.tick(days=2)
    sweep_login()
    assert pending(desk.mine) == []


def test_names_in_the_mail_stay_on_their_line(sqlite_desk: Desk) -> None:
    """An organization's name is the inviter's own words: it makes no header and no second link."""
    actor = member(sqlite_desk.mine, "eve@example.test", Role.ADMIN)
    with db.transaction(actor.organization_id) as session:
        session.get_one(Account, actor.account_id).first_name = "Eve\r\nBcc: all@world.test"
    invite(actor)
    notice_sending.send_due()
    (mail,) = outbox(sqlite_desk)
    assert (mail["Bcc"], mail["To"]) == (None, NEW)
