"""Own usage: nothing before the agreement, name and day alone, gone with it, theirs to see and delete."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from casso import config, db
from casso.access import Actor, across_organizations
from casso.enums import Use
from casso.errors import Invalid
from casso.models import UsageEvent
from casso.queries.usage import get_own_usage
from casso.services import members, usage
from casso.services.sweeping import sweep
from tests.desks import Desk
from tests.services.members import member
from tests.services.people import HOME, signed_in, trail
from tests.trails import trail_of


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    usage._waiting.clear()


def kept() -> list[tuple[int, int, str, str, int]]:
    with db.reading() as session, across_organizations(session, "tests"):
        rows = session.exec(select(UsageEvent)).all()
    return sorted(
        (row.organization_id, row.account_id, row.on_day.isoformat(), row.used, row.times) for row in rows
    )


def agree(actor: Actor, *, is_given: bool = True) -> Actor:
    """The same person after saying so."""
    usage.set_agreement(actor, is_given=is_given)
    return signed_in(actor.account_id)


def use(actor: Actor, *used: Use) -> None:
    for one in used or (Use.INBOX,):
        usage.note(actor, one)
    usage.keep_noted()


def test_nothing_at_all_is_written_before_somebody_agrees(desk: Desk) -> None:
    actor = signed_in(desk.owner.account_id)
    assert actor.usage_agreed_at is None
    use(actor, *Use)
    assert usage._waiting == {}
    assert kept() == []
    assert get_own_usage(actor).has_agreed is False


def test_after_agreeing_names_are_counted_by_day_in_batches(desk: Desk) -> None:
    actor = agree(desk.owner)
    for one in (Use.INBOX, Use.INBOX, Use.TICKET):
        usage.note(actor, one)
    assert kept() == []
    assert usage.keep_noted() == 2
    use(actor)
    desk.clock.tick(days=1)
    use(actor)
    here, me = actor.organization_id, actor.account_id
    assert kept() == [
        (here, me, "2026-03-02", "inbox", 3),
        (here, me, "2026-03-02", "ticket", 1),
        (here, me, "2026-03-03", "inbox", 1),
    ]
    assert trail(desk, "account.usage") == ["off, on"]


def test_there_is_no_room_for_anything_but_a_name_of_the_list(sqlite_desk: Desk) -> None:
    """No column takes a text of somebody's, an id of a thing, or an address."""
    columns = set(UsageEvent.__table__.columns.keys())  # type: ignore[attr-defined]
    assert columns == {"id", "organization_id", "account_id", "on_day", "used", "times"}
    use(agree(sqlite_desk.owner), *Use)
    assert {row[3] for row in kept()} == {one.value for one in Use}


def test_taking_it_back_deletes_everything_and_what_was_noted_before_never_comes(desk: Desk) -> None:
    actor = agree(desk.owner)
    use(actor)
    usage.note(actor, Use.TICKET)  # waits, perhaps in another process
    after = agree(desk.owner, is_given=False)
    assert kept() == []
    use(after)
    assert kept() == []
    usage.note(actor, Use.TICKET)
    again = agree(desk.owner)
    usage.keep_noted()
    assert kept() == []
    use(again)
    assert len(kept()) == 1
    assert trail(desk, "account.usage") == ["off, on", "on, off", "off, on"]


def test_saying_the_same_twice_changes_nothing(sqlite_desk: Desk) -> None:
    first = agree(sqlite_desk.owner)
    use(first)
    assert agree(sqlite_desk.owner).usage_agreed_at == first.usage_agreed_at
    assert len(kept()) == 1
    assert trail(sqlite_desk, "account.usage") == ["off, on"]


def test_a_withdrawal_and_a_batch_at_once_leave_nothing(desk: Desk) -> None:
    for _ in range(5):
        actor = agree(desk.owner)
        usage.note(actor, Use.INBOX)
        barrier = Barrier(2)

        def at_once(act: object, gate: Barrier = barrier) -> None:
            gate.wait()
            act()  # type: ignore[operator]

        acts = (usage.keep_noted, lambda: usage.set_agreement(desk.owner, is_given=False))
        racers = [Thread(target=at_once, args=(act,)) for act in acts]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert kept() == []


def test_the_agreement_of_one_organization_counts_in_no_other(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test")
    eve = member(desk.other, "eve@other.test")
    actor = agree(ben)
    use(actor)
    use(replace(actor, organization_id=desk.other.organization_id))
    use(signed_in(eve.account_id))
    assert [row[:2] for row in kept()] == [(desk.mine.organization_id, ben.account_id)]


def test_everybody_sees_and_deletes_only_their_own(desk: Desk) -> None:
    mine, ben = agree(desk.owner), agree(member(desk.mine, "ben@example.test"))
    use(mine, Use.INBOX, Use.INBOX, Use.TICKET)
    use(ben)
    shown = get_own_usage(replace(mine, locale="de"))
    assert (shown.has_agreed, shown.days) == (True, 30)
    assert [(row.used, row.day, row.times) for row in shown.rows] == [
        ("Posteingang", "2. März 2026", 2),
        ("Ticket geöffnet", "2. März 2026", 1),
    ]
    usage.note(mine, Use.INBOX)
    usage.note(ben, Use.INBOX)
    usage.delete_own_usage(mine)
    usage.keep_noted()
    assert [row[1] for row in kept()] == [ben.account_id]
    assert get_own_usage(mine).rows == ()
    assert get_own_usage(mine).has_agreed
    assert len(trail_of(desk.mine.organization_id, "account.usage_deleted")) == 1


def test_counts_go_after_the_days_of_the_setting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSO_USAGE_DAYS", "7")
    config.settings.cache_clear()
    use(agree(desk.owner))
    desk.clock.tick(days=7)
    sweep()
    assert len(kept()) == 1
    desk.clock.tick(days=1)
    sweep()
    assert kept() == []


def test_a_desk_that_counts_nothing_takes_no_agreement_and_forgets_what_there_was(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = agree(sqlite_desk.owner)
    use(actor)
    monkeypatch.setenv("CASSO_USAGE_DAYS", "0")
    config.settings.cache_clear()
    use(actor)
    assert kept()[0][4] == 1
    sqlite_desk.clock.tick(days=1)
    sweep()
    assert kept() == []
    with pytest.raises(Invalid):
        usage.set_agreement(signed_in(member(sqlite_desk.mine, "b@example.test").account_id), is_given=True)
    usage.set_agreement(sqlite_desk.owner, is_given=False)


def test_who_leaves_an_organization_takes_their_counts_along(desk: Desk) -> None:
    ben = agree(member(desk.mine, "ben@example.test"))
    use(ben)
    usage.note(ben, Use.TICKET)
    members.remove_member(desk.owner, ben.account_id or 0, caller=HOME)
    usage.keep_noted()
    assert kept() == []


def test_one_persons_usage_keeps_nobody_from_sharing_what_is_read(sqlite_desk: Desk) -> None:
    actor = agree(sqlite_desk.owner)
    assert actor.sight == replace(actor, usage_agreed_at=None).sight
