"""One's own picture: small, forgotten when it goes, seen by those one works with and by nobody else."""

from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from casso.access import Actor
from casso.db import reading, transaction
from casso.enums import ChangeKind
from casso.errors import GatewayError, Invalid, NotFound, TooManyTries
from casso.gateways import pictures as gateway
from casso.gateways import storage
from casso.models import Account, Change, Membership
from casso.queries.members import list_people
from casso.queries.people import get_me
from casso.queries.profile import get_profile
from casso.queries.queues import list_queue
from casso.queries.ticket_pages import get_ticket
from casso.services import file_sweeping, pictures, replies, tickets
from tests.desks import Desk
from tests.gateways.picture_files import BLUE, bomb, picture
from tests.services.mails import mail, take_in
from tests.services.people import HOME, add_member, signed_in, trail


def blue() -> bytes:
    made = BytesIO()
    Image.new("RGB", (300, 300), BLUE).save(made, "PNG")
    return made.getvalue()


def key_of(actor: Actor) -> str:
    with reading() as session:
        return session.get_one(Account, actor.account_id).picture_key


def stored() -> list[str]:
    return list(storage.list_page(limit=100).written_at)


def fetched(viewer: Actor, place: str) -> bytes:
    account_id, version = place.split("/")
    return pictures.get_picture(viewer, int(account_id), version)


def test_a_picture_is_kept_small_and_shown_to_a_colleague(desk: Desk) -> None:
    pictures.set_picture(desk.owner, picture(size=(1200, 900)), HOME)
    place = get_me(desk.owner).picture
    assert place == f"{desk.owner.account_id}/{key_of(desk.owner)[-8:]}"
    ben = signed_in(add_member(desk.mine.organization_id))
    shown = Image.open(BytesIO(fetched(ben, place)))
    assert (shown.format, shown.size) == ("WEBP", (256, 256))
    assert key_of(desk.owner) not in place
    assert get_profile(desk.owner).has_picture


def test_whoever_works_elsewhere_finds_none(desk: Desk) -> None:
    pictures.set_picture(desk.owner, picture(), HOME)
    place = get_me(desk.owner).picture
    stranger = signed_in(desk.other.owner.account_id)
    with pytest.raises(NotFound):
        fetched(stranger, place)
    add_member(desk.other.organization_id, desk.owner.email)
    assert fetched(stranger, place)


def test_a_former_colleague_is_not_seen_any_more(desk: Desk) -> None:
    ben = signed_in(add_member(desk.mine.organization_id))
    pictures.set_picture(ben, picture(), HOME)
    place = get_me(ben).picture
    assert fetched(desk.owner, place)
    with transaction(desk.mine.organization_id) as session:
        here = Membership.organization_id == desk.mine.organization_id
        session.delete(
            session.exec(select(Membership).where(here, Membership.account_id == ben.account_id)).one()
        )
    with pytest.raises(NotFound):
        fetched(desk.owner, place)


@pytest.mark.parametrize("version", ["", "00000000", "x" * 5000, "..", "%"])
def test_another_version_is_no_picture(sqlite_desk: Desk, version: str) -> None:
    pictures.set_picture(sqlite_desk.owner, picture(), HOME)
    for account_id in (sqlite_desk.owner.account_id or 0, 0, -1, 2**40, 4711):
        with pytest.raises(NotFound):
            pictures.get_picture(sqlite_desk.owner, account_id, version)


def test_a_new_picture_lies_elsewhere_and_the_old_file_is_gone(desk: Desk) -> None:
    pictures.set_picture(desk.owner, picture(), HOME)
    first, place = key_of(desk.owner), get_me(desk.owner).picture
    pictures.set_picture(desk.owner, blue(), HOME)
    assert get_me(desk.owner).picture != place
    assert not storage.exists(first)
    assert stored() == [key_of(desk.owner)]
    with pytest.raises(NotFound):
        fetched(desk.owner, place)


def test_a_picture_can_be_removed_and_its_file_goes(desk: Desk) -> None:
    pictures.set_picture(desk.owner, picture(), HOME)
    for _ in range(2):
        pictures.remove_picture(desk.owner, HOME)
    assert stored() == []
    assert get_me(desk.owner).picture == ""
    said = "Firefox 144 on Windows, 192.0.2.7"
    assert trail(desk, "account.picture") == [f"yes, {said}", said]


def test_what_is_no_picture_leaves_the_one_before(sqlite_desk: Desk) -> None:
    pictures.set_picture(sqlite_desk.owner, picture(), HOME)
    before = key_of(sqlite_desk.owner)
    wrong = {
        b"": "error.file_empty",
        b"<svg/>": "error.picture",
        bomb(): "error.picture",
        b"\x89PNG" + b"x" * pictures.LARGEST_PICTURE: "error.file_too_large",
    }
    for data, key in wrong.items():
        with pytest.raises(Invalid) as caught:
            pictures.set_picture(sqlite_desk.owner, data, HOME)
        assert caught.value.key == key
    assert key_of(sqlite_desk.owner) == before
    assert stored() == [before]


def test_too_large_a_file_never_reaches_the_child(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "_CHILD", sqlite_desk.folder / "missing.py")
    with pytest.raises(Invalid):
        pictures.set_picture(sqlite_desk.owner, b"x" * (pictures.LARGEST_PICTURE + 1), HOME)
    with pytest.raises(GatewayError):
        pictures.set_picture(sqlite_desk.owner, b"x" * 100, HOME)


def test_uploads_are_limited(sqlite_desk: Desk) -> None:
    for _ in range(20):
        with pytest.raises(Invalid):
            pictures.set_picture(sqlite_desk.owner, b"none", HOME)
    with pytest.raises(TooManyTries):
        pictures.set_picture(sqlite_desk.owner, picture(), HOME)


def test_the_sweep_keeps_a_picture_and_takes_a_lost_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker killed between storing and writing leaves a file that no account names."""
    pictures.set_picture(desk.owner, picture(), HOME)
    lost = storage.put(desk.other.organization_id, b"lost")
    desk.clock.moment = max(storage.list_page(limit=9).written_at.values())
    desk.clock.tick(days=2)
    assert file_sweeping.sweep_files() == 1
    assert stored() == [key_of(desk.owner)]
    assert not storage.exists(lost)


def test_everywhere_a_colleague_is_named_the_picture_is(desk: Desk) -> None:
    take_in(mail())
    number = list_queue(desk.owner, "open").rows[0].number
    tickets.assign_ticket(desk.owner, number, account_id=desk.owner.account_id)
    replies.add_note(desk.owner, number, text="I take this.")
    assert list_queue(desk.owner, "mine").rows[0].assignee_picture == ""
    pictures.set_picture(desk.owner, picture(), HOME)
    place = get_me(desk.owner).picture
    page = get_ticket(desk.owner, number)
    assert list_queue(desk.owner, "mine").rows[0].assignee_picture == place
    assert page.assignee_picture == place
    assert [one.message.author_picture for one in page.entries if one.message] == ["", place]
    assert [row.picture for row in list_people(desk.owner).members] == [place]


def test_every_organization_of_the_person_is_told(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email)
    pictures.set_picture(desk.owner, picture(), HOME)
    for tenant in (desk.mine, desk.other):
        assert len(trail(desk, "account.picture", tenant.organization_id)) == 1
        with reading(tenant.organization_id) as session:
            here = Change.organization_id == tenant.organization_id
            assert session.exec(select(Change.kind).where(here)).all()[-1] == ChangeKind.PEOPLE


def test_a_file_that_is_lost_is_no_picture(sqlite_desk: Desk) -> None:
    pictures.set_picture(sqlite_desk.owner, picture(), HOME)
    place = get_me(sqlite_desk.owner).picture
    storage.delete(key_of(sqlite_desk.owner))
    with pytest.raises(NotFound):
        fetched(sqlite_desk.owner, place)
