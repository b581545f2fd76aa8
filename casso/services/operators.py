"""Operators of the installation: who looks after this Casso itself, apart from every organization's roles.

The first one set it up. An operator makes others, and there is always one left who can
sign in. The mark opens no organization: whoever has it sees what their role there shows.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from casso.access import Actor
from casso.db import transaction
from casso.errors import Conflict, NotAllowed, NotFound
from casso.models import Account
from casso.rules.sign_in_address import typed_address
from casso.services.account_trail import record_for_account
from casso.values.caller import Caller


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """Whose mark it is."""

    account_id: int
    email: str


def set_operator(actor: Actor | None, email: str, *, is_operator: bool, caller: Caller) -> OperatorRow:
    """Make somebody an operator or take the mark away; the same again changes nothing.

    `actor` None is the command line, whose user may do anything on this machine. Raises NotAllowed
    for one who is no operator now, NotFound for an unknown address, Conflict for the last operator.
    """
    with transaction() as session:
        operators = lock_operators(session)
        if actor is not None and actor.account_id not in {one.id for one in operators if not one.disabled_at}:
            raise NotAllowed()
        found = session.exec(select(Account).where(Account.email == typed_address(email))).first()
        if found is None:
            raise NotFound("error.account_not_found")
        row = OperatorRow(found.id or 0, found.email)
        if found.is_operator == is_operator:
            return row
        if not is_operator:
            require_another_operator(operators, found)
        found.is_operator = is_operator
        action = "account.operator_made" if is_operator else "account.operator_ended"
        by = actor.account_id if actor else None
        record_for_account(session, row.account_id, action, caller, is_own=False, by=by, after=row.email)
        return row


def require_another_operator(operators: list[Account], account: Account) -> None:
    """Raise Conflict when nobody else among the operators can sign in."""
    if account.is_operator and all(one.id == account.id or one.disabled_at for one in operators):
        raise Conflict("error.last_operator")


def lock_operators(session: Session) -> list[Account]:
    """All of them, in one order: two who unmake each other leave one."""
    query = select(Account).where(col(Account.is_operator).is_(True)).order_by(col(Account.id))
    return list(session.exec(query.with_for_update()).all())
