"""Puts a mail's raw bytes and attachments into storage, before the transaction that will name them."""

import hashlib
import logging
from dataclasses import dataclass

from casso.access import Actor
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import storage
from casso.rules.filenames import allowed_type, display_name
from casso.services.intake_values import Arrival, storable
from casso.values.mail import MailAttachment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment whose bytes are in storage."""

    storage_key: str
    sha256: str
    filename: str
    content_type: str
    size: int
    content_id: str
    is_inline: bool
    may_show: bool


@dataclass(frozen=True, slots=True)
class Files:
    """Everything of one mail that lies in storage."""

    raw_key: str
    attachments: tuple[StoredFile, ...]


def store(actor: Actor, arrival: Arrival) -> Files:
    """Store raw mail and attachments under new random keys; a delivery report leaves none."""
    if arrival.read.bounce is not None:
        return Files("", ())
    organization_id = actor.organization_id
    raw_key = storage.put(organization_id, arrival.raw)
    stored = Files(raw_key, tuple(_store_one(organization_id, file) for file in arrival.mail.attachments))
    failpoint("intake.files_stored")
    return stored


def forget(files: Files) -> None:
    """Remove files that no message came to name; what cannot be removed now is swept later."""
    keys = [files.raw_key, *(file.storage_key for file in files.attachments)]
    for key in filter(None, keys):
        try:
            storage.delete(key)
        except GatewayError as error:
            log.warning("a stored file stays behind: %s", error.code)


def _store_one(organization_id: int, file: MailAttachment) -> StoredFile:
    content_type, may_show = allowed_type(file.content_type, file.data[:64])
    return StoredFile(
        storage_key=storage.put(organization_id, file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        filename=display_name(file.filename, file.content_type),
        content_type=content_type,
        size=file.size,
        content_id=storable(file.content_id)[:200],
        is_inline=file.is_inline,
        may_show=may_show,
    )
