"""One line stays one line, in the eyes of Python's parser too."""

from email import message_from_string, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.rules.headers import clean_header


@pytest.mark.parametrize(
    "separator",
    ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x1c", "\x1d", "\x1e", "\x85", "\v", "\f", "\r\n ", "\n\n"],
)
def test_a_line_break_of_any_kind_becomes_a_space(separator: str) -> None:
    cleaned = clean_header(f"Hello{separator}Bcc: evil@x.example")
    assert cleaned.split() == ["Hello", "Bcc:", "evil@x.example"]
    assert len(cleaned.splitlines()) == 1


def test_nul_and_controls_go_and_words_stay() -> None:
    assert clean_header("  a\x00b\x07\x1bc\x7f ") == "abc"
    assert clean_header("Grüße 你好 🎉 a\tb") == "Grüße 你好 🎉 a\tb"


def test_lone_surrogates_go_because_nobody_can_encode_them() -> None:
    assert clean_header("a\ud800b") == "ab"


@given(st.text())
def test_any_text_is_one_header_and_can_be_sent(text: str) -> None:
    cleaned = clean_header(text)
    assert len(cleaned.splitlines()) <= 1
    assert cleaned == clean_header(cleaned)
    cleaned.encode()
    parsed = message_from_string(f"Subject: {cleaned}\n\nbody", policy=policy.compat32)
    assert parsed.keys() == ["Subject"]
    assert parsed.get_payload() == "body"
