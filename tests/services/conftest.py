"""For the tests of sending: the customers' mail server, and an answer that is due."""

from collections.abc import Iterator

import pytest

from casso import config
from casso.services import replies
from tests.desks import Desk
from tests.servers.smtp_sink import SmtpSink, smtp_sink
from tests.services.mails import mail, take_in


@pytest.fixture
def sink(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    with smtp_sink() as server:
        monkeypatch.setenv("CASSO_MAIL_OUT", f"{server.url}?starttls=off")
        config.settings.cache_clear()
        yield server


@pytest.fixture
def due(desk: Desk) -> int:
    """The id of an answer to Anna and Ben whose undo time is over."""
    take_in(mail(message_id="first@customer.test"))
    message_id = replies.send_reply(desk.owner, 1, text="Hello Anna", cc=("ben@customer.test",))
    desk.clock.tick(seconds=11)
    return message_id
