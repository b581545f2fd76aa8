"""Files that a person uploaded and has not sent yet: what a draft shows again after a reload.

An id alone opens nothing: a file is listed to the account that uploaded it, in the
organization where it did, and only while no message has it.
"""

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, require
from casso.db import reading
from casso.models import Attachment
from casso.queries.rows import FileRow
from casso.queries.shown import file_row
from casso.rules.permissions import Action

MOST_ASKED = 100


def list_waiting_uploads(actor: Actor, public_ids: tuple[str, ...]) -> tuple[FileRow, ...]:
    """Those of the ids that still wait for this person's message, in the order of the question."""
    require(actor, Action.WRITE_TICKETS)
    wanted = tuple(dict.fromkeys(public_ids))[:MOST_ASKED]
    if not wanted:
        return ()
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Attachment).where(
                col(Attachment.organization_id) == actor.organization_id,
                col(Attachment.public_id).in_(wanted),
                col(Attachment.account_id) == actor.account_id,
                col(Attachment.message_id).is_(None),
            )
        ).scalars()
        rows = {one.public_id: file_row(one) for one in found}
    return tuple(rows[one] for one in wanted if one in rows)
