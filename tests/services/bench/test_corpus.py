"""A corpus is the same every time, holds its two words where it says, and reads the agreed file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casso.services.bench.corpus import COMMON, GIANTS, RARE, CorpusTicket, giants, made_up, read

LINE = {
    "number": 7,
    "subject": "Delivery late",
    "requester": {"name": "Ada Abbas", "email": "ada@customer.example"},
    "status": "open",
    "priority": "high",
    "queue": "Shipping",
    "agent": "agent03",
    "created": "2024-01-01T08:00:00+00:00",
    "messages": [
        {
            "author": "customer",
            "name": "Ada Abbas",
            "email": "Ada@Customer.example",
            "public": True,
            "created": "2024-01-01T08:00:00+00:00",
            "body": "Where is it",
        },
        {
            "author": "agent",
            "name": "agent03",
            "email": "agent03@helpdesk.example",
            "public": False,
            "created": "2024-01-01T09:00:00+00:00",
            "body": "A note",
        },
    ],
}


@pytest.fixture(scope="module")
def tickets() -> list[CorpusTicket]:
    return list(made_up(1_100))


def holders(tickets: list[CorpusTicket], word: str) -> list[int]:
    return [place for place, one in enumerate(tickets) if any(word in m.body.split() for m in one.messages)]


def test_the_same_tickets_come_every_time_and_a_small_corpus_is_the_head_of_a_large_one(
    tickets: list[CorpusTicket],
) -> None:
    assert list(made_up(50)) == tickets[:50]


def test_the_two_words_stand_where_they_should(tickets: list[CorpusTicket]) -> None:
    assert holders(tickets, RARE) == [7, 1007]
    assert holders(tickets, COMMON) == [*range(0, 1_100, 5)]


def test_a_ticket_has_three_messages_on_average(tickets: list[CorpusTicket]) -> None:
    count = sum(len(one.messages) for one in tickets)
    assert 2.8 < count / len(tickets) < 3.2


def test_giants_are_long_and_hold_neither_word() -> None:
    found = list(giants(datetime(2026, 1, 1, tzinfo=UTC)))
    assert [len(one.messages) for one in found] == list(GIANTS) == [*[50] * 20, 2_000]
    assert not holders(found, RARE)
    assert not holders(found, COMMON)


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + json.dumps(LINE | {"agent": None}) + "\n")
    first, second = read(path)
    assert (first.subject, first.category, first.agent, second.agent) == ("Delivery late", "Shipping", 3, 0)
    assert [(one.is_agent, one.is_public) for one in first.messages] == [(False, True), (True, False)]
    assert first.messages[0].email == "ada@customer.example"


@pytest.mark.parametrize("line", ["nonsense", "{}", json.dumps(LINE | {"messages": 3})])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + line + "\n")
    with pytest.raises(ValueError, match="line 2"):
        list(read(path))
