"""Tickets to measure with: made up here, or read from a file of one JSON ticket a line.

Both have the same shape: three messages a ticket on average, about 88 words a
message, a rare word in one ticket of a thousand and a common one in every fifth.
Twenty tickets of 50 messages and one of 2,000 come on top of either.
"""

import json
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

RARE, COMMON = "quixobramble", "invoice"
GIANTS = (*[50] * 20, 2_000)
AGENTS = 12
START = datetime(2024, 1, 1, 8, tzinfo=UTC)
WORDS = 6_000


@dataclass(frozen=True, slots=True)
class CorpusMessage:
    """What somebody said; agents' messages are replies, or notes when not public."""

    is_agent: bool
    name: str
    email: str
    is_public: bool
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class CorpusTicket:
    """One ticket; `agent` counts from 1, 0 is nobody."""

    subject: str
    status: str
    priority: str
    category: str
    agent: int
    messages: tuple[CorpusMessage, ...]


def made_up(count: int) -> Iterator[CorpusTicket]:
    """That many tickets, the same ones every time."""
    words = _Words()
    for number in range(count):
        rng = random.Random(f"casso bench {number}")  # noqa: S311  (the same tickets every time)
        must = [word for word, is_in in ((RARE, number % 1000 == 7), (COMMON, number % 5 == 0)) if is_in]
        at = START + timedelta(seconds=number * 630 + rng.randrange(600))
        yield _ticket(rng, words, at, count=rng.choice((1, 2, 3, 4, 5)), must=must)


def read(path: Path) -> Iterator[CorpusTicket]:
    """Tickets of a JSONL file. Raises ValueError naming the line that is none."""
    with path.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, start=1):
            try:
                yield _from_json(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {place}: {error!r}") from error


def giants(after: datetime) -> Iterator[CorpusTicket]:
    """The long tickets; without the rare and the common word, so the hits stay those of the corpus."""
    words = _Words()
    for place, count in enumerate(GIANTS):
        rng = random.Random(f"casso bench giant {place}")  # noqa: S311
        yield _ticket(rng, words, after + timedelta(hours=place), count=count, must=[])


class _Words:
    """Made-up words drawn like those of a language: the few common ones often."""

    def __init__(self) -> None:
        rng = random.Random("casso bench words")  # noqa: S311
        syllables = [first + second for first in "bcdfghklmnprstvz" for second in "aeiou"]
        self._words = ["".join(rng.choices(syllables, k=2 + place % 3)) for place in range(WORDS)]
        self._weights = list(accumulate(1.0 / (rank + 2.7) for rank in range(WORDS)))

    def draw(self, rng: random.Random, count: int) -> list[str]:
        """`count` words."""
        top = self._weights[-1]
        return [self._words[bisect(self._weights, rng.random() * top)] for _ in range(count)]


def _ticket(rng: random.Random, words: _Words, at: datetime, *, count: int, must: list[str]) -> CorpusTicket:
    person = rng.randrange(5_000)
    name, email = f"Customer {person}", f"customer{person}@mail.customer.example"
    agent = rng.randrange(AGENTS + 1)
    messages = []
    for place in range(count):
        is_agent = place % 2 == 1
        length = max(12, min(400, int(rng.lognormvariate(4.382, 0.55))))
        body = words.draw(rng, length)
        for word in must if place == 0 else ():
            body.insert(rng.randrange(len(body)), word)
        messages.append(
            CorpusMessage(
                is_agent=is_agent,
                name=f"agent{max(agent, 1):02d}" if is_agent else name,
                email=f"agent{max(agent, 1):02d}@helpdesk.example" if is_agent else email,
                is_public=not is_agent or rng.random() < 0.85,
                at=at + timedelta(minutes=20 * place),
                body=" ".join(body),
            )
        )
    return CorpusTicket(
        subject=" ".join(words.draw(rng, rng.randrange(3, 9))).capitalize(),
        status=rng.choices(("open", "pending", "solved", "closed"), (20, 10, 20, 50))[0],
        priority=rng.choices(("low", "normal", "high", "urgent"), (20, 60, 15, 5))[0],
        category=rng.choice(("Support", "Billing", "Shipping", "Technical")),
        agent=agent,
        messages=tuple(messages),
    )


def _from_json(found: Any) -> CorpusTicket:
    agent = str(found["agent"] or "")
    return CorpusTicket(
        subject=found["subject"],
        status=found["status"],
        priority=found["priority"],
        category=found["queue"],
        agent=1 + (int("".join(filter(str.isdecimal, agent)) or 0) - 1) % AGENTS if agent else 0,
        messages=tuple(
            CorpusMessage(
                is_agent=one["author"] == "agent",
                name=one["name"],
                email=one["email"].lower(),
                is_public=one["public"],
                at=datetime.fromisoformat(one["created"]),
                body=one["body"],
            )
            for one in found["messages"]
        ),
    )
