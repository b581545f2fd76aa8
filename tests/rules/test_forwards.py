"""Mail forwarded inside another, in the shapes of several clients, and what is none."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.rules.forwards import is_forward_subject, read_forward

APPLE = """Please have a look.

Begin forwarded message:

> From: Ada King <ada@calc.example>
> Subject: Order 17
> Date: 5 January 2026 at 10:00:00 CET
> To: shop@casso.example
>
> Where is my order?
>
> Ada
"""
GMAIL = """fyi

---------- Forwarded message ---------
From: Ada King <ada@calc.example>
Date: Mon, Jan 5, 2026 at 10:00 AM
Subject: Order 17
To: <shop@casso.example>


Where is my order?

Ada
"""
OUTLOOK = """fyi

________________________________
Von: Ada King <ada@calc.example>
Gesendet: Montag, 5. Januar 2026 10:00
An: Shop <shop@casso.example>
Betreff: Order 17

Where is my order?

Ada
"""


@pytest.mark.parametrize(
    ("subject", "text", "note"),
    [
        ("Fwd: Order 17", APPLE, "Please have a look."),
        ("", APPLE, "Please have a look."),
        ("Fwd: Order 17", GMAIL, "fyi"),
        ("Order 17", GMAIL, "fyi"),
        ("WG: Order 17", OUTLOOK, "fyi"),
    ],
)
def test_the_original_sender_text_and_note_are_found(subject: str, text: str, note: str) -> None:
    found = read_forward(subject, text)
    assert found is not None
    assert (found.sender.email, found.sender.name) == ("ada@calc.example", "Ada King")
    assert found.subject == "Order 17"
    assert found.message == note
    assert found.body == "Where is my order?\n\nAda"


def test_the_outermost_of_nested_forwards_wins() -> None:
    nested = GMAIL + GMAIL.replace("ada@calc.example", "inner@calc.example")
    found = read_forward("Fwd: Order 17", nested)
    assert found is not None
    assert found.sender.email == "ada@calc.example"
    assert "inner@calc.example" in found.body


def test_a_reply_with_a_quoted_header_is_no_forward() -> None:
    assert read_forward("RE: Order 17", OUTLOOK) is None


def test_a_reply_with_an_attribution_is_no_forward() -> None:
    text = 'Thanks!\n\nOn 5 Jan 2026 10:00, "Ada King" <ada@calc.example> wrote:\n> Where is it?\n'
    assert read_forward("Re: Order", text) is None


def test_outlook_for_mac_heads_a_forward_like_a_reply() -> None:
    text = 'See below.\n\nOn 05/01/2026 10:00, "Ada King" <ada@calc.example> wrote:\n\n    Where is it?\n'
    found = read_forward("FW: Order", text)
    assert found is not None
    assert found.sender.email == "ada@calc.example"
    assert found.message == "See below."


@pytest.mark.parametrize(
    "text", ["", "Hello", "From: me\n", "Dear all:\n\nsee you", "-----Original Message-----\nhi"]
)
def test_plain_text_is_no_forward(text: str) -> None:
    assert read_forward("Re: x", text) is None


@pytest.mark.parametrize("subject", ["Fwd: a", "FW: a", "WG: a", "TR : a", "VS: a", "转发: a", "I: a"])
def test_forward_prefixes_of_clients_are_known(subject: str) -> None:
    assert is_forward_subject(subject)


@pytest.mark.parametrize("subject", ["Re: a", "Fwiw: a", "Invoice: a", "a"])
def test_other_subjects_are_no_forward(subject: str) -> None:
    assert not is_forward_subject(subject)


@pytest.mark.parametrize("text", ["From: Ada <a@b.example>", "\n\nFrom:", "From: Ada\nSubject: x"])
def test_a_header_without_a_mail_below_does_no_harm(text: str) -> None:
    found = read_forward("Fwd: x", text)
    assert found is None or found.body in ("", text)


def test_lines_that_look_like_our_tokens_do_no_harm() -> None:
    found = read_forward("Fwd: x", GMAIL.replace("Where is my order?", "§§0§ §§999999§"))
    assert found is not None
    assert found.sender.email == "ada@calc.example"


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 200_000,
        "From: a\n" * 20_000,
        ("<@>" * 90 + ":\n") * 400,
        "-" * 200_000,
        "Begin forwarded message:\n" * 8_000,
        "Begin forwarded message:\n" + ("From: " + "<a@b> [" * 200 + "\n") * 100,
        "---------- Forwarded message ---------\nFrom: " + "a" * 700 + "\n" + "x\n" * 40_000,
        "---------- Forwarded message ---------\nFrom: Ann <a@b.c>\n" + "x\n\n" * 30_000,
    ],
)
def test_hostile_text_takes_little_time(text: str) -> None:
    start = time.process_time()
    read_forward("Fwd: x", text)
    assert time.process_time() - start < 1


def test_a_forward_of_tens_of_thousands_of_lines_is_whole() -> None:
    body = "\n".join(str(number) for number in range(15_000))
    found = read_forward("Fwd: x", GMAIL.replace("Where is my order?", body))
    assert found is not None
    assert body in found.body


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*GMAIL.split("\n"), *APPLE.split("\n"), "=?utf-8?q?=ff?=", "\ud83d\ude00"]),
        max_size=30,
    )
)
def test_shuffled_forwards_never_raise(lines: list[str]) -> None:
    read_forward("Fwd: x", "\n".join(lines))
