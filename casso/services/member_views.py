"""How much a limited member sees, written down: their teams, or the mailboxes given to them.

What is not the kind in question stays: somebody who sees mailboxes may be in a team, and
somebody who sees everything keeps the teams they are in.
"""

from sqlalchemy import delete, select
from sqlmodel import Session, col

from casso.enums import Sees
from casso.errors import NotFound
from casso.models import Mailbox, MailboxAccess, Team, TeamMember
from casso.queries.shown import is_id


def set_seen(
    session: Session, organization_id: int, account_id: int, *, sees: Sees, ids: tuple[int, ...]
) -> tuple[str, ...]:
    """Let a member see these teams or mailboxes and no others; returns their names. Raises NotFound."""
    names = names_of(session, organization_id, sees=sees, ids=ids)
    match sees:
        case Sees.ALL:
            pass
        case Sees.TEAMS:
            _forget(session, TeamMember, organization_id, account_id)
            for one in sorted(set(ids)):
                session.add(TeamMember(organization_id=organization_id, account_id=account_id, team_id=one))
        case Sees.MAILBOXES:
            _forget(session, MailboxAccess, organization_id, account_id)
            for one in sorted(set(ids)):
                session.add(
                    MailboxAccess(organization_id=organization_id, account_id=account_id, mailbox_id=one)
                )
    return names


def names_of(session: Session, organization_id: int, *, sees: Sees, ids: tuple[int, ...]) -> tuple[str, ...]:
    """The names of teams or the addresses of mailboxes, in order. Raises NotFound when one is not ours."""
    found = existing(session, organization_id, sees=sees, ids=ids)
    if len(found) != len(set(ids)) and sees is not Sees.ALL:
        raise NotFound()
    return tuple(sorted(found.values()))


def existing(session: Session, organization_id: int, *, sees: Sees, ids: tuple[int, ...]) -> dict[int, str]:
    """Those of the teams or mailboxes that the organization has, with their names."""
    wanted = {one for one in ids if is_id(one)}
    if sees is Sees.ALL or not wanted:
        return {}
    what, name = (Team, col(Team.name)) if sees is Sees.TEAMS else (Mailbox, col(Mailbox.address))
    found = session.execute(
        select(col(what.id), name).where(
            col(what.organization_id) == organization_id, col(what.id).in_(wanted)
        )
    )
    return {id_ or 0: shown for id_, shown in found}


def _forget(
    session: Session, table: type[TeamMember | MailboxAccess], organization_id: int, account_id: int
) -> None:
    session.execute(
        delete(table).where(
            col(table.organization_id) == organization_id, col(table.account_id) == account_id
        )
    )
