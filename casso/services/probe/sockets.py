"""Handlers and searches over real event sockets, with the other organization's ids, tickets and words.

A batch is answered in full before its frames are read; where something leaked or changed,
each call of it is tried again alone, so that the leak gets its handler's name.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simple_websocket import ConnectionError as Refused  # type: ignore[import-untyped]

from casso.access import Actor
from casso.clock import ticks
from casso.config import settings
from casso.services.bench.sockets import HYDRATE_EVENT, QUEUE_EVENT, NoAnswer, Tab
from casso.services.direct_intake import take_in
from casso.services.probe.filling import (
    PEOPLE,
    SHARED_WORD,
    Planted,
    mail,
    numbers_of,
    rows_of,
    version_of,
)
from casso.services.probe.outcome import Leak, Outcome
from casso.services.probe.scratch import ProbeFailed
from casso.services.probe.surface import Handler, Presented, Surface

IS_WHOLE = '"is_hydrated_rx_state_":true'
# The limit on events of one session is some hundreds in ten seconds.
AT_ONCE = 150
LONGEST_WAIT_SECONDS, BETWEEN_SOCKETS_SECONDS = 90.0, 5.0
SHOWS_SCREENS = ("/settings/members", "/settings/mailboxes", "/settings/activity", "/settings/quarantine")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody of one organization calls handlers with what is the other's; the first time, all of them."""

    attacker: Planted
    victim: Planted
    who: str
    path: str
    presented: Presented
    is_first: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What one attempt brought: the words around the other's mark, and the tables that changed."""

    shown: str
    changed: tuple[str, ...]


async def try_handlers(first: Planted, second: Planted, surface: Surface, outcome: Outcome) -> None:
    """Every handler, as everybody, in both directions. Raises ProbeFailed when it cannot see."""
    outcome.handlers = len(surface.handlers)
    takes = tuple(one for one in surface.handlers if one.takes_arguments)
    leaky: set[str] = set()
    for attempt in _attempts(first, second):
        handlers = surface.handlers if attempt.is_first else takes
        found = await _try(attempt, handlers, without=leaky)
        outcome.tries += len(handlers)
        if found.shown or found.changed:
            named = await _named(attempt, handlers, found, without=leaky)
            leaky |= {leak.way for leak in named}
            outcome.add(named)


async def try_searches(first: Planted, second: Planted, outcome: Outcome) -> None:
    """Search for what both have, for parts of the other's mark, and for signs with a meaning of their own."""
    for attacker, victim in ((first, second), (second, first)):
        half = victim.mark[: len(victim.mark) // 2]
        words = (SHARED_WORD, SHARED_WORD[:6], half, "%", "_", "*", f'"{SHARED_WORD}"', f"{half}*", "test")
        outcome.searches = len(words)
        for who in PEOPLE:
            tab = await _open(attacker, who)
            try:
                for word in words:
                    await _ask(tab, f"/?q={word}")
                outcome.tries += len(words)
                text = "".join(frame.text for frame in tab.frames)
            finally:
                await tab.close()
            if f"{attacker.mark} subject" not in text:
                raise ProbeFailed("a search did not even find one's own tickets")
            if victim.mark in text:
                outcome.add([Leak("shown", "search", around(text, victim.mark), who)])


async def try_pushes(first: Planted, second: Planted, outcome: Outcome) -> None:
    """A mail comes in: who has a list open is told, and nobody of the other organization."""
    for attacker, victim in ((first, second), (second, first)):
        outcome.pushes += 1
        own = await _open(victim, PEOPLE[0])
        tabs = {who: await _open(attacker, who) for who in PEOPLE}
        try:
            for tab in (own, *tabs.values()):
                await _ask(tab, "/?queue=open")
            at = len(own.frames)
            actor = Actor.system(victim.organization_id)
            take_in(actor, victim.mailbox_id, mail(victim.mark, 900), recipient=victim.address)
            await own.wait_for(lambda text, mark=victim.mark: f"{mark} subject 900" in text, first=at)  # type: ignore[misc]
            for who, tab in tabs.items():
                await _ask(tab, "/?queue=closed")
                text = "".join(frame.text for frame in tab.frames)
                if victim.mark in text:
                    outcome.add([Leak("shown", "live update", around(text, victim.mark), who)])
        finally:
            for tab in (own, *tabs.values()):
                await tab.close()


def around(text: str, mark: str) -> str:
    """The words around the mark, without what is random; empty when it is not there."""
    at = text.find(mark)
    return " ".join(text[max(0, at - 60) : at + 60].replace(mark, "…").split()) if at >= 0 else ""


def changed_tables(before: dict[str, list[str]], after: dict[str, list[str]]) -> tuple[str, ...]:
    """Tables of which a row is another, new or gone."""
    return tuple(sorted(name for name in after if after[name] != before[name]))


def _attempts(first: Planted, second: Planted) -> Iterator[Attempt]:
    """Everybody, every id of the other side, on the other's ticket and on one's own; words by turns."""
    for attacker, victim in ((first, second), (second, first)):
        words = ("planted", SHARED_WORD, victim.mark[: len(victim.mark) // 2])
        version, newest = version_of(victim), numbers_of(victim)
        for who in PEOPLE:
            for turn, number in enumerate(newest):
                presented = Presented(number, words[turn % len(words)], version)
                screen = SHOWS_SCREENS[turn % len(SHOWS_SCREENS)]
                asked = f"?q={SHARED_WORD}&account={number}&ticket={number}&queue=all"
                is_first = turn < len(SHOWS_SCREENS)
                screens = (screen + asked,) if is_first else ()
                for path in (f"/tickets/{number}", "/tickets/1", *screens):
                    yield Attempt(attacker, victim, who, path, presented, is_first)


async def _try(attempt: Attempt, handlers: tuple[Handler, ...], *, without: set[str]) -> Found:
    """One batch; what is known to leak is not tried again, so that others are seen beside it."""
    before = rows_of(attempt.victim)
    shown = await _knock(attempt, [one for one in handlers if one.short not in without])
    return Found(shown, changed_tables(before, rows_of(attempt.victim)))


async def _knock(attempt: Attempt, handlers: Iterable[Handler]) -> str:
    """Call them all as a fresh session; where the other's mark was shown, else empty."""
    text = ""
    waiting = list(handlers)
    while waiting:
        calls, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        tab = await _open(attempt.attacker, attempt.who)
        try:
            await _whole(tab, attempt.path)
            for handler in calls:
                await tab.send(handler.name, attempt.path, handler.payload(attempt.presented))
            at = len(tab.frames)
            await _whole(tab, attempt.path)
            last = "".join(frame.text for frame in tab.frames[at:])
            text += "".join(frame.text for frame in tab.frames)
        finally:
            await tab.close()
        if attempt.attacker.mark not in last and len(calls) > 1:
            raise ProbeFailed(f"the session of the {attempt.who} who knocked ended at {attempt.path}")
    return around(text, attempt.victim.mark)


async def _named(
    attempt: Attempt, handlers: tuple[Handler, ...], found: Found, *, without: set[str]
) -> list[Leak]:
    """Each alone, so that the leak has a name; what does not come again is told of the whole batch."""
    leaks: list[Leak] = []
    for handler in handlers:
        again = await _try(attempt, (handler,), without=without)
        leaks += _leaks(again, handler.short, attempt.who)
    kinds = {leak.kind for leak in leaks}
    whole = _leaks(found, f"one of {len(handlers)} handlers at {attempt.path}", attempt.who)
    return leaks + [leak for leak in whole if leak.kind not in kinds]


def _leaks(found: Found, way: str, who: str) -> list[Leak]:
    shown = [Leak("shown", way, found.shown, who)] if found.shown else []
    return shown + [Leak("changed", way, f"the table {table}", who) for table in found.changed]


async def _open(planted: Planted, who: str) -> Tab:
    """A tab with a session of its own; the desk lets a network open only so many sockets a minute."""
    cookie = f"{settings().session_cookie}={planted.cookie(who)}"
    deadline = ticks() + LONGEST_WAIT_SECONDS
    while True:
        try:
            return await Tab.open(settings().url, cookie)
        except Refused as error:
            if ticks() > deadline:
                raise ProbeFailed("the desk refused a socket") from error
            await asyncio.sleep(BETWEEN_SOCKETS_SECONDS)


async def _whole(tab: Tab, path: str) -> None:
    try:
        await tab.ask(HYDRATE_EVENT, path, until=lambda text: IS_WHOLE in text)
    except NoAnswer as error:
        raise ProbeFailed(f"no answer at {path}") from error


async def _ask(tab: Tab, path: str) -> None:
    await tab.send(QUEUE_EVENT, path)
    await _whole(tab, path)
