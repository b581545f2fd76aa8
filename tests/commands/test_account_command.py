"""`casso account` as scripts use it: JSON, exit codes, a password that stands in no process list."""

import io
import json
import sys

import pytest

from casso.cli import main
from casso.services import login, sessions
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import add_successor, notices, open_session, trail

NEW = "seven grey herons wading"
ADD = ("account", "add", "--email", "ben@example.test", "--organization", "Example")


def typed(monkeypatch: pytest.MonkeyPatch, password: str = NEW) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\r\n"))


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found: dict[str, object] = json.loads(out)
    return found


def test_a_person_is_added_with_a_password_from_standard_input(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch)
    assert main([*ADD, "--name", "Ben Berg", "--role", "viewer", "--password-stdin", "--json"]) == 0
    done = told(capsys)
    assert (done["email"], done["link"]) == ("ben@example.test", "")
    assert login.check_password("ben@example.test", NEW, Caller()).account_id == done["account_id"]


def test_without_a_password_the_link_is_printed_once(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ADD, "--json"]) == 0
    assert str(told(capsys)["link"]).startswith("http://desk.example:3000/reset/")
    assert main(["account", "reset-password", "--email", "ben@example.test"]) == 0
    said = capsys.readouterr().out
    assert "ben@example.test" in said
    assert "http://desk.example:3000/reset/" in said


def test_disabling_ends_sessions_and_enabling_lets_in_again(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    add_successor(sqlite_desk.mine.organization_id)
    token = open_session(sqlite_desk.owner.account_id)
    assert main(["account", "disable", "--email", sqlite_desk.owner.email, "--json"]) == 0
    assert told(capsys)["ended_sessions"] == 1
    assert sessions.find_session(token) is None
    assert main(["account", "enable", "--email", sqlite_desk.owner.email]) == 0
    assert login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())


def test_an_operator_is_made_and_unmade_and_the_last_one_stays(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    other = sqlite_desk.other.owner.email
    assert main(["account", "operator", "--email", other]) == 0
    assert capsys.readouterr().out == f"{other} is an operator of this installation.\n"
    assert main(["account", "operator", "--email", sqlite_desk.owner.email, "--end"]) == 0
    assert main(["account", "operator", "--email", other, "--end"]) == 1
    assert "last operator" in capsys.readouterr().err
    assert main(["account", "operator", "--email", "nobody@example.test"]) == 1


def test_a_password_is_set_from_standard_input_and_a_weak_one_refused(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reset = ["account", "reset-password", "--email", sqlite_desk.owner.email, "--password-stdin"]
    typed(monkeypatch, "1234567890")
    assert main(reset) == 1
    captured = capsys.readouterr()
    assert "most used passwords" in captured.err
    assert captured.out == ""
    typed(monkeypatch)
    assert main(reset) == 0
    assert NEW not in capsys.readouterr().out
    assert login.check_password(sqlite_desk.owner.email, NEW, Caller())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("disable", "--email", "nobody@example.test"), 1),
        (("add", "--email", "ben@example.test", "--organization", "Nowhere"), 1),
        (("add", "--email", "ben@example.test"), 1),
        (("add", "--email", "owner@example.test", "--organization", "Example"), 1),
        (("disable",), 2),
        (("explode", "--email", "ben@example.test"), 2),
        (("add", "--email", "ben@example.test", "--role", "god"), 2),
        ((), 2),
    ],
)
def test_what_cannot_be_done_says_why_on_standard_error(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    try:
        ended = main(["account", *arguments])
    except SystemExit as exit_:
        ended = int(str(exit_.code))
    assert ended == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_who_lost_the_old_mailbox_gets_another_address(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    move = ["account", "change-address", "--email", sqlite_desk.owner.email, "--to"]
    assert main([*move, "Olga@New.test", "--json"]) == 0
    done = told(capsys)
    assert (done["email"], done["ended_sessions"]) == ("olga@new.test", 1)
    assert sessions.find_session(token) is None
    assert login.check_password("olga@new.test", PASSWORD, Caller()).account_id == done["account_id"]
    assert [notice.recipient for notice in notices()] == [sqlite_desk.owner.email, "olga@new.test"]
    assert trail(sqlite_desk, "account.mail_changed") == [f"{sqlite_desk.owner.email}, olga@new.test"]
    assert main([*move, "other@new.test"]) == 1
    move[3] = "olga@new.test"
    for wrong in (sqlite_desk.other.owner.email, "olga@new.test", "no address"):
        assert main([*move, wrong]) == 1
    assert "Another account has this address" in capsys.readouterr().err
