"""The doctor tells what travels unencrypted, and what soon will."""

from datetime import timedelta
from pathlib import Path

import pytest

from casso import config
from casso.gateways import outgoing
from casso.services import doctor_places, mailboxes
from casso.services.doctor_findings import Finding
from casso.services.doctor_tls import check_fetching, check_pages
from casso.services.mailboxes import ImapForm
from tests.desks import Desk
from tests.servers.certificates import make_certificate


def pages(monkeypatch: pytest.MonkeyPatch, **env: str) -> Finding:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    return check_pages()[0]


@pytest.mark.parametrize(
    ("env", "is_fine", "said"),
    [
        ({"CASSO_URL": "http://localhost:3000"}, True, "not needed"),
        ({"CASSO_URL": "http://desk.example.com"}, False, "in the clear"),
        ({"CASSO_URL": "https://desk.example.com"}, False, "CASSO_PROXY_HOPS=1"),
        ({"CASSO_URL": "https://desk.example.com", "CASSO_PROXY_HOPS": "1"}, True, "a proxy holds"),
    ],
)
def test_pages_in_the_clear_are_told(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], is_fine: bool, said: str
) -> None:
    found = pages(monkeypatch, **env)
    assert found.is_fine is is_fine
    assert said in found.text


@pytest.mark.parametrize(
    ("host", "begins", "ends", "is_fine", "said"),
    [
        ("localhost", -1, 90, True, "good for 8"),
        ("localhost", -1, 10, False, "days: renew it"),
        ("localhost", -90, -2, False, "ended on"),
        ("localhost", 2, 90, False, "check the clock"),
        ("other.example", -1, 90, False, "not for other.example"),
    ],
)
def test_a_certificate_that_browsers_refuse_is_told(
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    begins: int,
    ends: int,
    is_fine: bool,
    said: str,
) -> None:
    made = make_certificate(data_dir, begins=timedelta(days=begins), ends=timedelta(days=ends))
    own = {"CASSO_TLS_CERT": str(made.certificate), "CASSO_TLS_KEY": str(made.key)}
    found = pages(monkeypatch, CASSO_URL=f"https://{host}:3000", **own)
    assert found.is_fine is is_fine
    assert said in found.text


def test_a_mailbox_without_tls_is_told_unless_it_is_on_this_machine(desk: Desk) -> None:
    assert check_fetching()[0].is_fine
    here = ImapForm("127.0.0.1", "anna", "s3cret", security="none")
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, here)
    assert check_fetching()[0].is_fine
    away = ImapForm("mail.example.test", "anna", "s3cret", security="none")
    mailboxes.save_imap(desk.other.owner, desk.other.mailbox_id, away)
    found = check_fetching()[0]
    assert (found.is_fine, found.values["open"]) == (False, 1)
    assert "mail.example.test" not in found.text


@pytest.mark.parametrize(
    ("route", "may"),
    [
        ("smtp://mail.example.test:25", True),
        ("smtp://mail.example.test:25?starttls=required", False),
        ("smtp://mail.example.test:25?starttls=off", True),
        ("smtp://anna:word@mail.example.test", False),
        ("smtp://anna:word@mail.example.test?starttls=off", True),
        ("smtps://mail.example.test", False),
        ("smtp://127.0.0.1:25", False),
        ("file:", False),
    ],
)
def test_a_way_out_that_may_be_overheard_is_told(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, route: str, may: bool
) -> None:
    monkeypatch.setenv("CASSO_MAIL_OUT", route)
    config.settings.cache_clear()
    assert outgoing.may_be_overheard() is may
    if may:
        found = doctor_places.check_mail_out()[0]
        assert "in the clear" in found.text
        assert "word" not in found.text
