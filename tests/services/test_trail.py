"""The marks of every act hold exactly when the act holds."""

import pytest
from sqlmodel import select

from casso.db import reading, transaction
from casso.enums import ChangeKind
from casso.errors import AlreadyDone
from casso.models import Change, Intent
from casso.queries.changes import list_changes, newest_change
from casso.services.trail import announce, once, record
from tests.desks import Desk
from tests.trails import trail_of


def test_an_act_that_fails_leaves_no_mark(desk: Desk) -> None:
    before = newest_change()
    with pytest.raises(RuntimeError), transaction(desk.owner.organization_id) as session:
        record(session, desk.owner, "ticket.status", ticket_id=1, before="open", after="solved")
        announce(session, desk.owner, ChangeKind.TICKET_CHANGED, ticket_id=1)
        once(session, desk.owner, "an-intent")
        session.flush()
        raise RuntimeError
    assert newest_change() == before
    assert trail_of(desk.owner.organization_id, "ticket.status") == []


def test_the_same_intent_is_carried_out_once(desk: Desk) -> None:
    with transaction(desk.owner.organization_id) as session:
        once(session, desk.owner, "click-1")
    with pytest.raises(AlreadyDone), transaction(desk.owner.organization_id) as session:
        once(session, desk.owner, "click-1")
        announce(session, desk.owner, ChangeKind.TICKET_CHANGED)


def test_two_organizations_may_use_the_same_intent(desk: Desk) -> None:
    for actor in (desk.owner, desk.other.owner):
        with transaction(actor.organization_id) as session:
            once(session, actor, "click-1")


def test_without_an_intent_nothing_is_marked(sqlite_desk: Desk) -> None:
    for _ in range(2):
        with transaction(sqlite_desk.owner.organization_id) as session:
            once(session, sqlite_desk.owner, "")
    with reading(sqlite_desk.owner.organization_id) as session:
        mine = Intent.organization_id == sqlite_desk.owner.organization_id
        assert session.exec(select(Intent).where(mine)).all() == []


def test_changes_come_in_order_with_their_organization(desk: Desk) -> None:
    start = newest_change()
    for actor, ticket in ((desk.owner, 4), (desk.other.owner, 9)):
        with transaction(actor.organization_id) as session:
            announce(session, actor, ChangeKind.TICKET_CREATED, ticket_id=ticket)
    found = list_changes(start)
    assert [(row.organization_id, row.ticket_id) for row in found] == [
        (desk.owner.organization_id, 4),
        (desk.other.owner.organization_id, 9),
    ]
    assert list_changes(found[-1].id) == ()


def test_a_change_without_a_ticket_names_none(sqlite_desk: Desk) -> None:
    start = newest_change()
    with transaction(sqlite_desk.owner.organization_id) as session:
        announce(session, sqlite_desk.owner, ChangeKind.SETTINGS)
    assert list_changes(start)[0].ticket_id == 0
    with reading(sqlite_desk.owner.organization_id) as session:
        mine = Change.organization_id == sqlite_desk.owner.organization_id
        assert session.exec(select(Change.ticket_id).where(mine)).all()[-1] is None
