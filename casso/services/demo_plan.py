"""What happens in the demo and when: tickets spread over sixty days, each a list of steps.

Pure and seeded: the same seed and moment give the same plan. Where a ticket ends
follows from its age, as on a real desk: new ones wait, old ones are closed.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from casso.enums import Delivery, Priority, Status
from casso.services.demo_people import AGENTS, CUSTOMERS, Person
from casso.services.demo_stories_english import ENGLISH
from casso.services.demo_stories_english import STORIES as ENGLISH_STORIES
from casso.services.demo_stories_europe import FRENCH, GERMAN, SPANISH
from casso.services.demo_stories_europe import STORIES as EUROPEAN_STORIES
from casso.services.demo_stories_world import ARABIC, JAPANESE, PORTUGUESE
from casso.services.demo_stories_world import STORIES as WORLD_STORIES
from casso.services.demo_story import Story, Voice

DAYS = 60
VOICES = {voice.language: voice for voice in (ENGLISH, GERMAN, SPANISH, FRENCH, JAPANESE, ARABIC, PORTUGUESE)}
STORIES = ENGLISH_STORIES + EUROPEAN_STORIES + WORLD_STORIES
PRODUCTS = (
    "Fjell 2 e-bike",
    "Trail lamp 600",
    "Nomad pannier",
    "Ridge helmet",
    "Tern child seat",
    "Pulse sensor",
)
CITIES = ("Hamburg", "Lyon", "Leeds", "Bilbao", "Kyoto", "Porto", "Denver", "Graz", "Utrecht", "Amman")
LONG_SUBJECT = (
    " — and a few more things about the same order that I noticed while writing this, sorry for the length"
)


class Act(StrEnum):
    """What a step does."""

    MAIL = "mail"
    REPLY = "reply"
    NOTE = "note"
    TAKE = "take"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens; `text` is complete, `agent` counts in AGENTS."""

    at: datetime
    act: Act
    text: str = ""
    agent: int = 0
    status: Status = Status.NEW
    delivery: Delivery = Delivery.SENT
    file: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One ticket from its first mail to where it stands now."""

    person: Person
    story: Story
    subject: str
    priority: Priority
    agent: int
    is_html: bool
    seed: int
    steps: tuple[Step, ...]


def make_plans(count: int, *, seed: str, moment: datetime) -> list[Plan]:
    """`count` tickets, the newest a few minutes before `moment`; one of them very long."""
    rng = random.Random(f"casso demo {seed}")  # noqa: S311  (variety, not secrecy)
    ages = sorted((_age(rng) for _ in range(count)), reverse=True)
    ages[-3:] = [timedelta(minutes=minutes) for minutes in (19, 8, 3)][-len(ages) :]
    return [_plan(rng, place, moment - age, moment) for place, age in enumerate(ages)]


def _age(rng: random.Random) -> timedelta:
    """More tickets lately than long ago."""
    return timedelta(minutes=20 + rng.random() ** 2 * (DAYS * 24 * 60 - 30))


def _plan(rng: random.Random, place: int, start: datetime, moment: datetime) -> Plan:
    # Every story comes once in the first round; later ones by chance.
    story = STORIES[place] if place < len(STORIES) else rng.choice(STORIES)
    person = rng.choice([one for one in CUSTOMERS if one.language == story.language])
    gaps = _gaps(rng, start, person)
    agent = rng.randrange(len(AGENTS))
    subject = rng.choice(story.subjects).format(**gaps)
    if place % 45 == 7:
        subject = (
            f"{subject}{LONG_SUBJECT}, {gaps['product']} ({gaps['serial']}), {gaps['city']} {LONG_SUBJECT}"[
                :200
            ]
        )
    end = _end(rng, moment - start)
    exchanges = 28 if place % 150 == 40 else rng.choice((1, 1, 1, 1, 2, 2, 3, 5))
    steps = _steps(rng, story, gaps, agent=agent, start=start, moment=moment, end=end, exchanges=exchanges)
    urgent = story.is_urgent and rng.random() < 0.6
    return Plan(
        person=person,
        story=story,
        subject=subject,
        priority=Priority.URGENT if urgent else rng.choices(list(Priority), (2, 10, 3, 1))[0],
        agent=agent,
        is_html=rng.random() < 0.55,
        seed=rng.randrange(2**31),
        steps=tuple(step for step in steps if step.at < moment),
    )


def _gaps(rng: random.Random, start: datetime, person: Person) -> dict[str, str]:
    """What fills the braces of a story."""
    return {
        "order": f"#{rng.randrange(10_000, 99_999)}",
        "product": rng.choice(PRODUCTS),
        "amount": f"{rng.randrange(9, 2400)}.{rng.choice(('00', '50', '90'))} EUR",
        "city": rng.choice(CITIES),
        "day": f"{start - timedelta(days=rng.randrange(1, 9)):%Y-%m-%d}",
        "serial": f"{rng.choice('KMRT')}{rng.randrange(1000, 9999)}",
        "version": f"{rng.randrange(3, 6)}.{rng.randrange(10)}.{rng.randrange(10)}",
        "first": person.first,
    }


def _end(rng: random.Random, age: timedelta) -> Status:
    """Where a ticket of that age stands."""
    if age < timedelta(hours=6):
        weights = (6, 3, 1, 0, 0)
    elif age < timedelta(days=4):
        weights = (2, 4, 3, 2, 0)
    else:
        weights = (0, 1, 2, 4, 10)
    return rng.choices(list(Status), weights)[0]


def _steps(
    rng: random.Random,
    story: Story,
    gaps: dict[str, str],
    *,
    agent: int,
    start: datetime,
    moment: datetime,
    end: Status,
    exchanges: int,
) -> list[Step]:
    """The steps in order. A ticket that is still new has only its mail."""
    voice = VOICES[story.language]
    opening = _customer_text(rng, voice, rng.choice(story.openings), gaps)
    found = [Step(start, Act.MAIL, opening, file=story.file if rng.random() < 0.7 else "")]
    if end is Status.NEW:
        return found
    at = start
    # A long matter fits into what is left of its time.
    pace = min(timedelta(hours=9), (moment - start) / (2 * exchanges + 2))
    found.append(Step(at := at + pace * rng.uniform(0.1, 0.4), Act.TAKE, agent=agent))
    if story.note and rng.random() < 0.6:
        found.append(Step(at := at + pace * 0.1, Act.NOTE, story.note.format(**gaps), agent=(agent + 1) % 4))
    for turn in range(exchanges):
        lines = story.answers if turn == 0 else voice.holds + story.answers
        text = _agent_text(voice, rng.choice(lines), gaps, agent)
        at += pace * rng.uniform(0.4, 0.9)
        found.append(Step(at, Act.REPLY, text, agent=agent, delivery=_delivery(rng)))
        is_last = turn == exchanges - 1
        if is_last and (end is Status.PENDING or rng.random() < 0.3):
            break
        lines = voice.thanks if is_last and end is not Status.OPEN else voice.chases
        at += pace * rng.uniform(0.4, 0.9)
        found.append(Step(at, Act.MAIL, _customer_text(rng, voice, rng.choice(lines), gaps)))
    found.append(Step(at + pace * 0.3, Act.STATUS, agent=agent, status=end))
    return found


def _customer_text(rng: random.Random, voice: Voice, body: str, gaps: dict[str, str]) -> str:
    parts = (rng.choice(voice.hello), body, rng.choice(voice.bye))
    return "\n\n".join(part.format(**gaps) for part in parts) + f"\n{gaps['first']}"


def _agent_text(voice: Voice, body: str, gaps: dict[str, str], agent: int) -> str:
    parts = (voice.agent_hello, body, voice.agent_bye)
    return "\n\n".join(part.format(agent=AGENTS[agent].first, **gaps) for part in parts)


def _delivery(rng: random.Random) -> Delivery:
    """Nearly everything arrives; what does not must be seen in a demo too."""
    return rng.choices((Delivery.SENT, Delivery.FAILED, Delivery.UNCERTAIN, Delivery.BOUNCED), (94, 3, 2, 1))[
        0
    ]
