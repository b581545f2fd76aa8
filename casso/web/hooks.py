"""Mail that Mailgun hands over: signed, within its time, on disk before it is acknowledged, each token once.

The token is noted after the mail is in the spool: a crash between the two brings the
same webhook again, and the spool knows the mail by its content.
"""

import asyncio
import logging

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.clock import now
from casso.config import settings
from casso.enums import MailSource
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import mailgun, spool
from casso.gateways.mailgun_form import FormFile, HookMail, read_form
from casso.services import webhooks
from casso.web.forms import BROKEN_FORM
from casso.web.router import Who, route

logger = logging.getLogger(__name__)
LARGEST_HOOK = 40_000_000
MOST_FILES = 200
STOP = 406  # Mailgun does not send the same webhook again after this answer

Fields = dict[str, str | bytes]


@route("/hooks/mailgun", who=Who.SIGNED, methods=("POST",), max_body=LARGEST_HOOK)
async def mailgun_hook(request: Request) -> Response:
    """200 only when the mail is safely stored; 403 unsigned, 406 seen before or no mail, 503 try again."""
    try:
        fields, files = await _form(request)
    except BROKEN_FORM:
        return _answer(400, "not a form")
    token = _text(fields, "token")
    if not mailgun.verify(
        settings().mailgun_signing_key, _text(fields, "timestamp"), token, _text(fields, "signature"), now()
    ):
        logger.warning("webhook refused", extra={"event": "hooks.refused", "why": "signature"})
        return _answer(403, "signature")
    if await asyncio.to_thread(webhooks.was_taken, token):
        return _answer(STOP, "seen before")
    try:
        await asyncio.to_thread(_store, read_form(fields, files))
    except GatewayError as error:
        logger.warning("webhook refused", extra={"event": "hooks.refused", "why": error.code})
        return _answer(STOP if error.permanent else 503, error.code)
    failpoint("hooks.stored")
    await asyncio.to_thread(webhooks.note_taken, token)
    return _answer(200, "stored")


def _store(mail: HookMail) -> None:
    moment = now()
    for recipient in mail.recipients:
        spool.store(
            mail.raw,
            source=MailSource.MAILGUN,
            recipient=recipient,
            sender=mail.sender,
            received_at=moment,
        )


async def _form(request: Request) -> tuple[Fields, tuple[FormFile, ...]]:
    """Fields and files of either encoding. Raises one of BROKEN_FORM."""
    fields: Fields = {}
    files: list[FormFile] = []
    async with request.form(max_files=MOST_FILES, max_fields=1000, max_part_size=LARGEST_HOOK) as sent:
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                if name == "body-mime":
                    fields[name] = data
                    continue
                files.append(FormFile(name, value.filename or "", value.content_type or "", data))
            else:
                fields.setdefault(name, value)
    return fields, tuple(files)


def _text(fields: Fields, name: str) -> str:
    found = fields.get(name, "")
    return found if isinstance(found, str) else ""


def _answer(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status)
