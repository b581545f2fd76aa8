"""Every act that the product records has its sentence, in every language; what has none is shown as it is."""

import re

import pytest

from casso.enums import Delivery, MessageKind
from casso.queries.trail_words import KIND, SENTENCE, kind_name, kind_of, sentence, speaks_of
from casso.words import LOCALES, catalogue, has_word
from tests.architecture import product_files, relative

ACTION = re.compile(r'"([a-z_]+\.[a-z_]+)"')
RECORDS = re.compile(r"\b(?:record\w*|_note|_record|_say)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", re.DOTALL)
# Actions put together from a value: f"ticket.{what}", f"message.{kind}".
MADE = {
    "message.bounced", "message.failed", "message.incoming", "message.note", "message.reply",
    "message.uncertain", "ticket.assignee", "ticket.category", "ticket.priority", "ticket.status",
    "ticket.subject", "ticket.tags", "ticket.team", "ticket.work_type",
}  # fmt: skip


def recorded_actions() -> set[str]:
    """Every action named in a call that writes a line."""
    found = set(MADE)
    for path in product_files():
        if relative(path).startswith("casso/services/"):
            for call in RECORDS.findall(path.read_text()):
                found |= {one for one in ACTION.findall(call) if not one.startswith(("error.", "web."))}
    return found


def say(action: str, locale: str = "en", **changed: object) -> str:
    told: dict[str, object] = {"account_id": 5, "who": "Ana", "ticket": 7, "before": "", "after": ""}
    return sentence(locale, action, **(told | changed))  # type: ignore[arg-type]


def test_the_source_names_the_actions_that_we_think_it_names() -> None:
    assert recorded_actions() >= {
        "session.started", "session.revoked", "member.role", "trail.exported", "mailbox.changed",
        "account.appearance", "organization.created", "ticket.created",
    }  # fmt: skip


def test_every_recorded_action_has_its_sentence_and_its_kind() -> None:
    actions = recorded_actions()
    assert [one for one in sorted(actions) if not has_word(SENTENCE + one)] == []
    assert [one for one in sorted(map(kind_of, actions)) if not has_word(KIND + one)] == []


def test_every_message_and_delivery_that_is_recorded_is_known() -> None:
    kinds = {f"message.{one}" for one in MessageKind} | {f"message.{Delivery.FAILED}"}
    assert kinds <= MADE


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_is_left_with_a_gap(locale: str) -> None:
    for key in catalogue(locale):
        if key.startswith(SENTENCE) and "." in key.removeprefix(SENTENCE):
            said = say(key.removeprefix(SENTENCE), locale, before="old", after="new")
            assert "{" not in said, (key, said)


def test_both_languages_use_the_same_gaps() -> None:
    for key, english in catalogue("en").items():
        if key.startswith(SENTENCE):
            gaps = [set(re.findall(r"{\w+}", str(text))) for text in (english, catalogue("de")[key])]
            assert gaps[0] == gaps[1], key


def test_a_change_of_role_reads_as_one_would_say_it() -> None:
    told = {"before": "ben@example.test: agent", "after": "ben@example.test: admin"}
    assert say("member.role", **told) == "Ana changed the role of ben@example.test from agent to admin"


def test_stored_values_are_said_in_words() -> None:
    assert (
        say("ticket.status", before="new", after="solved")
        == "Ana changed the status of #7 from New to Solved"
    )
    assert (
        say("ticket.status", before="strange", after="")
        == "Ana changed the status of #7 from strange to nothing"
    )


def test_an_emptied_value_has_its_own_sentence() -> None:
    assert say("ticket.assignee", before="Ben", after="") == "Ana took #7 away from Ben"
    assert say("ticket.assignee", after="Ben") == "Ana gave #7 to Ben"


def test_the_desk_itself_and_an_erased_person_are_told_apart() -> None:
    assert say("ticket.created", who="", account_id=None) == "Casso opened #7 for a mail"
    assert say("session.started", who="", account_id=12) == "somebody (no. 12) signed in"
    assert say("ticket.created", ticket=0) == "Ana opened a ticket for a mail"


def test_an_unknown_action_is_shown_as_it_is() -> None:
    assert say("robot.danced", before="left", after="right") == "robot.danced: left → right"
    assert say("robot.danced") == "robot.danced"
    assert kind_name("en", "robot") == "robot"


@pytest.mark.parametrize(
    ("kind", "words", "fits"),
    [
        ("", "", True),
        ("ticket", "", True),
        ("tick", "", False),
        ("", "STATUS", True),
        ("", "changed the status", True),
        ("", "{who}", False),
        ("session", "status", False),
        ("", "%", False),
    ],
)
def test_words_are_looked_for_in_name_and_sentence(kind: str, words: str, fits: bool) -> None:
    assert speaks_of("en", "ticket.status", kind, words) is fits
