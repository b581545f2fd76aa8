"""Signs of life are one row a name, renewed, also by two workers."""

from sqlmodel import select

from casso import db
from casso.jobs.beat import beat, note_success
from casso.models import Heartbeat
from tests.desks import Desk


def rows() -> dict[str, Heartbeat]:
    with db.reading() as session:
        return {row.name: row for row in session.exec(select(Heartbeat))}


def test_a_beat_renews_the_workers_row(desk: Desk) -> None:
    beat()
    first = rows()["worker"].at
    desk.clock.tick(seconds=5)
    beat()
    assert rows()["worker"].at > first


def test_a_job_keeps_the_time_it_last_ended_well(desk: Desk) -> None:
    note_success("receive")
    beat()
    first = rows()["job:receive"].at
    desk.clock.tick(minutes=5)
    beat()
    assert rows()["job:receive"].at == first
