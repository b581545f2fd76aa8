"""What stood around sign-in goes when it is over, and nothing before."""

from datetime import timedelta

from sqlmodel import SQLModel, select

from casso.access import across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.models import KnownDevice, LinkToken, Notice, SignIn, Throttle
from casso.services import links, notices, sweeping, throttles
from casso.services.links import LinkPurpose
from casso.services.login_sweeping import sweep_login
from casso.services.notices import NoticeKind, Recipient
from casso.services.throttles import Door
from tests.desks import Desk
from tests.services.people import open_session

TABLES: tuple[type[SQLModel], ...] = (SignIn, LinkToken, Throttle, Notice, KnownDevice)


def counts() -> dict[str, int]:
    with reading() as session, across_organizations(session, "tests"):
        return {table.__name__: len(session.exec(select(table)).all()) for table in TABLES}


def fill(desk: Desk) -> None:
    """One of each; three rows of tries: address, network, and the place that is trusted."""
    open_session(desk.owner.account_id)
    throttles.take_try(Door.SIGN_IN, "ana@example.test", "192.0.2.7")
    throttles.note_success(Door.SIGN_IN, "ana@example.test", "192.0.2.7")
    with transaction() as session:
        links.make(session, LinkPurpose.RESET, account_id=desk.owner.account_id)
        notices.send(session, NoticeKind.RESET, Recipient("ana@example.test", "en"), email="", link="")


def test_nothing_goes_before_its_time(desk: Desk) -> None:
    fill(desk)
    before = counts()
    assert before == {"SignIn": 1, "LinkToken": 1, "Throttle": 3, "Notice": 1, "KnownDevice": 1}
    assert sweep_login() == 0
    assert counts() == before


def test_each_goes_in_its_time(desk: Desk) -> None:
    fill(desk)
    desk.clock.tick(hours=1, minutes=1)
    sweep_login()
    assert counts()["LinkToken"] == 0
    desk.clock.tick(days=3)
    sweep_login()
    assert counts()["Throttle"] == 1
    desk.clock.tick(days=5)
    sweep_login()
    assert counts()["Notice"] == 0
    assert counts()["SignIn"] == 1
    desk.clock.tick(days=7)
    sweep_login()
    assert counts() == {"SignIn": 0, "LinkToken": 0, "Throttle": 1, "Notice": 0, "KnownDevice": 1}
    desk.clock.tick(days=360)
    sweep_login()
    assert sum(counts().values()) == 0


def test_the_daily_sweep_does_it(sqlite_desk: Desk) -> None:
    fill(sqlite_desk)
    sqlite_desk.clock.tick(days=400)
    sweeping.sweep()
    assert sum(counts().values()) == 0


def test_more_than_one_batch_goes(sqlite_desk: Desk) -> None:
    old = now() - timedelta(days=3)
    with transaction() as session:
        session.add_all(
            Throttle(key=f"k{number}", window_started_at=old, updated_at=old) for number in range(1100)
        )
    assert sweep_login() == 1100
