"""The health page's reading: each part says how it is, for operators alone, and nothing of tickets."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from casso import clock, db
from casso.access import Actor
from casso.enums import CheckKind, Delivery, SpoolState
from casso.errors import NotAllowed
from casso.gateways import spool
from casso.models import CheckRun, ImapAccount, Outgoing, SpooledMail
from casso.queries.desk_health import DeskHealth, HealthLine, get_desk_health
from casso.services import heartbeats, mailboxes, replies
from casso.services.checks.findings import fine, notice, wrong
from tests.desks import Desk
from tests.services.mails import mail, take_in


def operator(desk: Desk) -> Actor:
    return replace(desk.owner, is_operator=True)


def line(found: DeskHealth, name: str) -> HealthLine:
    return next(one for one in found.lines if one.name == name)


def look(desk: Desk, name: str) -> tuple[str, str]:
    found = line(get_desk_health(operator(desk)), name)
    return found.level, found.said


def keep(kind: CheckKind, *findings: object, ended: bool = True) -> None:
    told = json.dumps([one.as_json() for one in findings])  # type: ignore[attr-defined]
    moment = clock.now()
    with db.transaction() as session:
        run = CheckRun(kind=kind, asked_at=moment, started_at=moment, findings=told)
        run.finished_at = moment if ended else None
        session.add(run)


def test_only_operators_read_it(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        get_desk_health(desk.owner)


def test_a_desk_that_never_ran_says_so(desk: Desk) -> None:
    found = get_desk_health(operator(desk))
    assert [one.name for one in found.lines if one.level == "wrong"] == ["worker"]
    assert (line(found, "web").level, line(found, "web").said) == ("notice", "web_never")
    assert (found.jobs, found.sources, found.earlier) == ((), (), ())
    assert found.looks["isolation"].state == found.looks["security"].state == "never"


def test_processes_are_well_late_or_were_never_there(desk: Desk) -> None:
    heartbeats.beat({"web": (clock.now(), "lag_ms=12.5"), "worker": (clock.now(), "4711")})
    assert (look(desk, "web"), look(desk, "worker")) == (("fine", "web_well"), ("fine", "worker_well"))
    assert line(get_desk_health(operator(desk)), "web").gaps["lag"] == "12"
    desk.clock.tick(seconds=31)
    assert (look(desk, "web"), look(desk, "worker")) == (("wrong", "web_late"), ("wrong", "worker_late"))


@pytest.mark.parametrize(
    ("job", "well", "late"),
    [
        ("receive", timedelta(minutes=4), timedelta(minutes=6)),
        ("trail", timedelta(hours=25), timedelta(hours=27)),
        ("checks", timedelta(minutes=40), timedelta(minutes=70)),
    ],
)
def test_a_job_is_late_by_its_own_measure(desk: Desk, job: str, well: timedelta, late: timedelta) -> None:
    heartbeats.beat({f"job:{job}": (clock.now() - well, "")})
    assert [(one.name, one.is_late) for one in get_desk_health(operator(desk)).jobs] == [(job, False)]
    heartbeats.beat({f"job:{job}": (clock.now() - late, "")})
    assert [(one.name, one.is_late) for one in get_desk_health(operator(desk)).jobs] == [(job, True)]


def test_mail_on_its_way_in_is_counted_and_too_old_is_wrong(desk: Desk) -> None:
    assert look(desk, "incoming") == ("fine", "queue_empty")
    spool.store(mail(), source="smtp", recipient=desk.address, sender="", received_at=clock.now())
    assert line(get_desk_health(operator(desk)), "incoming").gaps == {"count": "1"}


def test_answers_that_should_have_left_are_wrong_after_ten_minutes(desk: Desk) -> None:
    take_in(mail(), desk.address)
    replies.send_reply(desk.owner, 1, text="Thanks")
    assert look(desk, "outgoing") == ("fine", "queue_empty")
    desk.clock.tick(minutes=1)
    assert look(desk, "outgoing") == ("fine", "queue_some")
    desk.clock.tick(minutes=11)
    assert look(desk, "outgoing") == ("wrong", "queue_late")


def test_what_waits_for_a_person_is_to_be_known(desk: Desk) -> None:
    take_in(mail(), desk.address)
    replies.send_reply(desk.owner, 1, text="Thanks")
    assert look(desk, "stuck") == ("fine", "none")
    with db.transaction(desk.mine.organization_id) as session:
        here = col(Outgoing.organization_id) == desk.mine.organization_id
        session.execute(update(Outgoing).where(here).values(state=Delivery.FAILED))
    assert look(desk, "stuck") == ("notice", "stuck_some")
    for state, name in ((SpoolState.QUARANTINED, "quarantine"), (SpoolState.UNROUTED, "unrouted")):
        assert look(desk, name) == ("fine", "none")
        with db.transaction() as session:
            session.add(SpooledMail(spool_id=name, source="smtp", state=state, received_at=clock.now()))
        assert look(desk, name) == ("notice", f"{name}_some")


def test_mailboxes_show_their_last_fetch_and_error_those_with_one_first(desk: Desk) -> None:
    for one in (desk.mine, desk.other):
        form = mailboxes.ImapForm("mail.example.com", "name", "password")
        mailboxes.save_imap(one.owner, one.mailbox_id, form)
    with db.transaction(desk.other.organization_id) as session:
        here = col(ImapAccount.organization_id) == desk.other.organization_id
        session.execute(update(ImapAccount).where(here).values(error_code="login_refused"))
    found = get_desk_health(operator(desk)).sources
    assert [(one.address, one.error_code) for one in found] == [
        (desk.other.address, "login_refused"),
        (desk.address, ""),
    ]
    assert found[1].checked_iso == ""


def test_checks_show_what_runs_what_was_found_and_what_was_before(desk: Desk) -> None:
    keep(CheckKind.SECURITY, wrong("https_off"))
    desk.clock.tick(days=30)
    keep(CheckKind.SECURITY, fine("trail_fine", chains=2), notice("signup_open"), wrong("key_weak"))
    keep(CheckKind.ISOLATION, ended=False)
    found = get_desk_health(operator(desk))
    assert (found.looks["security"].state, found.looks["security"].wrong, found.looks["security"].fine) == (
        "",
        1,
        1,
    )
    assert [one.code for one in found.findings["security"]] == ["key_weak", "signup_open", "trail_fine"]
    assert found.findings["security"][2].gaps == {"chains": "2"}
    assert (found.looks["isolation"].state, found.looks["isolation"].ended_iso) == ("running", "")
    assert [one.wrong for one in found.earlier] == [1, 1]


def test_nothing_of_a_ticket_is_read(desk: Desk) -> None:
    take_in(mail(subject="A secret matter"), desk.address)
    told = repr(get_desk_health(operator(desk)))
    assert "secret" not in told
    assert "anna@customer.test" not in told
