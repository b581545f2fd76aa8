"""The one door out: the setting alone decides which way a mail goes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from casso.errors import GatewayError
from casso.gateways.outgoing import deliver
from casso.values.mail import OutgoingMail
from tests.servers.mailgun_stub import mailgun_stub
from tests.servers.smtp_sink import smtp_sink

MAIL = OutgoingMail("help@desk.example", "a@b.example", b"Subject: x\r\n\r\nbody\r\n", "1@desk.example")


def test_by_default_mail_goes_into_the_outbox_folder(data_dir: Path) -> None:
    deliver(MAIL)
    (written,) = (data_dir / "outbox").iterdir()
    assert written.read_bytes() == MAIL.raw


def test_an_smtp_address_sends_over_smtp(configure: Callable[..., Path]) -> None:
    with smtp_sink() as sink:
        data_dir = configure(CASSO_MAIL_OUT=sink.url)
        deliver(MAIL)
    assert sink.mails[0].raw == MAIL.raw
    assert not (data_dir / "outbox").exists()


def test_mailgun_sends_through_its_api(configure: Callable[..., Path]) -> None:
    with mailgun_stub() as stub:
        configure(CASSO_MAIL_OUT="mailgun:", **stub.environment())
        deliver(MAIL)
    assert stub.mails[0].raw == MAIL.raw


@pytest.mark.parametrize("route", ["file:", "mailgun:", "smtp://127.0.0.1:1"])
def test_no_route_takes_an_injected_header(configure: Callable[..., Path], route: str) -> None:
    configure(
        CASSO_MAIL_OUT=route, MAILGUN_API_KEY="k", MAILGUN_DOMAIN="d", MAILGUN_API_BASE="http://127.0.0.1:1"
    )
    bad = OutgoingMail(MAIL.sender, MAIL.recipient, b"Subject: x\nBcc: y@z\r\n\r\nbody", MAIL.message_id)
    with pytest.raises(GatewayError) as caught:
        deliver(bad)
    assert (caught.value.code, caught.value.permanent) == ("unsafe_header", True)
