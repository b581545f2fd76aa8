"""Who an answer goes to besides the customer: checked, each once, never one of our own mailboxes."""

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlmodel import Session, col

from casso.access import Actor
from casso.errors import Invalid
from casso.models import Mailbox
from casso.rules.addresses import forms_of

MOST_COPIES = 20


def checked_cc(session: Session, actor: Actor, cc: tuple[str, ...], *, without: str) -> tuple[str, ...]:
    """The addresses in lower case. Raises Invalid naming the wrong one, or when there are too many."""
    wanted = dict.fromkeys(_checked(one) for one in cc if one.strip())
    if len(wanted) > MOST_COPIES:
        raise Invalid("error.too_many_copies", n=MOST_COPIES)
    forms = [form for one in wanted for form in forms_of(one)]
    ours = set(
        session.execute(
            select(col(Mailbox.address)).where(
                col(Mailbox.organization_id) == actor.organization_id, col(Mailbox.address).in_(forms)
            )
        ).scalars()
    )
    return tuple(one for one in wanted if one != without and not ours.intersection(forms_of(one)))


def _checked(text: str) -> str:
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("error.cc", address=text.strip()[:100]) from None
    return found.normalized.lower()
