"""Files that wait for their message are listed to the one account that uploaded them, until they are sent."""

from dataclasses import replace

import pytest

from casso.access import Actor
from casso.enums import Role
from casso.errors import NotAllowed
from casso.queries.uploads import MOST_ASKED, list_waiting_uploads
from casso.services import attachments, replies
from tests.desks import Desk
from tests.queries.plans import recorded
from tests.services.mails import mail, take_in


def upload(actor: Actor, name: str) -> str:
    return attachments.store_upload(actor, name, "text/plain", b"hello").id


def names(actor: Actor, *ids: str) -> list[str]:
    return [row.name for row in list_waiting_uploads(actor, ids)]


def test_ones_own_waiting_files_come_in_the_order_asked_for(desk: Desk) -> None:
    first, second = upload(desk.owner, "a.txt"), upload(desk.owner, "b.txt")
    assert names(desk.owner, second, "no-such-id", first, second) == ["b.txt", "a.txt"]
    assert names(desk.owner) == names(desk.owner, "", "'") == []


def test_a_colleague_and_another_organization_see_nothing(desk: Desk) -> None:
    own = upload(desk.owner, "a.txt")
    colleague = replace(desk.owner, account_id=desk.other.owner.account_id)
    elsewhere = replace(desk.owner, organization_id=desk.other.organization_id)
    assert names(colleague, own) == names(elsewhere, own) == names(desk.other.owner, own) == []
    assert names(desk.owner, own) == ["a.txt"]


def test_what_was_sent_waits_no_longer(desk: Desk) -> None:
    take_in(mail())
    sent, kept = upload(desk.owner, "sent.txt"), upload(desk.owner, "kept.txt")
    replies.add_note(desk.owner, 1, text="See there", upload_ids=(sent,))
    assert names(desk.owner, sent, kept) == ["kept.txt"]


def test_many_ids_are_one_statement_and_have_an_end(desk: Desk) -> None:
    own = upload(desk.owner, "a.txt")
    many = tuple(f"id-{number}" for number in range(MOST_ASKED))
    with recorded() as found:
        assert names(desk.owner, own, *many) == ["a.txt"]
    assert len(found) == 1
    assert names(desk.owner, *many, own) == []


def test_who_may_not_write_has_no_drafts(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        names(replace(desk.owner, role=Role.VIEWER), "x")
