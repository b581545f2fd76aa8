"""The doctor's checks of places outside the database: files, disk, and the doors for mail."""

import os
import shutil
import socket
from urllib.parse import urlsplit

from casso.config import settings
from casso.errors import GatewayError
from casso.gateways import outgoing, storage
from casso.gateways.redis_place import try_redis
from casso.services.doctor_findings import Finding, fine, wrong

LEAST_FREE_MB = 500
CONNECT_SECONDS = 3.0
NOBODYS_FOLDER = 1


def check_storage() -> list[Finding]:
    """Store a small file, read it back, remove it."""
    place = f"S3 bucket {settings().s3_bucket}" if settings().s3_bucket else str(settings().files_dir)
    try:
        key = storage.put(NOBODYS_FOLDER, b"casso doctor")
        is_same = storage.get(key) == b"casso doctor"
        storage.delete(key)
    except (GatewayError, OSError) as error:
        said = error.text if isinstance(error, GatewayError) else type(error).__name__
        return [wrong("storage", f"{place} cannot be written ({said}): check its rights or keys")]
    if not is_same:
        return [wrong("storage", f"{place} returns other bytes than were stored")]
    return [fine("storage", f"{place} can be written and read")]


def check_disk() -> list[Finding]:
    """Room for mail and database."""
    free = shutil.disk_usage(settings().data_dir).free // 2**20
    if free < LEAST_FREE_MB:
        return [
            wrong(
                "disk", f"only {free} MB are free: make room, mail is refused when it is full", free_mb=free
            )
        ]
    return [fine("disk", f"{free} MB are free", free_mb=free)]


def check_mail_in() -> list[Finding]:
    """The SMTP listener's port."""
    address = settings().smtp_listen
    if not address:
        return [fine("mail in", "the SMTP listener is switched off (CASSO_SMTP_LISTEN is empty)")]
    parts = urlsplit(f"//{address}")
    if _answers(parts.hostname or "127.0.0.1", parts.port or 25):
        return [fine("mail in", f"{address} takes mail")]
    return [wrong("mail in", f"nobody listens at {address}: start the desk, or free the port for it")]


def check_mail_out() -> list[Finding]:
    """The route that answers take."""
    route = settings().mail_out
    if route.startswith("file:"):
        folder = settings().data_dir
        if os.access(folder, os.W_OK):
            return [fine("mail out", "answers are written to files, not sent (CASSO_MAIL_OUT=file:)")]
        return [wrong("mail out", f"{folder} cannot be written")]
    if route == "mailgun:":
        return [fine("mail out", f"Mailgun, domain {settings().mailgun_domain}")]
    parts = urlsplit(route)
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
    if outgoing.may_be_overheard():
        advice = "use smtps://, or add ?starttls=required to CASSO_MAIL_OUT"
        return [wrong("mail out", f"mail to {host}:{port} may travel in the clear: {advice}")]
    if _answers(host, port):
        return [fine("mail out", f"{host}:{port} answers")]
    return [wrong("mail out", f"{host}:{port} does not answer: check CASSO_MAIL_OUT and the network")]


def check_operator() -> list[Finding]:
    """Whose name stands on the public pages."""
    if settings().operator_name:
        return [fine("operator", f"the public pages name {settings().operator_name}")]
    text = "/privacy and /terms name the makers of Casso: set CASSO_OPERATOR before others use this desk"
    return [fine("operator", text)]


def check_redis() -> list[Finding]:
    """What several web processes share; nothing when there is none. Whoever writes there runs code here."""
    url = settings().redis_url
    if not url:
        return []
    try:
        try_redis(url)
    except GatewayError as error:
        return [wrong("redis", f"{error.text}: check CASSO_REDIS_URL and that the server runs")]
    if not urlsplit(url).password:
        advice = "give it one (requirepass) and put it into CASSO_REDIS_URL"
        return [wrong("redis", f"answers without a password, so others may read and write screens: {advice}")]
    return [fine("redis", "answers, with a password")]


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS):
            return True
    except OSError:
        return False
