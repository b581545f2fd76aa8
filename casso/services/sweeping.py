"""Removes what was only needed for a while: told changes, intents, webhook receipts, uploads never sent."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import col, select

from casso.access import across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.gateways import spool, storage
from casso.models import Attachment, Change, Intent, WebhookReceipt
from casso.services.checks.runs import sweep_checks
from casso.services.login_sweeping import sweep_login
from casso.services.usage import sweep_usage

DAY = timedelta(days=1)
INTENT_LIFE = timedelta(days=7)
AT_ONCE = 500


def sweep() -> int:
    """Remove what is over, a few hundred rows a transaction; returns how many rows and files went."""
    moment = now()
    # The newest change stays: SQLite would give its number out again, and the live watcher miss what has it.
    count = _delete_old(Change, moment - DAY, col(Change.id) < select(func.max(Change.id)).scalar_subquery())
    count += _delete_old(Intent, moment - INTENT_LIFE)
    count += _delete_old(WebhookReceipt, moment - DAY)
    count += _delete_uploads(moment - DAY)
    return count + sweep_login() + sweep_checks() + sweep_usage() + spool.sweep_leftovers()


def _delete_old(
    table: type[Change | Intent | WebhookReceipt], before: datetime, *more: ColumnElement[bool]
) -> int:
    count = 0
    while True:
        with transaction() as session, across_organizations(session, "sweep"):
            old = select(table.id).where(col(table.created_at) < before, *more).limit(AT_ONCE)
            gone: int = session.execute(delete(table).where(col(table.id).in_(old))).rowcount  # type: ignore[attr-defined]
        count += gone
        if gone < AT_ONCE:
            return count


def _delete_uploads(before: datetime) -> int:
    """Uploads of a day ago that no message took: first the row, so that nothing names a missing file."""
    unsent = (col(Attachment.message_id).is_(None), col(Attachment.created_at) < before)
    with reading() as session, across_organizations(session, "sweep"):
        found = session.exec(
            select(Attachment.id, Attachment.storage_key).where(*unsent).limit(AT_ONCE)
        ).all()
    count = 0
    for attachment_id, storage_key in found:
        with transaction() as session, across_organizations(session, "sweep"):
            gone = session.execute(delete(Attachment).where(col(Attachment.id) == attachment_id, *unsent))
        if gone.rowcount:  # type: ignore[attr-defined]
            storage.delete(storage_key)
            count += 1
    return count
