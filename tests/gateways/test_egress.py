"""A mail server inside the desk's own network: reached when the operator says so, else never touched."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casso import config
from casso.errors import GatewayError
from casso.gateways.egress import connect
from casso.gateways.imap import ImapAccount, ImapCursor, check_connection, fetch_new
from casso.gateways.imap_session import ImapTarget
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postgres import Postgres

Names = dict[str, list[list[str]]]


@pytest.fixture
def door(data_dir: Path) -> Iterator[socket.socket]:
    """Somebody who listens inside, and notices a knock."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A name server of our own: each look-up of a name takes its next answer."""
    answers: Names = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host not in answers:
            return real(host, port, *rest, **more)
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(kinds[":" in ip], socket.SOCK_STREAM, 6, "", (ip, port)) for ip in answers[host].pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def configured(monkeypatch: pytest.MonkeyPatch, **env: str) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()


def port_of(door: socket.socket) -> int:
    port: int = door.getsockname()[1]
    return port


def was_knocked(door: socket.socket) -> bool:
    try:
        door.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def is_refused(host: str, port: int) -> bool:
    try:
        connect(host, port, 5).close()
    except GatewayError as error:
        return (error.code, error.permanent) == ("host_inside", False)
    return False


@pytest.mark.parametrize(
    ("env", "is_allowed"),
    [
        ({}, True),
        ({"CASSO_SIGNUP": "open"}, False),
        ({"CASSO_SIGNUP": "open", "CASSO_ALLOW_PRIVATE_MAIL_HOSTS": "yes"}, True),
        ({"CASSO_ALLOW_PRIVATE_MAIL_HOSTS": "no"}, False),
    ],
)
def test_who_may_look_inside_follows_sign_up_and_the_operator(
    door: socket.socket, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], is_allowed: bool
) -> None:
    configured(monkeypatch, **env)
    assert is_refused("127.0.0.1", port_of(door)) is not is_allowed
    assert was_knocked(door) is is_allowed


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost.", "127.0.0.2", "0.0.0.0", "0"],
)
def test_no_spelling_of_this_machine_gets_through(
    door: socket.socket, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    configured(monkeypatch, CASSO_ALLOW_PRIVATE_MAIL_HOSTS="no")
    try:
        assert is_refused(host, port_of(door))
    except socket.gaierror:
        assert host == "localhost."  # not every system knows it
    assert not was_knocked(door)


@pytest.mark.parametrize(
    "ip", ["169.254.169.254", "0.0.0.0", "fe80::1", "224.0.0.1", "::ffff:169.254.169.254"]
)
def test_what_is_no_mail_servers_address_is_refused_even_when_inside_is_allowed(
    door: socket.socket, names: Names, ip: str
) -> None:
    names["mail.example.test"] = [[ip]]
    assert is_refused("mail.example.test", 993)


def test_one_inner_address_among_others_is_enough(
    door: socket.socket, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(monkeypatch, CASSO_ALLOW_PRIVATE_MAIL_HOSTS="no")
    names["mail.example.test"] = [["1.1.1.1", "127.0.0.1"]]
    assert is_refused("mail.example.test", port_of(door))
    assert not was_knocked(door)


def test_a_name_is_looked_up_once_and_what_was_judged_is_called(door: socket.socket, names: Names) -> None:
    names["mail.example.test"] = [["127.0.0.1"], ["169.254.169.254"]]
    connect("mail.example.test", port_of(door), 5).close()
    assert was_knocked(door)
    assert names["mail.example.test"] == [["169.254.169.254"]]


def test_the_next_address_is_tried_when_one_does_not_answer(door: socket.socket, names: Names) -> None:
    names["mail.example.test"] = [["::1", "127.0.0.1"], ["::1"]]
    connect("mail.example.test", port_of(door), 5).close()
    assert was_knocked(door)
    with pytest.raises(OSError, match=r"\[Errno"):
        connect("mail.example.test", port_of(door), 5)


@pytest.mark.parametrize("name", ["CASSO_PORT", "CASSO_SMTP_LISTEN", "CASSO_REDIS_URL", "CASSO_S3_ENDPOINT"])
def test_the_desks_own_ports_are_never_called(
    door: socket.socket, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    port = port_of(door)
    own = {
        "CASSO_PORT": str(port),
        "CASSO_SMTP_LISTEN": f"127.0.0.1:{port}",
        "CASSO_REDIS_URL": f"redis://:word@127.0.0.1:{port}/0",
        "CASSO_S3_ENDPOINT": f"http://127.0.0.1:{port}",
    }
    more = {"CASSO_S3_BUCKET": "b", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    configured(monkeypatch, **{name: own[name]} | (more if "S3" in name else {}))
    assert is_refused("127.0.0.1", port)
    assert not was_knocked(door)


@pytest.mark.postgres
def test_the_desks_own_database_is_never_called(
    data_dir: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(monkeypatch, CASSO_DATABASE_URL="postgresql://casso@127.0.0.1/casso")
    assert is_refused("127.0.0.1", 5432)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def test_a_mailbox_on_an_inner_server_says_what_is_wrong_and_works_once_allowed(
    data_dir: Path, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = ImapTarget("localhost", "anna", server.password, port=server.port, security="none")
    account = ImapAccount(target, source="imap:7", recipient="help@desk.example")
    configured(monkeypatch, CASSO_SIGNUP="open")
    assert check_connection(target).code == "host_inside"
    assert fetch_new(account, ImapCursor(), store=_never).problem.code == "host_inside"
    configured(monkeypatch, CASSO_ALLOW_PRIVATE_MAIL_HOSTS="yes")
    assert check_connection(target).code == "ok"
    assert fetch_new(account, ImapCursor(), store=_never).problem is None


def _never(*_args: Any, **_more: Any) -> str:
    raise AssertionError("nothing lies in that mailbox")
