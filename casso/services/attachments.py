"""Files on their way in and out: uploads that wait for their message, and files fetched by a person.

A file belongs to an organization; its public id is random and useless without a
session there. Its stored type comes from an allow-list, never from what somebody said.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlmodel import col

from casso.access import Actor, of_visible_ticket, require
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Sees
from casso.errors import GatewayError, Invalid, NotFound
from casso.gateways import storage
from casso.models import Attachment, Message
from casso.queries.rows import FileRow
from casso.queries.shown import file_row
from casso.rules.filenames import allowed_type, display_name
from casso.rules.permissions import Action

LARGEST_FILE = 20_000_000
MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file to hand out; `may_show` when a page may show it inside itself."""

    name: str
    content_type: str
    size: int
    may_show: bool
    pieces: Iterator[bytes]


def store_upload(actor: Actor, filename: str, content_type: str, data: bytes) -> FileRow:
    """Keep a file until its message is sent. Raises Invalid when it is empty, too large, or one too many."""
    require(actor, Action.WRITE_TICKETS)
    if not data:
        raise Invalid("error.file_empty")
    if len(data) > LARGEST_FILE:
        raise Invalid("error.file_too_large", n=LARGEST_FILE // 1_000_000)
    _require_room(actor)
    kept_type, may_show = allowed_type(content_type, data[:32])
    key = storage.put(actor.organization_id, data)
    made = Attachment(
        organization_id=actor.organization_id,
        public_id=secrets.token_urlsafe(16),
        account_id=actor.account_id,
        storage_key=key,
        filename=display_name(filename, kept_type),
        content_type=kept_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        may_show=may_show,
        created_at=now(),
    )
    with transaction(actor.organization_id) as session:
        session.add(made)
    return file_row(made)


def open_file(actor: Actor, public_id: str) -> OpenFile:
    """A file of the actor's organization. A waiting upload is its uploader's alone. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Attachment).where(
                col(Attachment.organization_id) == actor.organization_id,
                col(Attachment.public_id) == public_id,
                _in_sight(actor),
            )
        ).scalar()
    if found is None or (found.message_id is None and found.account_id != actor.account_id):
        raise NotFound()
    try:
        pieces = storage.open_stream(found.storage_key)
    except GatewayError as error:
        if error.permanent:
            raise NotFound() from error
        raise
    return OpenFile(found.filename, found.content_type, found.size, found.may_show, pieces)


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    """A limited view holds the files of its tickets, and uploads that wait for a message."""
    if actor.sees is Sees.ALL:
        return true()
    seen = select(col(Message.id)).where(
        col(Message.organization_id) == actor.organization_id, of_visible_ticket(actor, Message.ticket_id)
    )
    return or_(col(Attachment.message_id).is_(None), col(Attachment.message_id).in_(seen))


def _require_room(actor: Actor) -> None:
    """Uploads that nobody sent are swept after a day; until then one person has at most MOST_WAITING."""
    with reading(actor.organization_id) as session:
        waiting = session.execute(
            select(func.count())
            .select_from(Attachment)
            .where(
                col(Attachment.organization_id) == actor.organization_id,
                col(Attachment.message_id).is_(None),
                col(Attachment.account_id) == actor.account_id,
            )
        ).scalar_one()
    if waiting >= MOST_WAITING:
        raise Invalid("error.too_many_files", n=MOST_WAITING)
