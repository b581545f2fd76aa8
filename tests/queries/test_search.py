"""Search means what was typed, finds only one's own tickets, and costs what one's own terms cost."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from casso import db
from casso.access import Actor
from casso.clock import now
from casso.db import transaction
from casso.enums import MessageKind
from casso.models import Customer, Message, SearchDocument, Ticket
from casso.queries import search
from casso.queries.search import search_tickets
from casso.rules.search_terms import query_terms, terms
from casso.rules.snippets import MARK_END, MARK_START
from casso.services import search_index
from tests.bare import bare
from tests.desks import Desk, Tenant


def add_ticket(
    tenant: Tenant, number: int, *bodies: str, subject: str = "A matter", name: str = "Ann"
) -> None:
    """A ticket with these messages, as intake would write it."""
    actor = tenant.system
    with transaction(actor.organization_id) as session:
        customer = Customer(
            organization_id=actor.organization_id, email=f"c{number}@mail.test", name=name, created_at=now()
        )
        session.add(customer)
        session.flush()
        ticket = Ticket(
            organization_id=actor.organization_id,
            number=number,
            subject=subject,
            customer_id=customer.id or 0,
            reply_token=f"{actor.organization_id}-{number}",
            preview=bodies[-1][:120],
            last_activity_at=now(),
            created_at=now(),
        )
        session.add(ticket)
        session.flush()
        for body in bodies:
            message = Message(
                organization_id=actor.organization_id,
                ticket_id=ticket.id or 0,
                kind=MessageKind.INCOMING,
                text=body,
                full_text=body,
                created_at=now(),
            )
            session.add(message)
            session.flush()
            search_index.put(
                session,
                actor,
                message_id=message.id or 0,
                ticket_id=ticket.id or 0,
                number=number,
                subject=subject,
                customer=f"{name} {customer.email}",
                body=body,
            )


def numbers(actor: Actor, query: str) -> list[int]:
    return [row.number for row in search_tickets(actor, query)[0]]


def all_pages(actor: Actor, query: str, limit: int) -> list[int]:
    found: list[int] = []
    cursor = ""
    while True:
        rows, cursor = search_tickets(actor, query, cursor=cursor, limit=limit)
        found += [row.number for row in rows]
        if not cursor:
            return found


def test_subject_body_customer_and_number_are_searched(desk: Desk) -> None:
    add_ticket(desk.mine, 41, "The parcel is gone", subject="Delivery trouble", name="Zoë Quinn")
    for query in ("parcel", "delivery", "zoe", "quinn", "c41@mail.test", "41", "#41", "parcel delivery zoë"):
        assert numbers(desk.owner, query) == [41], query
    assert numbers(desk.owner, "parcel invoice") == []


def test_another_organizations_ticket_is_never_found(desk: Desk) -> None:
    add_ticket(desk.other, 1, "A secret word")
    add_ticket(desk.mine, 2, "Nothing of the sort")
    assert numbers(desk.owner, "secret") == []
    assert numbers(desk.owner, "#1") == []
    assert numbers(desk.other.owner, "secret") == [1]


def test_the_newest_message_decides_the_order(desk: Desk) -> None:
    for number in (1, 2, 3):
        add_ticket(desk.mine, number, "lamp")
    assert numbers(desk.owner, "lamp") == [3, 2, 1]


def test_a_bare_number_finds_its_ticket_before_what_mentions_it(desk: Desk) -> None:
    add_ticket(desk.mine, 7, "hello")
    add_ticket(desk.mine, 8, "see ticket 7 please")
    assert numbers(desk.owner, "7") == [7, 8]
    assert numbers(desk.owner, " #7 ") == [7, 8]
    assert numbers(desk.owner, "see 7") == [8]


def test_a_ticket_with_many_hits_comes_once_on_all_pages_together(desk: Desk) -> None:
    add_ticket(desk.mine, 1, *["lamp again"] * 30)
    for number in range(2, 12):
        add_ticket(desk.mine, number, "lamp", "lamp")
    for limit in (1, 3, 50):
        assert all_pages(desk.owner, "lamp", limit) == [*range(11, 0, -1)]


def test_an_old_hit_of_a_ticket_shown_before_does_not_return(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "lamp")
    add_ticket(desk.mine, 2, "lamp")
    add_to_ticket(desk, 1, "lamp")
    assert all_pages(desk.owner, "lamp", 1) == [1, 2]


def add_to_ticket(desk: Desk, ticket_id: int, body: str) -> None:
    """One more message in a ticket."""
    here = desk.mine.organization_id
    with transaction(here) as session:
        message = Message(
            organization_id=here, ticket_id=ticket_id, kind=MessageKind.INCOMING, text=body, created_at=now()
        )
        session.add(message)
        session.flush()
        session.execute(
            insert(SearchDocument).values(
                message_id=message.id, organization_id=here, ticket_id=ticket_id, terms=terms(here, body)
            )
        )


def test_a_two_character_word_is_found(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "私は東京都に住んでいます")
    assert numbers(desk.owner, "京都") == [1]
    assert numbers(desk.owner, "大阪") == []


def test_accents_and_case_do_not_matter(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "Die STRASSE zum Café")
    for query in ("straße", "cafe", "CAFÉ"):
        assert numbers(desk.owner, query) == [1]


def test_found_words_are_marked_in_the_snippet(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "Where is my lamp?")
    (row,), _ = search_tickets(desk.owner, "lamp")
    assert f"{MARK_START}lamp{MARK_END}?" in row.snippet
    assert row.customer_name == "Ann"
    assert row.age_iso.endswith("Z")


def test_found_words_are_marked_in_subject_and_name_too(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "Hello", subject="About my lamp", name="Zoë Quinn")
    ((by_subject,), _), ((by_name,), _) = (
        search_tickets(desk.owner, "lamp "),
        search_tickets(desk.owner, "zo"),
    )
    assert by_subject.subject == f"About my {MARK_START}lamp{MARK_END}"
    assert by_name.customer_name == f"{MARK_START}Zoë{MARK_END} Quinn"
    assert MARK_START not in by_subject.customer_name + by_subject.snippet + by_name.subject


@pytest.mark.parametrize(
    "query", ["", "   ", "%", "_", "'", '"', "*", "()", "NEAR", "a" * 10_000, "AND OR NOT"]
)
def test_signs_and_operators_have_no_meaning(desk: Desk, query: str) -> None:
    add_ticket(desk.mine, 1, "Nothing special")
    assert numbers(desk.owner, query) == []


def test_operators_are_words(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "either this or that, but not near")
    assert numbers(desk.owner, "OR NOT NEAR ") == [1]


def test_ten_kilobytes_of_query_are_bounded(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "lamp")
    assert len(query_terms(1, "word " * 2_000)) <= 16
    assert numbers(desk.owner, "lamp " * 2_000) == [1]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "1; drop table ticket", "²"])
def test_a_foreign_cursor_begins_at_the_newest(desk: Desk, cursor: str) -> None:
    add_ticket(desk.mine, 1, "lamp")
    assert [row.number for row in search_tickets(desk.owner, "lamp", cursor=cursor)[0]] == [1]


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=60))
def test_any_text_is_found_by_its_words_or_not_at_all(sqlite_desk: Desk, query: str) -> None:
    """Whatever is typed: no error, and exactly the tickets that hold every term."""
    if not numbers(sqlite_desk.owner, "#1"):
        add_ticket(sqlite_desk.mine, 1, "the quick brown fox 東京都 café 100% _x_")
    wanted = query_terms(1, query)
    here = sqlite_desk.mine.organization_id
    stored = set(terms(here, "1 A matter Ann c1@mail.test the quick brown fox 東京都 café 100% _x_").split())
    holds = bool(wanted) and all(
        any(term.startswith(one[:-1]) for term in stored) if one.endswith("*") else one in stored
        for one in query_terms(here, query)
    )
    assert (1 in numbers(sqlite_desk.owner, query)) == holds


def test_a_small_organization_reads_only_its_own_terms(desk: Desk) -> None:
    """The other organization has a thousand times as many hits; the plan and the rows read stay the same."""
    for number in range(1, 11):
        add_ticket(desk.mine, number, "lamp")
    _fill_other(desk, 2_000)
    assert len(numbers(desk.owner, "lamp")) == 10
    is_sqlite = desk.kind == "sqlite"
    asked = query_terms(desk.mine.organization_id, "lamp ")
    matching = (
        "SELECT count(*) FROM search_index WHERE search_index MATCH :query"
        if is_sqlite
        else "SELECT count(*) FROM search_document WHERE vector @@ cast(:query AS tsquery)"
    )
    query = search._fts5_query(asked) if is_sqlite else search._tsquery(asked)
    with bare() as connection:  # of all organizations, and still no other's is touched
        touched = connection.execute(text(matching), {"query": query}).scalar_one()
    assert touched == 10
    lines = plan(desk)
    assert not any("Seq Scan" in line or "SCAN d" in line for line in lines), lines


def plan(desk: Desk) -> list[str]:
    """How the database goes about the search."""
    asked = query_terms(desk.mine.organization_id, "lamp ")
    is_sqlite = desk.kind == "sqlite"
    statement = search._SQLITE_HITS if is_sqlite else search._POSTGRES_HITS
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    values = {
        "query": search._fts5_query(asked) if is_sqlite else search._tsquery(asked),
        "before": search.NEWEST,
        "organization": desk.mine.organization_id,
        "limit": 200,
    }
    with bare(str(desk.mine.organization_id)) as connection:
        if not is_sqlite:
            connection.execute(text("ANALYZE search_document"))
        return [str(row[-1]) for row in connection.execute(text(explain + statement), values)]


def _fill_other(desk: Desk, count: int) -> None:
    add_ticket(desk.other, 1, "lamp")
    here = desk.other.organization_id
    with db.transaction(here) as session:
        ticket_id = session.execute(
            text("SELECT id FROM ticket WHERE organization_id = :here"), {"here": here}
        ).scalar_one()
        rows = [
            {"organization_id": here, "ticket_id": ticket_id, "kind": "incoming", "created_at": now()}
            for _ in range(count)
        ]
        session.execute(insert(Message), rows)
        ids = session.execute(text("SELECT id FROM message WHERE organization_id = :here"), {"here": here})
        taken = session.execute(
            text("SELECT message_id FROM search_document WHERE organization_id = :here"), {"here": here}
        )
        fresh = {one for (one,) in ids} - {one for (one,) in taken}
        session.execute(
            insert(SearchDocument),
            [
                {
                    "message_id": one,
                    "organization_id": here,
                    "ticket_id": ticket_id,
                    "terms": terms(here, "lamp"),
                }
                for one in sorted(fresh)
            ],
        )
