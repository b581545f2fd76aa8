"""People and sessions for tests: members, browsers signed in, lines of the trail, notices."""

from sqlmodel import col, select

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Role, Strength
from casso.models import Account, Membership, Notice, SignIn
from casso.services import operators, sessions
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import Desk
from tests.trails import trail_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
HOME = Caller(ip="192.0.2.7", browser=FIREFOX)
AWAY = Caller(ip="198.51.100.9", browser=CHROME)


def open_session(account_id: int | None, caller: Caller = HOME) -> str:
    """A new session's token."""
    return sessions.open_session(Proved(account_id or 0, Strength.PASSWORD), caller)


def signed_in(account_id: int | None, caller: Caller = HOME) -> Actor:
    """The actor of a new session."""
    return actor_of(open_session(account_id, caller))


def actor_of(token: str) -> Actor:
    found = sessions.find_session(token)
    assert found is not None
    return found


def add_member(organization_id: int, email: str = "ben@example.test", role: Role = Role.AGENT) -> int:
    """A member of an organization, an account anew or the one with that address; returns its id."""
    with transaction() as session, across_organizations(session, "tests"):
        account = session.exec(select(Account).where(Account.email == email)).first()
        if account is None:
            account = Account(email=email, first_name="Ben", last_name="Berg", created_at=now())
            session.add(account)
            session.flush()
        row = Membership(
            organization_id=organization_id, account_id=account.id or 0, role=role, created_at=now()
        )
        session.add(row)
        return account.id or 0


def add_successor(organization_id: int) -> None:
    """Another owner and operator, so that the first ones may be disabled."""
    add_member(organization_id, "successor@example.test", Role.OWNER)
    operators.set_operator(None, "successor@example.test", is_operator=True, caller=HOME)


def count_sessions(account_id: int | None = None) -> int:
    """How many sessions there are, of everybody or of one account."""
    with reading() as session, across_organizations(session, "tests"):
        query = select(SignIn)
        if account_id is not None:
            query = query.where(SignIn.account_id == account_id)
        return len(session.exec(query).all())


def trail(desk: Desk, action: str, organization_id: int = 0) -> list[str]:
    """What the lines with that action say, oldest first: before, after, browser and address."""
    lines = trail_of(organization_id or desk.mine.organization_id, action)
    return [", ".join(filter(None, (line.before, line.after, line.browser, line.ip))) for line in lines]


def notices() -> list[Notice]:
    """All notices, oldest first."""
    with reading() as session:
        return list(session.exec(select(Notice).order_by(col(Notice.id))).all())
