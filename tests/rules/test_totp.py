"""Codes of an authenticator and spare codes: which count, and that nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest

from casso.rules import totp

# RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, at(seconds)) == seconds // 30


def test_a_code_counts_one_step_early_and_late_and_no_further() -> None:
    seconds, code = RFC_CODES[2]
    counts = [totp.matching_step(RFC_SECRET, code, at(seconds + shift)) for shift in (-60, -30, 0, 30, 60)]
    assert [found is not None for found in counts] == [False, True, True, True, False]
    assert set(counts) == {None, seconds // 30}


@pytest.mark.parametrize("typed", ["005 924", " 005924\n"])
def test_spaces_in_a_code_do_not_matter(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, at(RFC_CODES[2][0]))


@pytest.mark.parametrize(
    "typed", ["", "5924", "0059240", "٠٠٥٩٢٤", "00592x", "-05924", "0" * 100_000, "\x00" * 6]
)
def test_anything_but_six_digits_is_wrong(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, at(RFC_CODES[2][0])) is None


def test_secrets_are_long_and_never_the_same() -> None:
    made = {totp.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert {len(one) for one in made} == {32}


def test_the_address_names_person_and_desk() -> None:
    found = totp.address_of(RFC_SECRET, account="a b@c.example", issuer="Casso")
    assert found.startswith("otpauth://totp/Casso:a%20b%40c.example?secret=" + RFC_SECRET)


def test_ten_spare_codes_that_differ() -> None:
    codes = totp.new_spare_codes()
    assert len(set(codes)) == totp.SPARE_CODES
    assert all(len(one) == 19 and totp.spare_hash(one) for one in codes)


def test_a_spare_code_is_known_however_it_is_typed() -> None:
    (code, *_) = totp.new_spare_codes()
    kept = totp.spare_hash(code)
    assert kept
    assert code.replace("-", "") not in kept
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} "):
        assert totp.spare_hash(typed) == kept


@pytest.mark.parametrize("typed", ["", "123456", "A" * 15, "A" * 17, "O" * 16, "é" * 16, "A" * 100_000])
def test_what_cannot_be_a_spare_code_has_no_hash(typed: str) -> None:
    assert totp.spare_hash(typed) is None


def test_steps_are_thirty_seconds() -> None:
    assert timedelta(seconds=totp.STEP_SECONDS) == timedelta(seconds=30)
