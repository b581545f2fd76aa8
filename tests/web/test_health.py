"""`/healthz` and `/readyz`: alive is not the same as working."""

import pytest

from casso import clock, db
from casso.models import ImapAccount
from casso.services import heartbeats
from tests.desks import Desk
from tests.web.conftest import Client


def beat(*names: str) -> None:
    heartbeats.beat({name: (clock.now(), "") for name in names})


async def ready(client: Client) -> tuple[int, dict[str, object]]:
    async with client() as probe:
        answer = await probe.get("/readyz")
        assert (await probe.get("/healthz")).status_code == 200
    return answer.status_code, answer.json()


async def test_without_a_worker_the_desk_is_not_ready(client: Client, sqlite_desk: Desk) -> None:
    status, found = await ready(client)
    assert (status, found["late"]) == (503, ["worker"])


async def test_with_a_living_worker_it_is(client: Client, sqlite_desk: Desk) -> None:
    beat("worker", "job:receive", "job:send")
    status, found = await ready(client)
    assert (status, found["ready"]) == (200, True)


async def test_a_worker_that_stopped_is_noticed(client: Client, sqlite_desk: Desk) -> None:
    beat("worker")
    sqlite_desk.clock.tick(seconds=31)
    assert (await ready(client))[0] == 503


@pytest.mark.parametrize("job", ["job:receive", "job:send", "job:poll"])
async def test_a_mail_job_that_does_not_get_through_is_named(
    client: Client, sqlite_desk: Desk, job: str
) -> None:
    beat(job)
    sqlite_desk.clock.tick(minutes=6)
    beat("worker")
    status, found = await ready(client)
    assert (status, found["late"]) == (503, [job])


async def test_a_failing_mailbox_is_told_and_stops_nothing(client: Client, sqlite_desk: Desk) -> None:
    with db.transaction(sqlite_desk.mine.organization_id) as session:
        session.add(
            ImapAccount(
                organization_id=sqlite_desk.mine.organization_id,
                mailbox_id=sqlite_desk.mine.mailbox_id,
                host="mail.example",
                username="x",
                password_sealed="x",
                failures=9,
            )
        )
    beat("worker")
    status, found = await ready(client)
    assert (status, found["failing_mailboxes"]) == (200, 1)


async def test_a_database_that_is_gone_is_said_so(client: Client, sqlite_desk: Desk) -> None:
    beat("worker")
    db.engine().dispose()
    for path in sqlite_desk.folder.glob("casso.db*"):
        path.unlink()
    (sqlite_desk.folder / "casso.db").mkdir()
    status, found = await ready(client)
    assert (status, found["late"]) == (503, ["database"])
