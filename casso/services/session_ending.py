"""Ending other sessions than the one that asks: one's own elsewhere, a member's, all of an account.

A session that is gone is refused at the next event of its open sockets, because the guard
looks it up every time. Each one that ends leaves its own line in the trail.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations, require
from casso.db import transaction
from casso.enums import STRONG
from casso.errors import NotFound
from casso.models import Account, SignIn
from casso.queries.shown import is_id
from casso.rules.browsers import browser_name
from casso.rules.permissions import Action
from casso.services.membership import begin_managing, member_to_change
from casso.services.trail import record_access
from casso.values.caller import Caller


def end_session(actor: Actor, sign_in_id: int, caller: Caller) -> None:
    """End one of the actor's own sessions, in whichever organization. Raises NotFound for anybody else's."""
    require(actor, Action.OWN_ACCOUNT)
    mine = (col(SignIn.account_id) == actor.account_id, col(SignIn.id) == sign_in_id)
    with transaction() as session, across_organizations(session, "own sessions in every organization"):
        if not is_id(sign_in_id) or not _end(session, mine, actor, caller):
            raise NotFound()


def end_other_sessions(actor: Actor, caller: Caller) -> int:
    """End all of the actor's sessions but the one that asks; returns how many."""
    require(actor, Action.OWN_ACCOUNT)
    others = (col(SignIn.account_id) == actor.account_id, col(SignIn.id) != actor.sign_in_id)
    with transaction() as session, across_organizations(session, "own sessions in every organization"):
        return _end(session, others, actor, caller)


def end_sessions_of(actor: Actor, account_id: int, caller: Caller) -> int:
    """End a member's sessions in the actor's organization; returns how many.

    Raises NotAllowed without the permission and for a member who has more rights than the
    actor, NotFound for anybody who is no member here.
    """
    with transaction(actor.organization_id) as session:
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        member_to_change(session, actor, giver, account_id)
        return end_sessions_in(session, actor, account_id, caller)


def end_sessions_in(session: Session, actor: Actor, account_id: int, caller: Caller) -> int:
    """The same in the caller's transaction, who has checked the right to: for a role that changes."""
    theirs = (col(SignIn.organization_id) == actor.organization_id, col(SignIn.account_id) == account_id)
    return _end(session, theirs, actor, caller)


def end_weak_sessions(session: Session, actor: Actor, caller: Caller) -> int:
    """End what was opened here without a second factor, now that the organization demands one."""
    weak = (col(SignIn.organization_id) == actor.organization_id, col(SignIn.strength).not_in(STRONG))
    return _end(session, weak, actor, caller)


def end_all_sessions(
    session: Session, account_id: int, actor: Actor | None, caller: Caller, *, but: int | None = None
) -> int:
    """End every session of an account in the caller's transaction, `but` one; returns how many.

    For a changed password, a disabled account, a changed role. `actor` None: the command line.
    """
    theirs = [col(SignIn.account_id) == account_id]
    if but is not None:
        theirs.append(col(SignIn.id) != but)
    with across_organizations(session, "sessions of an account in every organization"):
        return _end(session, theirs, actor, caller)


def _end(session: Session, which: Iterable[ColumnElement[bool]], actor: Actor | None, caller: Caller) -> int:
    rows = session.exec(
        select(SignIn, Account.email).join(Account, col(Account.id) == col(SignIn.account_id)).where(*which)
    ).all()
    for found, email in rows:
        is_own = actor is not None and actor.account_id == found.account_id
        ended = browser_name(found.browser) if is_own else email
        record_access(
            session,
            found.organization_id,
            actor.account_id if actor else None,
            "session.revoked",
            ip=caller.ip,
            browser=caller.browser,
            name=actor.name if actor else "",
            before=ended,
        )
        session.delete(found)
    return len(rows)
