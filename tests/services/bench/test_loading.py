"""What is loaded in bulk looks to every query as if intake had written it, and work goes on from there."""

import pytest
from sqlmodel import SQLModel

from casso.enums import Queue
from casso.models import Customer, Message, Ticket
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue
from casso.services.bench import corpus, loading, queries
from casso.services.bench.mails import small_mails
from casso.services.bench.timing import percentile, times_ms
from casso.services.direct_intake import take_in
from casso.services.login import sign_in
from casso.services.passwords import hash_password
from casso.services.replies import send_reply
from casso.services.sessions import find_session
from tests.desks import PASSWORD, START, Desk

TICKETS = 60


def load(desk: Desk) -> loading.Loaded:
    return loading.load(desk.owner, desk.mine.mailbox_id, corpus.made_up(TICKETS))


def test_loaded_tickets_are_listed_opened_found_and_answered(desk: Desk) -> None:
    found = load(desk)
    assert found.tickets == TICKETS + len(corpus.GIANTS)
    assert found.giant_numbers[-1] == found.tickets
    shown = list_queue(desk.owner, Queue.OPEN, limit=200).count + list_queue(desk.owner, Queue.CLOSED).count
    assert shown == found.tickets
    page = get_ticket(desk.owner, found.giant_numbers[-1])
    assert page.older_cursor
    assert len(page.entries) > 10
    assert queries.count_hits(desk.owner, corpus.COMMON) == TICKETS / 5
    assert queries.count_hits(desk.owner, corpus.RARE) == 1
    assert search_tickets(desk.other.owner, corpus.COMMON) == ((), "")
    send_reply(desk.owner, 1, text="An answer")
    mail = small_mails(1, to=desk.address, moment=START)[0]
    received = take_in(desk.system, desk.mine.mailbox_id, mail, recipient=desk.address)
    assert received.ticket_id > found.tickets
    assert get_ticket(desk.owner, found.tickets + 1).number == found.tickets + 1


@pytest.mark.parametrize("table", [Customer, Ticket, Message])
def test_every_column_is_written(table: type[SQLModel]) -> None:
    """A column added later must be added here too, or a bulk insert leaves it to chance."""
    rows = {
        Customer: set(loading._customer_rows(_loader())[0]),
        Ticket: set(loading._ticket_row(_loader(), 1, 1, *_newest())),
        Message: set(loading._message_row(_loader(), _message(), 1, 1, 1, next(corpus.made_up(1)))),
    }
    assert rows[table] == set(table.__table__.columns.keys())  # type: ignore[attr-defined]


def _loader() -> loading._Loader:
    from casso.access import Actor

    return loading._Loader(Actor.system(1), 1, list(range(1, 13)), customers={"a@b.test": 1})


def _message() -> corpus.CorpusMessage:
    return next(corpus.made_up(1)).messages[0]


def _newest() -> tuple[corpus.CorpusTicket, int, corpus.CorpusMessage]:
    return next(corpus.made_up(1)), 1, _message()


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.95) == 96
    assert percentile([3.14159], 0.95) == 3.14
    assert percentile([], 0.5) is None


def test_work_is_measured_once_each_after_warming_up() -> None:
    calls: list[int] = []
    assert len(times_ms([lambda: calls.append(1)] * 20)) == 20
    assert len(calls) == 22


def test_small_mails_are_new_and_parse(sqlite_desk: Desk) -> None:
    mails = small_mails(6, to=sqlite_desk.address, moment=START)
    assert len(set(mails)) == 6
    assert sum(b"text/html" in mail for mail in mails) == 3
    outcomes = {
        take_in(sqlite_desk.system, sqlite_desk.mine.mailbox_id, mail, recipient=sqlite_desk.address).outcome
        for mail in mails
    }
    assert outcomes == {"message"}


def test_as_many_agents_as_screens_can_sign_in_each_as_somebody_else(sqlite_desk: Desk) -> None:
    tickets = corpus.made_up(1)
    stored = hash_password(PASSWORD)
    found = loading.load(
        sqlite_desk.owner, sqlite_desk.mine.mailbox_id, tickets, password_hash=stored, agents=50
    )
    assert len(set(found.agent_emails)) == 50
    tokens = [sign_in(email, PASSWORD, ip="", browser="bench") for email in found.agent_emails]
    actors = [find_session(token) for token in tokens]
    assert len({actor.account_id for actor in actors if actor}) == 50
