"""The trail as a page reads it: who may, what each filter leaves, nothing twice, nothing of others."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casso.access import Actor
from casso.db import reading, transaction
from casso.enums import Role
from casso.errors import NotAllowed
from casso.models import Account
from casso.queries.trail import (
    NOBODY,
    TrailFilter,
    TrailRow,
    actions_in_use,
    export_trail,
    list_trail,
    people_in_use,
)
from casso.services.trail_writing import Line, append
from tests.desks import START, Desk
from tests.queries.plans import plans
from tests.queries.test_search import add_ticket

DAY = timedelta(days=1)


def write(desk: Desk, *lines: Line) -> None:
    with transaction(desk.mine.organization_id) as session:
        append(session, desk.mine.organization_id, lines)


def rows(actor: Actor, **wanted: object) -> list[TrailRow]:
    """Everything that fits, page after page, three a page."""
    found: list[TrailRow] = []
    cursor = ""
    while True:
        page = list_trail(actor, TrailFilter(**wanted), cursor=cursor, limit=3)  # type: ignore[arg-type]
        found += page.rows
        cursor = page.next_cursor
        if not cursor:
            return found


def numbers(actor: Actor, **wanted: object) -> list[int]:
    return [row.number for row in rows(actor, **wanted)]


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Ten entries after the first: by two people and by the desk, of two tickets, over three days."""
    add_ticket(desk.mine, 7, "a lamp")
    with transaction(desk.mine.organization_id) as session:
        session.add(Account(id=77, email="ben@example.test", first_name="Ben", created_at=START))
    ticket_id = 1
    actions = ("ticket.status", "ticket.priority", "session.started", "mailbox.changed", "ticket.status")
    write(
        desk,
        *(
            Line(
                action,
                at=START + timedelta(hours=1 + index * 7),
                account_id=(desk.owner.account_id, 77, None)[index % 3],
                ticket_id=ticket_id if action.startswith("ticket") else None,
                actor_name=("Olga Example", "Ben", "")[index % 3],
                before="new",
                after="open",
            )
            for index, action in enumerate(actions * 2)
        ),
    )
    return desk


def test_the_newest_comes_first_and_no_entry_twice(busy: Desk) -> None:
    found = numbers(busy.owner)
    assert sorted(found) == list(range(1, 12))
    moments = [row.at_iso for row in rows(busy.owner)]
    assert moments == sorted(moments, reverse=True)


def test_entries_of_one_moment_are_all_shown(desk: Desk) -> None:
    write(desk, *[Line("ticket.status", at=START + DAY)] * 8)
    assert numbers(desk.owner) == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_an_entry_that_comes_meanwhile_neither_repeats_nor_skips_another(busy: Desk) -> None:
    first = list_trail(busy.owner, TrailFilter(), limit=3)
    write(busy, Line("ticket.status", at=START + 9 * DAY))
    second = list_trail(busy.owner, TrailFilter(), cursor=first.next_cursor, limit=3)
    assert [row.number for row in (*first.rows, *second.rows)] == [11, 10, 9, 8, 7, 6]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"person": 77}, [9, 6, 3]),
        ({"person": NOBODY}, [10, 7, 4]),
        ({"kind": "ticket"}, [11, 8, 7, 6, 3, 2]),
        ({"kind": "mailbox"}, [10, 5]),
        ({"kind": "nothing"}, []),
        ({"words": "STATUS"}, [11, 7, 6, 2]),
        ({"words": "signed in"}, [9, 4]),
        ({"words": "%"}, []),
        ({"words": "' OR 1=1 --"}, []),
        ({"ticket": 7}, [11, 8, 7, 6, 3, 2]),
        ({"ticket": 8}, []),
        ({"ticket": -1}, []),
        ({"ticket": 2**70}, []),
        ({"person": 2**70}, []),
        ({"person": -2}, []),
        ({"kind": "ticket", "person": 77}, [6, 3]),
        ({"kind": "ticket", "words": "priority", "person": 77, "ticket": 7}, [3]),
        ({"first_day": "2026-03-04"}, [11, 10, 9, 8]),
        ({"last_day": "2026-03-02"}, [3, 2, 1]),
        ({"first_day": "2026-03-03", "last_day": "2026-03-03"}, [7, 6, 5, 4]),
        ({"first_day": "2026-03-03", "last_day": "2026-03-03", "kind": "ticket"}, [7, 6]),
        ({"first_day": "2026-02-30"}, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"first_day": "9999-12-31"}, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_each_filter_leaves_what_fits(busy: Desk, wanted: dict[str, object], expected: list[int]) -> None:
    assert numbers(busy.owner, **wanted) == expected


def test_a_day_is_the_readers_day(desk: Desk) -> None:
    """Midnight in Berlin is 23:00 UTC of the day before, in Los Angeles 08:00 of the same day."""
    write(desk, Line("ticket.status", at=datetime(2026, 3, 9, 23, 30, tzinfo=UTC)))
    day = {"first_day": "2026-03-10", "last_day": "2026-03-10"}
    assert numbers(replace(desk.owner, time_zone="Europe/Berlin"), **day) == [2]
    assert numbers(desk.owner, **day) == []
    assert numbers(replace(desk.owner, time_zone="America/Los_Angeles"), first_day="2026-03-10") == []


@pytest.mark.parametrize("cursor", ["x", "1", "-1.2", "99999999999999999.1", "1.99999999999", "' --.1"])
def test_a_cursor_that_is_none_of_ours_breaks_nothing(busy: Desk, cursor: str) -> None:
    assert len(list_trail(busy.owner, TrailFilter(), cursor=cursor).rows) in (0, 11)


def test_nothing_of_another_organization_is_ever_shown(busy: Desk) -> None:
    assert numbers(busy.other.owner) == [1]
    assert numbers(busy.other.owner, ticket=7) == []
    assert numbers(busy.other.owner, person=busy.owner.account_id) == []


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_only_owners_and_admins_read_it(sqlite_desk: Desk, role: Role) -> None:
    actor = replace(sqlite_desk.owner, role=role)
    with pytest.raises(NotAllowed):
        list_trail(actor, TrailFilter())
    with pytest.raises(NotAllowed):
        export_trail(actor, TrailFilter())
    assert list_trail(replace(actor, role=Role.ADMIN), TrailFilter()).rows


def test_a_row_says_who_did_what_in_the_readers_language(busy: Desk) -> None:
    status = rows(busy.owner, person=77, words="status")[0]
    assert status.said == "Ben changed the status of #7 from New to Open"
    german = rows(replace(busy.owner, locale="de"), person=77, words="Status")[0]
    assert german.said == "Ben hat den Status von #7 von Neu auf Offen geändert"
    assert (status.ticket_number, status.before, status.after) == (7, "new", "open")


def test_the_export_is_the_same_rows_in_pieces(busy: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casso.queries.trail.EXPORTED_AT_ONCE", 4)
    assert [row.number for row in export_trail(busy.owner, TrailFilter())] == numbers(busy.owner)
    assert [row.number for row in export_trail(busy.owner, TrailFilter(person=77))] == [9, 6, 3]


def test_the_choices_are_what_occurs(busy: Desk) -> None:
    with reading(busy.mine.organization_id) as session:
        assert actions_in_use(session, busy.owner) == [
            "mailbox.changed", "organization.created", "session.started", "ticket.priority", "ticket.status",
        ]  # fmt: skip
        assert people_in_use(session, busy.owner) == sorted({busy.owner.account_id, 77})


FILTERS = {
    "ix_trail_time": {},
    "ix_trail_person": {"person": 5},
    "ix_trail_action": {"kind": "mailbox"},
    "ix_trail_ticket": {"ticket": 7},
}


@pytest.mark.parametrize(("index", "wanted"), FILTERS.items())
def test_each_filter_has_its_index(desk: Desk, index: str, wanted: dict[str, object]) -> None:
    """With 20,000 entries, as EXPLAIN says on either database."""
    add_ticket(desk.mine, 7, "a lamp")
    moments = itertools.count()
    lines = [
        Line(
            "mailbox.changed" if number % 1000 == 0 else "ticket.status",
            at=START + next(moments) * timedelta(seconds=1),
            account_id=number % 40 + 1,
            ticket_id=number % 2000 + 1,
        )
        for number in range(20_000)
    ]
    write(desk, *lines)
    analyze(desk)
    found = plans(lambda: list_trail(desk.owner, TrailFilter(**wanted)))  # type: ignore[arg-type]
    assert any(index in plan for plan in found), "\n".join(found)
    assert not any("SCAN trail_entry\n" in plan + "\n" or "Seq Scan on trail_entry" in plan for plan in found)


def test_a_day_among_many_is_found_by_time(desk: Desk) -> None:
    write(
        desk, *(Line("ticket.status", at=START + number * timedelta(minutes=9)) for number in range(20_000))
    )
    analyze(desk)
    day = TrailFilter(first_day="2026-05-01", last_day="2026-05-01")
    found = plans(lambda: list_trail(desk.owner, day))
    assert any("ix_trail_time" in plan for plan in found), "\n".join(found)


def analyze(desk: Desk) -> None:
    """What the database would have counted by itself by now."""
    from casso import db

    if desk.kind == "postgresql":
        with db.engine().begin() as connection:
            connection.exec_driver_sql("ANALYZE")
