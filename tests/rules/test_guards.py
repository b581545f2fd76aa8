"""Who wrote a mail: a person who may be answered, a machine, a list, or ourselves."""

import pytest

from casso.rules.guards import is_automatic, is_loop, is_own_sender, may_answer
from casso.values.mail import MailAddress, ParsedMail


def mail(*headers: tuple[str, str], sender: str = "ann@example.org", subject: str = "Printer") -> ParsedMail:
    return ParsedMail(subject=subject, sender=MailAddress(sender), headers=headers)


def test_a_person_is_not_automatic_and_may_be_answered() -> None:
    assert not is_automatic(mail(("Auto-Submitted", "no")))
    assert may_answer(mail(("Precedence", "first-class")))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "Auto-Generated; owner-email=x"),
        ("auto-submitted", "auto-notified"),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", "Re: x"),
        ("X-Autoresponder", "1"),
        ("X-AutoReply-From", "a@b"),
        ("X-Mail-Autoreply", "x"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "Bulk"),
        ("Precedence", "auto_reply"),
        ("X-Precedence", "junk"),
        ("Delivered-To", "Autoresponder"),
        ("Return-Path", "<>"),
    ],
)
def test_a_header_that_says_automatic_is_believed(name: str, value: str) -> None:
    assert is_automatic(mail((name, value)))
    assert not may_answer(mail((name, value)))


def test_forwarded_by_a_rule_is_still_a_persons_mail() -> None:
    assert not is_automatic(mail(("Auto-Submitted", "auto-forwarded")))


@pytest.mark.parametrize("value", ["DR", "RN, NRN", ""])
def test_suppressing_receipts_alone_does_not_mean_automatic(value: str) -> None:
    assert not is_automatic(mail(("X-Auto-Response-Suppress", value)))


@pytest.mark.parametrize(
    "sender",
    [
        "mailer-daemon@example.org",
        "postmaster@example.org",
        "no-reply@example.org",
        "noreply+case7@example.org",
        "do-not-reply@example.org",
        "donotreply@example.org",
    ],
)
def test_a_robot_is_known_by_its_address(sender: str) -> None:
    assert is_automatic(mail(sender=sender))


@pytest.mark.parametrize(
    "sender", ["norman@example.org", "nora.reply@example.org", "daemon.miller@example.org"]
)
def test_a_person_with_a_similar_name_is_no_robot(sender: str) -> None:
    assert not is_automatic(mail(sender=sender))


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: Printer",
        "Automatic reply: Printer",
        "Abwesenheitsnotiz: Drucker",
        "Automatische Antwort: Drucker",
        "Réponse automatique : imprimante",
        "Respuesta automática: impresora",
        "Risposta automatica: stampante",
        "Automatisch antwoord: printer",
        "Autosvar: printer",
        "Automatická odpověď: tiskárna",
        "Автоматический ответ: принтер",
        "自動返信: プリンタ",
        "自动回复: 打印机",
    ],
)
def test_out_of_office_subjects_are_the_last_sign(subject: str) -> None:
    assert is_automatic(mail(subject=subject))


def test_a_question_about_auto_replies_is_a_persons() -> None:
    assert not is_automatic(mail(subject="How do I set up an automatic reply?"))


@pytest.mark.parametrize("name", ["List-Id", "List-Unsubscribe"])
def test_a_list_is_a_ticket_but_nobody_answers_it(name: str) -> None:
    assert not is_automatic(mail((name, "<x>")))
    assert not may_answer(mail((name, "<x>")))


def test_our_own_loop_header_stops_the_answer_and_names_the_mailbox() -> None:
    returned = mail(("X-Casso-Loop", "Support@Example.com"))
    assert not may_answer(returned)
    assert is_loop(returned, "support@example.com")
    assert not is_loop(returned, "sales@example.com")
    assert not is_loop(mail(), "support@example.com")


def test_one_of_our_own_mailboxes_is_no_customer() -> None:
    own = ["Ann@Example.org "]
    assert is_own_sender(mail(), own)
    assert not may_answer(mail(), own)
    assert not is_own_sender(mail(), ["bob@example.org"])


def test_a_report_and_a_mail_from_nobody_get_no_answer() -> None:
    assert is_automatic(ParsedMail(is_report=True, sender=MailAddress("a@b.org")))
    assert not may_answer(mail(sender=""))
