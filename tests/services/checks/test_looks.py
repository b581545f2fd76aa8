"""Each check of the security look: what is fine, what is to be mended, and that every finding has words."""

import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from casso.config import Settings, read_settings
from casso.enums import Level
from casso.services import mailboxes
from casso.services.checks import isolation, security
from casso.services.checks.findings import Found
from casso.services.checks.of_files import check_files
from casso.services.checks.of_headers import check_headers
from casso.services.checks.of_packages import check_packages
from casso.services.checks.of_settings import check_mailboxes, check_settings
from casso.words import has_word
from tests.architecture import ROOT
from tests.desks import Desk
from tests.servers.certificates import make_certificate

HTTPS = {"CASSO_URL": "https://desk.example.com"}
AWAY = {"CASSO_S3_BUCKET": "b", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}


def chosen(folder: Path, **more: str) -> Settings:
    return read_settings({"CASSO_DATA_DIR": str(folder / "data")} | more)


def codes(found: list[Found], level: Level = Level.WRONG) -> set[str]:
    return {one.code for one in found if one.level is level}


def test_a_desk_as_it_comes_has_nothing_to_mend(tmp_path: Path) -> None:
    found = check_settings(chosen(tmp_path)) + check_files(chosen(tmp_path), tmp_path / ".env")
    assert codes(found) == codes(found, Level.NOTICE) == set()
    assert {"https_local", "signup_closed", "key_fine", "files_fine"} <= codes(found, Level.FINE)


@pytest.mark.parametrize(
    ("more", "code", "level"),
    [
        ({"CASSO_HOST": "0.0.0.0", "CASSO_ALLOW_HTTP": "yes"}, "https_off", Level.WRONG),
        (HTTPS, "proxy_hops", Level.WRONG),
        (HTTPS | {"CASSO_PROXY_HOPS": "1"}, "proxy_fine", Level.FINE),
        (HTTPS | {"CASSO_PROXY_HOPS": "1", "CASSO_HOST": "0.0.0.0"}, "proxy_bypassed", Level.WRONG),
        ({"CASSO_SIGNUP": "open"}, "signup_open", Level.NOTICE),
        ({"CASSO_SECRET_KEY": "ab" * 20}, "key_weak", Level.WRONG),
        ({"CASSO_MAIL_OUT": "smtp://mail.example.com:25?starttls=off"}, "mail_out_plain", Level.WRONG),
        ({"CASSO_MAIL_OUT": "smtp://mail.example.com:25"}, "mail_out_auto", Level.NOTICE),
        (AWAY | {"CASSO_S3_ENDPOINT": "http://s3.example.com"}, "files_plain", Level.WRONG),
        ({"CASSO_REDIS_URL": "redis://:secret@redis.example.com"}, "redis_plain", Level.WRONG),
        ({"CASSO_REDIS_URL": "rediss://redis.example.com"}, "redis_open", Level.NOTICE),
        ({"CASSO_DATABASE_URL": "postgresql://a:b@db.example.com/casso"}, "database_plain", Level.WRONG),
        ({"CASSO_SMTP_LISTEN": "0.0.0.0:25"}, "smtp_open", Level.NOTICE),
    ],
)
def test_a_setting_that_leaves_a_door_open_is_told(
    tmp_path: Path, more: dict[str, str], code: str, level: Level
) -> None:
    assert code in codes(check_settings(chosen(tmp_path, **more)), level)


@pytest.mark.parametrize(
    "more",
    [
        {"CASSO_MAIL_OUT": "smtps://mail.example.com"},
        {"CASSO_MAIL_OUT": "smtp://mail.example.com?starttls=required"},
        {"CASSO_MAIL_OUT": "smtp://127.0.0.1:25?starttls=off"},
        AWAY | {"CASSO_S3_ENDPOINT": "https://s3.example.com"},
        {"CASSO_REDIS_URL": "rediss://:secret@redis.example.com"},
        {"CASSO_DATABASE_URL": "postgresql://a:b@db.example.com/casso?sslmode=verify-full"},
        {"CASSO_DATABASE_URL": "postgresql://a:b@127.0.0.1/casso"},
        {"CASSO_DATABASE_URL": "postgresql:///casso?host=/run/postgresql"},
    ],
)
def test_what_is_encrypted_or_stays_here_is_not_told(tmp_path: Path, more: dict[str, str]) -> None:
    found = check_settings(chosen(tmp_path, **more))
    assert codes(found) == codes(found, Level.NOTICE) == set()


@pytest.mark.parametrize(
    ("host", "security", "is_told"),
    [
        ("mail.example.com", "none", True),
        ("mail.example.com", "starttls", False),
        ("127.0.0.1", "none", False),
    ],
)
def test_a_mailbox_fetched_without_tls_is_told(desk: Desk, host: str, security: str, is_told: bool) -> None:
    form = mailboxes.ImapForm(host, "name", "password", security=security)
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, form)
    assert codes(check_mailboxes()) == ({"mailboxes_plain"} if is_told else set())


@pytest.mark.parametrize(
    ("name", "mode", "code"),
    [
        ("data", 0o755, "data_open"),
        ("data/secret.key", 0o640, "key_open"),
        (".env", 0o644, "env_open"),
        ("localhost.key", 0o604, "tls_key_open"),
    ],
)
def test_what_others_may_read_is_told(tmp_path: Path, name: str, mode: int, code: str) -> None:
    (tmp_path / ".env").write_text("A=1")
    own = make_certificate(tmp_path)
    for path in (own.certificate, own.key, tmp_path / ".env"):
        os.chmod(path, 0o600)
    tls = {"CASSO_TLS_CERT": str(own.certificate), "CASSO_TLS_KEY": str(own.key)}
    here = chosen(tmp_path, CASSO_URL="https://desk.example", **tls)
    assert codes(check_files(here, tmp_path / ".env")) == set()
    os.chmod(tmp_path / name, mode)
    assert codes(check_files(here, tmp_path / ".env")) == {code}


def test_a_key_beside_the_backups_is_told(tmp_path: Path) -> None:
    here = chosen(tmp_path)
    inside = here.data_dir / "backups" / "monday"
    inside.mkdir(parents=True)
    (inside / "secret.key").write_text("key")
    assert codes(check_files(here, tmp_path / ".env")) == {"key_in_backup"}


def test_another_version_than_pinned_is_told_with_both(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("# why\nreflex==0.0.1\nnobody-has-this==1\nonly-there==1 ; sys_platform == 'x'\n")
    (differing,) = [one for one in check_packages(pins) if one.code == "packages_differ"]
    assert "reflex (" in differing.values["names"]
    assert "0.0.1" in differing.values["names"]
    assert "nobody-has-this (-, 1)" in differing.values["names"]
    assert "only-there" not in differing.values["names"]


def test_what_cannot_be_known_here_is_said(tmp_path: Path) -> None:
    assert "packages_holes" in codes(check_packages(), Level.NOTICE)


class Page(BaseHTTPRequestHandler):
    """Answers everything with these headers."""

    headers_sent: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


GOOD = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'sha256-x'",
}


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, ""),
        ({"X-Frame-Options": "ALLOWALL"}, "x-frame-options"),
        ({"Content-Security-Policy": ""}, "content-security-policy"),
        (
            {"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-eval'"},
            "content-security-policy",
        ),
        ({"Content-Security-Policy": "default-src *"}, "content-security-policy"),
    ],
)
def test_the_headers_of_the_running_desk_are_looked_at(
    tmp_path: Path, page: int, change: dict[str, str], missing: str
) -> None:
    Page.headers_sent = GOOD | change
    found = check_headers(chosen(tmp_path, CASSO_PORT=str(page)))
    if missing:
        assert codes(found) == {"headers_missing"}
        assert {one.values["names"] for one in found} == {missing}
    else:
        assert [one.code for one in found] == ["headers_fine"]


def test_https_without_hsts_is_told(tmp_path: Path, page: int) -> None:
    Page.headers_sent = GOOD
    found = check_headers(chosen(tmp_path, CASSO_PORT=str(page), CASSO_PROXY_HOPS="1", **HTTPS))
    assert "strict-transport-security" in found[0].values["names"]


def test_a_desk_that_does_not_run_is_no_hole(tmp_path: Path, page: int) -> None:
    found = check_headers(chosen(tmp_path, CASSO_PORT="1"))
    assert [(one.code, one.level) for one in found] == [("headers_unseen", Level.NOTICE)]


def test_every_finding_has_its_words() -> None:
    folder = ROOT / "casso" / "services" / "checks"
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    used = set(re.findall(r'\b(?:fine|notice|wrong)\(\s*"(\w+)"', text)) | set(isolation.KINDS.values())
    used |= {"key_open", "env_open", "tls_key_open"}
    assert len(used) > 35
    assert [code for code in used if not has_word(f"check.{code}")] == []


def test_on_this_desk_walls_and_trail_are_looked_at(desk: Desk) -> None:
    found = security.look()
    kind = "walls_sqlite" if desk.kind == "sqlite" else "walls_fine"
    assert {kind, "trail_fine"} <= codes(found, Level.FINE)
