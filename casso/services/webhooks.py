"""Which one-time tokens were accepted before: the replay store, in the database, so it survives restarts.

Webhooks and sign-ins with a provider share it; each begins its tokens in its own way.
"""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from casso.clock import now
from casso.db import reading, transaction
from casso.models import WebhookReceipt
from casso.services.upsert import insert_into

KEPT = timedelta(days=2)  # far longer than the window in which a signature counts


def was_taken(token: str) -> bool:
    """Whether a webhook with this token was accepted."""
    with reading() as session:
        return (
            session.execute(select(col(WebhookReceipt.id)).where(col(WebhookReceipt.token) == token)).first()
            is not None
        )


def note_taken(token: str) -> None:
    """Remember the token; of two at the same time both may come here. Old ones are forgotten on the way."""
    moment = now()
    with transaction() as session:
        session.execute(delete(WebhookReceipt).where(col(WebhookReceipt.created_at) < moment - KEPT))
        session.execute(
            insert_into(session, WebhookReceipt)
            .values(token=token, created_at=moment)
            .on_conflict_do_nothing(index_elements=["token"])
        )


def take(token: str) -> bool:
    """Remember the token; False when it was taken before. Of two at the same time one gets True."""
    with transaction() as session:
        statement = (
            insert_into(session, WebhookReceipt)
            .values(token=token, created_at=now())
            .on_conflict_do_nothing(index_elements=["token"])
            .returning(col(WebhookReceipt.id))
        )
        return session.execute(statement).first() is not None
