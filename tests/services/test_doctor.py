"""The doctor finds what is wrong, says what to do, and one broken check hides no other."""

import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from casso import config, db
from casso.clock import now
from casso.db import transaction
from casso.enums import Delivery, MailSource
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from casso.models import Message, Outgoing
from casso.services import doctor, doctor_places, doctor_trail, heartbeats, trail_checking
from casso.services.doctor_findings import Finding
from casso.services.trail import record
from tests.bare import run_bare
from tests.desks import Desk
from tests.queries.test_search import add_ticket
from tests.servers.redis_server import redis_server
from tests.services.mails import mail, put, take_in
from tests.services.test_trail_checking import tamper


def examined() -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.examine().findings}


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address where somebody listens."""
    door = socket.create_server(("127.0.0.1", 0))
    yield f"127.0.0.1:{door.getsockname()[1]}"
    door.close()


def set_to(monkeypatch: pytest.MonkeyPatch, **env: str) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()


def test_a_desk_at_work_is_well(desk: Desk, listener: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"CASSO_URL": "https://desk.example", "CASSO_PROXY_HOPS": "1"}
    set_to(monkeypatch, CASSO_SMTP_LISTEN=listener, **own)
    heartbeats.beat({"worker": (now(), "1"), "web": (now(), "lag_ms=2.5")})
    diagnosis = doctor.examine()
    assert diagnosis.is_well, [one for one in diagnosis.findings if not one.is_fine]
    names = {finding.name for finding in diagnosis.findings}
    assert names == {
        "configuration", "database", "storage", "disk", "mail in", "mail out", "incoming queue",
        "clock", "worker", "outgoing queue", "quarantine", "unrouted mail", "web", "trail", "secrets",
        "secret files", "https", "mailboxes", "operator",
    } | ({"walls"} if desk.kind == "postgresql" else set())  # fmt: skip


def test_the_doctor_says_whose_name_the_public_pages_carry(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "CASSO_OPERATOR" in examined()["operator"].text
    set_to(monkeypatch, CASSO_OPERATOR="Muster GmbH", CASSO_OPERATOR_MAIL="daten@muster.test")
    assert examined()["operator"].text == "the public pages name Muster GmbH"


def test_a_database_that_does_not_answer_is_named_and_the_rest_is_still_checked(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, CASSO_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    found = examined()
    assert "CASSO_DATABASE_URL" in found["database"].text
    assert found["storage"].is_fine
    assert "worker" not in found


def test_a_schema_that_is_not_ours_says_what_to_run(data_dir: Path, sqlite_desk: Desk) -> None:
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer" in examined()["schema"].text
    with db.engine().begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert "casso migrate" in examined()["schema"].text


def test_a_worker_that_stopped_is_wrong_and_one_that_never_ran_too(sqlite_desk: Desk) -> None:
    assert not examined()["worker"].is_fine
    heartbeats.beat({"worker": (now(), "1")})
    assert examined()["worker"].is_fine
    sqlite_desk.clock.tick(minutes=2)
    finding = examined()["worker"]
    assert not finding.is_fine
    assert finding.values["age_seconds"] == pytest.approx(120, abs=1)


def test_a_job_that_does_not_get_through_is_named(sqlite_desk: Desk) -> None:
    heartbeats.beat({"job:receive": (now(), "")})
    sqlite_desk.clock.tick(minutes=10)
    heartbeats.beat({"worker": (now(), "1")})
    assert "job:receive" in examined()["worker"].text


def test_mail_that_waits_too_long_is_wrong(sqlite_desk: Desk) -> None:
    spool.store(b"raw", source=MailSource.SMTP, recipient="a@b.test", received_at=now())
    assert examined()["incoming queue"].is_fine
    sqlite_desk.clock.tick(minutes=20)
    finding = examined()["incoming queue"]
    assert not finding.is_fine
    assert finding.values["waiting"] == 1


def test_mail_for_nobody_is_counted_with_what_to_do(desk: Desk) -> None:
    finding = examined()["unrouted mail"]
    assert (finding.values["mails"], finding.is_fine) == (0, True)
    take_in(mail())
    put(mail("one"), "nobody@example.test")
    put(mail("two"), "sales@example.test")
    receive_waiting()
    desk.clock.tick(hours=5)
    finding = examined()["unrouted mail"]
    assert finding.values["mails"] == 2
    assert finding.values["age_seconds"] == pytest.approx(5 * 3600, abs=5)
    assert "Settings, Mailboxes" in finding.text
    assert len(list((desk.folder / "spool" / "unrouted").iterdir())) == 2
    assert str(desk.folder / "spool" / "unrouted") in finding.text
    assert "nobody@" not in finding.text
    assert examined()["incoming queue"].values["waiting"] == 0


def test_an_answer_that_waits_too_long_is_wrong(desk: Desk) -> None:
    add_ticket(desk.mine, 1, "hello")
    here = desk.mine.organization_id
    with transaction(here) as session:
        message = session.exec(select(Message).where(Message.organization_id == here)).one()
        session.add(
            Outgoing(
                organization_id=here,
                message_id=message.id or 0,
                recipient="c@mail.test",
                state=Delivery.QUEUED,
                due_at=now() - timedelta(minutes=30),
                created_at=now(),
            )
        )
    finding = examined()["outgoing queue"]
    assert not finding.is_fine
    assert finding.values["age_seconds"] == pytest.approx(1800, abs=5)


def test_a_clock_that_went_back_is_wrong(sqlite_desk: Desk) -> None:
    heartbeats.beat({"worker": (now(), "1")})
    sqlite_desk.clock.tick(hours=-2)
    assert "behind" in examined()["clock"].text
    sqlite_desk.clock.tick(days=-900)
    assert not examined()["clock"].is_fine


def test_a_slow_loop_is_wrong_and_its_lag_is_a_value(sqlite_desk: Desk) -> None:
    heartbeats.beat({"web": (now(), "lag_ms=3.5")})
    assert examined()["web"].values["lag_ms"] == 3.5
    heartbeats.beat({"web": (now(), "lag_ms=900")})
    assert not examined()["web"].is_fine
    heartbeats.beat({"web": (now(), "")})
    assert examined()["web"].is_fine


def test_a_port_where_nobody_listens_is_wrong_and_one_switched_off_is_not(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, CASSO_SMTP_LISTEN="127.0.0.1:1")
    assert not examined()["mail in"].is_fine
    set_to(monkeypatch, CASSO_SMTP_LISTEN="")
    assert examined()["mail in"].is_fine


def test_the_route_for_answers_is_tried(
    sqlite_desk: Desk, listener: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, CASSO_MAIL_OUT=f"smtp://{listener}")
    assert examined()["mail out"].is_fine
    set_to(monkeypatch, CASSO_MAIL_OUT="smtp://user:secret@127.0.0.1:1")
    finding = examined()["mail out"]
    assert not finding.is_fine
    assert "secret" not in finding.text


def test_a_store_that_cannot_be_written_is_wrong(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (sqlite_desk.folder / "files").write_text("in the way")
    finding = examined()["storage"]
    assert not finding.is_fine


def test_a_shared_redis_is_tried_and_needs_a_password(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "redis" not in examined()
    with redis_server(password="not-for-everybody") as url:
        set_to(monkeypatch, CASSO_REDIS_URL=url)
        assert examined()["redis"].is_fine
        set_to(monkeypatch, CASSO_REDIS_URL=url.replace("not-for-everybody", "wrong-word"))
        assert "refuses the password" in examined()["redis"].text
        assert "wrong-word" not in examined()["redis"].text
    assert "does not answer" in examined()["redis"].text
    with redis_server() as url:
        set_to(monkeypatch, CASSO_REDIS_URL=url)
        assert "requirepass" in examined()["redis"].text


def test_little_room_is_wrong(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_places, "LEAST_FREE_MB", 2**40)
    assert "make room" in examined()["disk"].text


def test_a_check_that_breaks_is_a_finding(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setattr(doctor, "check_clock", broken)
    found = examined()
    assert "ZeroDivisionError" in found["clock"].text
    assert "quarantine" in found


def test_the_trail_is_well_and_its_entries_are_counted(desk: Desk) -> None:
    found = examined()["trail"]
    assert found.is_fine, found.text
    assert found.values == {"chains": 2, "entries": 2, "broken": 0}


def test_the_first_broken_entry_of_the_trail_is_named(desk: Desk) -> None:
    for number in (1, 2, 3):
        with transaction(desk.mine.organization_id) as session:
            record(session, desk.owner, "ticket.status", ticket_id=number)
    tamper(desk, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here AND number > 2")
    found = examined()["trail"]
    assert not found.is_fine
    assert f"organization {desk.mine.organization_id}: entry 3 was changed" in found.text
    assert found.values["broken"] == 1


def test_missing_guards_of_the_trail_are_told(desk: Desk) -> None:
    how = {"sqlite": "DROP TRIGGER trail_entry_never_replaced"}
    sql = how.get(desk.kind, "ALTER TABLE trail_entry DISABLE TRIGGER trail_entry_never_emptied")
    run_bare(sql)
    assert "triggers" in examined()["trail"].text


def test_every_problem_of_a_chain_has_its_words() -> None:
    source = Path(trail_checking.__file__).read_text()
    named = set(re.findall(r'return "(\w+)", \w+|"(rewritten|missing|head|changed|detail)"', source))
    assert {one or other for one, other in named} == set(doctor_trail.SAID)
