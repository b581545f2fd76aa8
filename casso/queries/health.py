"""Whether the desk works: the database answers, the worker lives, its jobs get through."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from casso.access import across_organizations
from casso.clock import now
from casso.db import reading
from casso.models import Heartbeat, ImapAccount

WORKER_LATE = timedelta(seconds=30)
JOB_LATE = timedelta(minutes=5)
MAIL_JOBS = ("job:receive", "job:send", "job:poll")
FAILING = 5


@dataclass(frozen=True, slots=True)
class Health:
    """`late` names what has not been well for too long; a failing mailbox is told but stops nothing."""

    late: tuple[str, ...]
    failing_mailboxes: int

    @property
    def is_ready(self) -> bool:
        """Whether mail comes in and answers leave."""
        return not self.late


def get_health() -> Health:
    """The state now. Raises the database's own error when it does not answer."""
    moment = now()
    with reading() as session, across_organizations(session, "health of the whole desk"):
        signs = {found.name: found.at for found in session.execute(select(Heartbeat)).scalars()}
        failing = session.execute(
            select(func.count())
            .select_from(ImapAccount)
            .where(col(ImapAccount.is_enabled).is_(True), col(ImapAccount.failures) >= FAILING)
        ).scalar_one()
    late = [name for name in MAIL_JOBS if name in signs and moment - signs[name] > JOB_LATE]
    if "worker" not in signs or moment - signs["worker"] > WORKER_LATE:
        late.insert(0, "worker")
    return Health(late=tuple(late), failing_mailboxes=failing)
