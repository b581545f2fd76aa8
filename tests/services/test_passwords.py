"""Passwords: argon2id, one cost whatever is wrong, and new ones that are worth having."""

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.db import reading
from casso.errors import Invalid
from casso.models import Account
from casso.services import passwords
from tests.desks import PASSWORD, Desk


def problem(password: str, *about: str) -> str:
    try:
        passwords.require_good(password, about=about)
    except Invalid as error:
        return error.key.removeprefix("error.password_")
    return ""


def test_a_hash_is_argon2id_with_todays_parameters() -> None:
    stored = passwords.hash_new_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(stored, PASSWORD)
    assert not passwords.is_right(stored, PASSWORD + "x")
    assert not passwords.needs_rehash(stored)


def test_an_older_hash_is_noticed() -> None:
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD))


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("short", "length"),
        ("x" * 257, "length"),
        ("x" * 1_000_000, "length"),
        ("password1234", "common"),
        ("1234567890", "common"),
        ("QWERTYUIOP", "common"),
        ("aaaaaaaaaaaaaaaa", "weak"),
        ("Password123!", "weak"),
        ("correct horse\x00battery", "letters"),
        ("correct horse\ud800battery", "letters"),
        (PASSWORD, ""),
        ("correct horse battery staple", ""),
        ("grüne Möwen am Hafen", ""),
        ("七つの海を越えて行こう友よ", ""),
    ],
)
def test_a_new_password_is_refused_for_what_is_wrong_with_it(password: str, wrong: str) -> None:
    assert problem(password) == wrong


def test_ones_own_name_address_and_organization_make_a_weak_password() -> None:
    assert problem("northwindruiz7") == ""
    assert problem("northwindruiz7", "ruiz@northwind.example", "Northwind") == "weak"


def test_what_an_account_is_known_by_is_its_names_and_organizations(desk: Desk) -> None:
    with reading() as session:
        account = session.get(Account, desk.owner.account_id)
        assert account is not None
        assert passwords.known_about(session, account) == (desk.owner.email, "Olga", "Example", "Example")


def test_one_letter_in_two_spellings_is_one_password() -> None:
    stored = passwords.hash_new_password("grüne Möwen am Hafen")
    assert passwords.is_right(stored, "gru\u0308ne Mo\u0308wen am Hafen")


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 1_000_000, PASSWORD])
def test_without_a_hash_every_password_is_wrong(password: str) -> None:
    assert not passwords.is_right("", password)
    assert not passwords.is_right("no hash at all", password)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_judged_and_never_fails(password: str) -> None:
    assert 0 <= passwords.score_of(password, about=("ana@example.test",)) <= 4
    problem(password)
