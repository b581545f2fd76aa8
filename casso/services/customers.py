"""Customers: found by address or created, the same person once even when two mails race."""

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.clock import now
from casso.models import Customer
from casso.services.upsert import insert_into

# Made once: building a statement takes longer than running it.
_FIND = select(col(Customer.id), col(Customer.name)).where(
    col(Customer.organization_id) == bindparam("here"), col(Customer.email) == bindparam("email")
)


def find_or_create(session: Session, actor: Actor, *, email: str, name: str = "") -> int:
    """The id of the organization's customer with that address; a name is filled in once, never changed."""
    address = email.strip().lower()
    found = _find(session, actor, address)
    if found is None:
        row = {"organization_id": actor.organization_id, "email": address, "created_at": now()}
        session.execute(
            insert_into(session, Customer).values(name=name[:200], **row).on_conflict_do_nothing()
        )
        found = _find(session, actor, address)
        assert found is not None
    customer_id, known_name = found
    if name and not known_name:
        session.execute(
            update(Customer)
            .where(col(Customer.organization_id) == actor.organization_id, col(Customer.id) == customer_id)
            .values(name=name[:200])
        )
    return customer_id


def is_known(session: Session, actor: Actor, address: str) -> bool:
    """Whether a customer has that address: what they write is theirs, however much like a report it reads."""
    return bool(address) and _find(session, actor, address.strip().lower()) is not None


def _find(session: Session, actor: Actor, address: str) -> tuple[int, str] | None:
    found = session.execute(_FIND, {"here": actor.organization_id, "email": address}).first()
    return (int(found[0] or 0), found[1]) if found else None
