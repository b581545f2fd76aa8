"""On PostgreSQL the walls do not cost the indexes: queues and search go the same ways as without."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from casso import db
from casso.enums import Queue
from casso.queries.queues import list_queue
from casso.queries.search import search_tickets
from casso.queries.ticket_pages import get_ticket
from tests import desks
from tests.desks import Desk
from tests.queries.plans import plans, ways
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.postgres
COUNT = 1500  # tickets of each of eight organizations

FILL = (
    "SELECT set_config('casso.organization', '*', true)",
    """INSERT INTO organization (name, slug, time_zone, locale, undo_seconds, reopen_days, last_ticket_number,
          created_at) SELECT o, o, 'UTC', 'en', 9, 9, 0, now() FROM generate_series(3, 8) AS o""",
    """INSERT INTO customer (organization_id, email, name, phone, time_zone, created_at)
       SELECT o, 'c' || n || '@customer.test', 'C', '', '', now()
       FROM generate_series(1, 8) AS o, generate_series(0, 299) AS n""",
    f"""INSERT INTO ticket (organization_id, number, subject, status, is_open, priority, work_type, category,
          customer_id, reply_token, preview, last_author, last_message_id, last_activity_at,
          attachment_count, created_at, version)
        SELECT o, n, 'Subject', 'open', n % 10 = 0, 'normal', 'question', '',
          (SELECT min(id) FROM customer WHERE organization_id = o) + n % 300, o || 'x' || n, '', '', 0,
          now() - n * interval '1 minute', 0, now(), 1
        FROM generate_series(1, 8) AS o, generate_series(1, {COUNT}) AS n""",
    """INSERT INTO message (organization_id, ticket_id, kind, from_email, from_name, to_addresses,
          cc_addresses, subject, text, full_text, html, has_remote_images, mail_key, digest, reference_ids,
          raw_key, thread_reason, auth_result, is_automatic, is_unverified, is_repeat_id, delivery,
          delivery_error, created_at)
       SELECT organization_id, id, 'incoming', '', '', '[]', '[]', '', 'lamp', '', '', false, '', '', '[]',
          '', '', '', false, false, false, 'none', '', now() FROM ticket""",
    """INSERT INTO search_document (message_id, organization_id, ticket_id, terms)
       SELECT id, organization_id, ticket_id,
          concat_ws(' ', organization_id || 'xlamp', organization_id || 'xrare' || ticket_id % 500,
            (SELECT string_agg(organization_id || 'xw' || n, ' ') FROM generate_series(1, 60) AS n))
       FROM message""",
    "SELECT gin_clean_pending_list('ix_search_document_vector')",
    "ANALYZE",
)


@pytest.fixture
def full(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Eight organizations with as many tickets each."""
    with desks.postgres_desk(tmp_path, monkeypatch, postgres) as desk:
        connection = db.engine().raw_connection()
        for statement in FILL:
            connection.cursor().execute(statement)
        connection.commit()
        connection.close()
        yield desk


@pytest.fixture
def no_walls(full: Desk, postgres: Postgres) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the same database."""
    with psycopg.connect(postgres.admin_of(str(db.engine().url.database))) as connection:
        yield connection


@pytest.mark.parametrize("queue", list(Queue))
def test_a_queue_is_read_and_counted_in_the_same_ways_behind_the_walls(
    full: Desk, no_walls: psycopg.Connection, queue: Queue
) -> None:
    walled = plans(lambda: list_queue(full.owner, queue))
    free = plans(lambda: list_queue(full.owner, queue), through=no_walls)
    assert [ways(plan) for plan in walled] == [ways(plan) for plan in free]
    assert "CASE WHEN ((organization_id = $" in walled[0]
    assert "CASE WHEN" not in free[0]
    assert "Seq Scan on ticket" not in walled[0]


def test_a_search_uses_its_index_behind_the_walls(full: Desk, no_walls: psycopg.Connection) -> None:
    rows, _ = search_tickets(full.owner, "rare7 ")
    assert len(rows) == COUNT // 500
    walled = plans(lambda: search_tickets(full.owner, "rare7 "))
    free = plans(lambda: search_tickets(full.owner, "rare7 "), through=no_walls)
    assert [ways(plan) for plan in walled] == [ways(plan) for plan in free]
    assert "Bitmap Index Scan on ix_search_document_vector" in ways(walled[0])


def test_without_the_question_in_the_wall_a_search_would_read_the_whole_organization(
    full: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casso.queries.search._ask", lambda _session, _terms: None)
    walled = plans(lambda: search_tickets(full.owner, "rare7 "))
    assert "Bitmap Index Scan on ix_search_document_vector" not in ways(walled[0])


def test_a_ticket_is_read_in_the_same_ways_behind_the_walls(full: Desk, no_walls: psycopg.Connection) -> None:
    walled = plans(lambda: get_ticket(full.owner, 7))
    free = plans(lambda: get_ticket(full.owner, 7), through=no_walls)
    assert [ways(plan) for plan in walled] == [ways(plan) for plan in free]
