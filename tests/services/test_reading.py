"""A raw mail with everything the rules say of it; a rule that breaks costs its own finding alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from casso.services import reading
from casso.services.reading import read_mail

ROOT = Path(__file__).parents[2]
HEAD = b"From: Ada King <ada@calc.example>\nTo: support@casso.example\nMessage-ID: <1@x>\n"


def test_a_reply_is_told_from_its_quote() -> None:
    found = read_mail(HEAD + b"Subject: Re: x\n\nYes.\n\nOn 5 Jan 2026, Bob <bob@x.example> wrote:\n> One?\n")
    assert found.reply_text == "Yes."
    assert "One?" in found.body_text
    assert found.may_answer
    assert not found.is_automatic
    assert found.bounce is None
    assert found.forward is None


def test_html_alone_becomes_text() -> None:
    found = read_mail(HEAD + b"Subject: x\nContent-Type: text/html\n\n<p>One &amp; two</p><ul><li>three</ul>")
    assert found.body_text.startswith("One & two")
    assert "three" in found.reply_text


def test_an_out_of_office_is_automatic_and_not_answered() -> None:
    found = read_mail(HEAD + b"Subject: x\nAuto-Submitted: auto-replied\n\nAway.")
    assert found.is_automatic
    assert not found.may_answer


def test_a_list_mail_is_no_robot_but_not_answered() -> None:
    found = read_mail(HEAD + b"Subject: x\nList-Id: <l.example>\n\nNews.")
    assert not found.is_automatic
    assert not found.may_answer


def test_a_bounce_is_automatic_and_never_a_forward() -> None:
    raw = (
        b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<a@b.example>: unknown user\n\n"
        b"---------- Forwarded message ---------\nFrom: Bob <bob@x.example>\nSubject: x\nTo: z\n\nHi\n"
    )
    found = read_mail(raw)
    assert found.bounce is not None
    assert found.is_automatic
    assert found.forward is None


def test_an_attached_mail_is_the_forward_when_it_is_the_only_file_or_the_subject_says_so() -> None:
    inner = b"From: Bob <bob@x.example>\nSubject: Order\nContent-Type: text/html\n\n<p>Where is it?</p>"
    raw = (
        HEAD + b"Subject: Fwd: Order\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nplease see\n"
        b"--b\nContent-Type: message/rfc822\n\n" + inner + b"\n--b--\n"
    )
    forward = read_mail(raw).forward
    assert forward is not None
    assert forward.sender.email == "bob@x.example"
    assert (forward.subject, forward.body, forward.message) == ("Order", "Where is it?", "please see")
    assert read_mail(raw.replace(b"Fwd: Order", b"Re: Order")).forward == forward
    long_note = raw.replace(b"please see", b"a long letter of its own " * 50)
    assert read_mail(long_note.replace(b"Fwd: Order", b"Re: Order")).forward is None


def test_a_rule_that_breaks_is_named_and_the_mail_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise IndexError("a library gave up")

    for name in ("read_bounce", "read_forward", "split_reply", "is_automatic"):
        monkeypatch.setattr(reading, name, broken)
    found = read_mail(HEAD + b"Subject: x\n\nHello")
    assert found.body_text == "Hello"
    assert found.reply_text == "Hello"
    assert found.is_automatic
    assert not found.may_answer
    assert found.mail.defects == (
        "bounce could not be read",
        "forward could not be read",
        "reply text could not be read",
        "automatic could not be read",
    )


def test_running_out_of_memory_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(raw: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(reading, "parse", exhausted)
    with pytest.raises(MemoryError):
        read_mail(HEAD)


def test_plain_mail_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from casso.services.reading import read_mail; read_mail(b'From: a@b.example\\n\\nHi');"
        "print([name for name in ('lxml', 'inscriptis', 'tnefparse', 'icalendar', 'flufl.bounce',"
        "'emailforwardparser', 'charset_normalizer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
