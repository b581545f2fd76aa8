"""Names and phone numbers stay as people write them; what breaks lines or fakes a name goes."""

import pytest

from casso.rules.person import NAME_LIMIT, person_name, phone_number, shown_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana   María ", "Ana María"),
        ("Nguyễn", "Nguyễn"),
        ("山田", "山田"),
        ("O'Brien-<b>", "O'Brien-<b>"),
        ("Ana\r\nBcc: eve@evil.test", "Ana Bcc: eve@evil.test"),
        ("A\x00na\u2028B", "Ana B"),
        ("\u202egnimA", "gnimA"),
        ("\ud800", ""),
        (" \t\n", ""),
        ("x" * 400, "x" * NAME_LIMIT),
        ("x" * (NAME_LIMIT - 1) + " y", "x" * (NAME_LIMIT - 1)),
    ],
)
def test_a_name_is_one_line_of_what_was_typed(typed: str, kept: str) -> None:
    assert person_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "+47 22 33 44 55",
        "(030) 123-4567",
        "+(49) 30/1234.56",
        "112",
        "0800 555 0199 x12",
        "555 0199 ext. 7",
        "٠١٢٣٤",
    ],
)
def test_a_number_is_kept_as_it_was_typed(typed: str) -> None:
    assert phone_number(f"  {typed} ") == typed


def test_no_number_is_fine() -> None:
    assert phone_number("   ") == ""


@pytest.mark.parametrize(
    "typed",
    ["12", "call me", "+", "++++1234", "1" * 22, "1 " * 30, "123\n456", "123\x00", "12<b>34", "x12345"],
)
def test_what_cannot_be_dialled_is_no_number(typed: str) -> None:
    assert phone_number(typed) is None


def test_the_trail_keeps_only_how_a_number_ends() -> None:
    assert (shown_phone("+47 22 33 44 55"), shown_phone("")) == ("…55", "")
