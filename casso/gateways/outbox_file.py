"""Delivery into a folder, one .eml file each: the default until a mail server is configured.

The name comes from Message-ID and recipient, so sending the same mail again replaces
the same file with the same content.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from casso.errors import GatewayError
from casso.gateways.mail_bytes import require_safe
from casso.values.mail import OutgoingMail


def send(mail: OutgoingMail, folder: Path) -> Path:
    """Write the mail durably and return its file. Raises GatewayError."""
    require_safe(mail)
    name = hashlib.sha256(f"{mail.message_id}\n{mail.recipient.lower()}".encode()).hexdigest()
    target = folder / f"{name[:40]}.eml"
    temporary = folder / f".part-{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_synced(temporary, mail.raw)
        temporary.rename(target)
        _sync_folder(folder)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        text = f"The mail could not be written to the outbox folder ({error.strerror})"
        raise GatewayError(text, permanent=False, code="outbox_failed") from error
    return target


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
