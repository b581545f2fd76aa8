"""Passkeys: a real signature of this desk's challenge by a verified person, and nothing less."""

import copy
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import select

from casso import db
from casso.enums import Strength
from casso.errors import CassoError, Invalid, NotAllowed, NotFound
from casso.gateways import secrets
from casso.models import Notice, Passkey
from casso.services import passkeys
from casso.values.caller import Caller
from tests import desks
from tests.desks import Desk
from tests.servers.soft_authenticator import PRESENT, SoftAuthenticator, b64

HERE = Caller(ip="192.0.2.7", browser="test")


def made(desk: Desk, *, actor: Any = None) -> SoftAuthenticator:
    """A passkey of the owner, known to the desk."""
    actor, key = actor or desk.owner, SoftAuthenticator(desks.URL)
    asked = passkeys.ask_new(actor)
    passkeys.add(actor, key.create(asked.options), asked.cookie, name="My laptop", caller=HERE)
    return key


def stored() -> list[Passkey]:
    with db.reading() as session:
        return list(session.exec(select(Passkey)).all())


def test_a_passkey_signs_in_as_both_factors(desk: Desk) -> None:
    key, asked = made(desk), passkeys.ask_who()
    proved = passkeys.prove(key.get(asked.options), asked.cookie)
    assert (proved.account_id, proved.strength) == (desk.owner.account_id, Strength.PASSKEY)
    (row,) = stored()
    assert (row.name, row.credential_id) == ("My laptop", key.id)
    assert row.last_used_at
    with db.reading() as session:
        assert session.exec(select(Notice.kind)).all() == ["passkey_added"]


def test_the_desk_asks_for_a_verified_person_and_says_nothing_of_the_account(sqlite_desk: Desk) -> None:
    new, who = passkeys.ask_new(sqlite_desk.owner).options, passkeys.ask_who().options
    selection: Any = new["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert who["userVerification"] == "required"
    assert not who.get("allowCredentials")
    user: Any = new["user"]
    assert user["id"] == passkeys.ask_new(sqlite_desk.owner).options["user"]["id"]  # type: ignore[index]
    assert user["id"] != b64(str(sqlite_desk.owner.account_id).encode())


Lie = Callable[[SoftAuthenticator], None]


def _set(**values: Any) -> Lie:
    def change(key: SoftAuthenticator) -> None:
        for name, value in values.items():
            setattr(key, name, value)

    return change


LIES: dict[str, Lie] = {
    "from another site": _set(origin="https://desk.example.evil.test"),
    "from a page beside it": _set(origin="http://desk.example:3001"),
    "for another site": _set(rp_id="evil.test"),
    "by nobody verified": _set(flags=PRESENT),
    "by nobody present": _set(flags=0),
    "with another key": lambda key: setattr(key, "private", SoftAuthenticator(desks.URL).private),
    "of a passkey that nobody has": _set(credential=b"x" * 32),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_signature_that_does_not_fit_opens_nothing(sqlite_desk: Desk, lie: Lie) -> None:
    key, asked = made(sqlite_desk), passkeys.ask_who()
    lie(key)
    with pytest.raises(NotAllowed, match="passkey_refused"):
        passkeys.prove(key.get(asked.options), asked.cookie)


@pytest.mark.parametrize("name", [name for name in LIES if "key" not in name])
def test_a_passkey_made_elsewhere_is_not_kept(sqlite_desk: Desk, name: str) -> None:
    key = SoftAuthenticator(desks.URL)
    LIES[name](key)
    asked = passkeys.ask_new(sqlite_desk.owner)
    with pytest.raises(NotAllowed, match="passkey_refused"):
        passkeys.add(sqlite_desk.owner, key.create(asked.options), asked.cookie, name="x", caller=HERE)
    assert stored() == []


def test_a_challenge_counts_once(desk: Desk) -> None:
    key, asked = made(desk), passkeys.ask_who()
    answer = key.get(asked.options)
    passkeys.prove(answer, asked.cookie)
    with pytest.raises(NotAllowed, match="passkey_refused"):
        passkeys.prove(answer, asked.cookie)


def test_another_challenges_answer_is_refused(sqlite_desk: Desk) -> None:
    key, first, second = made(sqlite_desk), passkeys.ask_who(), passkeys.ask_who()
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(first.options), second.cookie)


def test_a_challenge_for_making_a_passkey_does_not_sign_in(sqlite_desk: Desk) -> None:
    key, asked = made(sqlite_desk), passkeys.ask_new(sqlite_desk.owner)
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(asked.options), asked.cookie)


def test_anothers_challenge_makes_no_passkey_for_me(sqlite_desk: Desk) -> None:
    asked, key = passkeys.ask_new(sqlite_desk.other.owner), SoftAuthenticator(desks.URL)
    with pytest.raises(NotAllowed):
        passkeys.add(sqlite_desk.owner, key.create(asked.options), asked.cookie, name="x", caller=HERE)


def test_a_challenge_is_over_after_five_minutes(sqlite_desk: Desk) -> None:
    key, asked = made(sqlite_desk), passkeys.ask_who()
    sqlite_desk.clock.tick(minutes=6)
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(asked.options), asked.cookie)


def test_a_sign_count_that_falls_is_a_copy_at_work(desk: Desk) -> None:
    key = made(desk)
    key.count = 7
    asked = passkeys.ask_who()
    passkeys.prove(key.get(asked.options), asked.cookie)
    for count in (7, 6):
        key.count = count
        asked = passkeys.ask_who()
        with pytest.raises(NotAllowed):
            passkeys.prove(key.get(asked.options), asked.cookie)
    key.count = 8
    asked = passkeys.ask_who()
    assert passkeys.prove(key.get(asked.options), asked.cookie).account_id == desk.owner.account_id


def test_the_same_answer_many_times_at_once_opens_one_sign_in(desk: Desk) -> None:
    key, asked = made(desk), passkeys.ask_who()
    key.count = 1
    answer = key.get(asked.options)
    together, opened, refused = Barrier(5), [], []

    def try_it() -> None:
        together.wait(10)
        try:
            opened.append(passkeys.prove(copy.deepcopy(answer), asked.cookie))
        except CassoError as error:
            refused.append(error.key)

    threads = [Thread(target=try_it) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert (len(opened), len(refused)) == (1, 4)


def test_the_same_passkey_belongs_to_one_account(desk: Desk) -> None:
    key = made(desk)
    asked = passkeys.ask_new(desk.other.owner)
    with pytest.raises(Invalid, match="passkey_known"):
        passkeys.add(desk.other.owner, key.create(asked.options), asked.cookie, name="x", caller=HERE)


def test_another_persons_passkey_can_be_neither_renamed_nor_removed(desk: Desk) -> None:
    made(desk)
    (row,) = stored()
    for act in (passkeys.remove, lambda actor, number: passkeys.rename(actor, number, name="mine")):
        with pytest.raises(NotFound):
            act(desk.other.owner, row.id or 0)
    passkeys.rename(desk.owner, row.id or 0, name="  Old   phone ")
    assert stored()[0].name == "Old phone"
    passkeys.remove(desk.owner, row.id or 0)
    assert stored() == []


def test_a_removed_passkey_signs_in_no_more(sqlite_desk: Desk) -> None:
    key = made(sqlite_desk)
    passkeys.remove(sqlite_desk.owner, stored()[0].id or 0)
    asked = passkeys.ask_who()
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(asked.options), asked.cookie)


BROKEN: list[dict[str, Any]] = [
    {}, {"id": None}, {"id": 5}, {"id": "x", "rawId": "y", "response": []}, {"id": "é\ud800"},
    {"id": "x" * 100_000}, {"response": {"clientDataJSON": "!!!"}},
]  # fmt: skip


@pytest.mark.parametrize("answer", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_answer_is_refused_calmly(sqlite_desk: Desk, answer: dict[str, Any]) -> None:
    key = made(sqlite_desk)
    asked = passkeys.ask_who()
    for sent in (answer, {**key.get(asked.options), **answer}):
        asked = passkeys.ask_who()
        with pytest.raises(NotAllowed):
            passkeys.prove(sent, asked.cookie)
    again = passkeys.ask_new(sqlite_desk.owner)
    with pytest.raises(NotAllowed):
        passkeys.add(sqlite_desk.owner, answer, again.cookie, name="x", caller=HERE)


@pytest.mark.parametrize("cookie", ["", "x", "é"])
def test_without_the_browsers_cookie_nothing_counts(sqlite_desk: Desk, cookie: str) -> None:
    key, asked = made(sqlite_desk), passkeys.ask_who()
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(asked.options), cookie)
    with pytest.raises(NotAllowed):
        passkeys.prove(key.get(asked.options), secrets.encrypt('{"kind": "passkey"}'))
