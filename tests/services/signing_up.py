"""What tests of sign-up share: an open desk, a form that is good, and the codes that were mailed."""

import json
from dataclasses import replace

import pytest

from casso import config
from casso.gateways.secrets import decrypt
from casso.services import notice_sending, sign_up
from casso.services.notices import NoticeKind
from casso.services.setup import SetupForm
from casso.values.caller import Caller
from tests.desks import Desk
from tests.services.agreed import agreed
from tests.services.people import HOME, notices
from tests.services.test_notices import outbox

NEW, GOOD = "nora@new.test", "violet anchor thirteen boats"
FORM = SetupForm(
    organization="Nord Licht", email=NEW, password=GOOD, first_name="Nora", last_name="Berg", locale="en"
)


def open_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSO_SIGNUP", "open")
    config.settings.cache_clear()


def begin(caller: Caller = HOME, **changed: str) -> str:
    """The token of a new sign-up."""
    return sign_up.begin(replace(FORM, **changed), agreed(), caller)


def codes() -> list[str]:
    """The codes on their way, oldest first."""
    waiting = [json.loads(decrypt(one.sealed)) for one in notices() if one.kind == NoticeKind.SIGN_UP_CODE]
    return [str(values["code"]) for values in waiting]


def mails(desk: Desk) -> list[str]:
    """The text of every mail that left."""
    notice_sending.send_due(100)
    return [body.get_content() for mail in outbox(desk) if (body := mail.get_body(("plain",)))]
