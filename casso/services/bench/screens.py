"""Open inboxes on a running desk: how fast a click is answered, and how soon everybody sees a new mail."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from casso.access import Actor
from casso.clock import now, ticks
from casso.config import settings
from casso.db import reading
from casso.enums import Delivery
from casso.models import Heartbeat, Outgoing
from casso.services.bench.loading import Loaded
from casso.services.bench.mails import small_mails
from casso.services.bench.signins import RUSH, clicks_in_a_rush
from casso.services.bench.sockets import HYDRATE_EVENT, QUEUE_EVENT, TICKET_EVENT, NoAnswer, Tab
from casso.services.bench.timing import percentile
from casso.services.direct_intake import take_in
from casso.services.login import sign_in

# An odd number of queue clicks: the last one leaves the queue that the tabs come back to.
CLICKS = 102
PUSHES = 10
BETWEEN_PUSHES = 0.7
SETTLE_SECONDS = 60.0
GUARD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class ScreenFigures:
    """Milliseconds and bytes; None when the desk's screens could not be measured."""

    event_ms_p50: float | None = None
    event_ms_p95: float | None = None
    push_ms_p95: float | None = None
    frame_bytes_p95: float | None = None
    guard_ms_p50: float | None = None
    signin50_event_ms_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Desktop:
    """The desk, whom to sign in as (by turns), and where mail goes."""

    url: str
    emails: tuple[str, ...]
    password: str
    actor: Actor
    mailbox_id: int
    address: str


async def measure(desktop: Desktop, loaded: Loaded, agents: int) -> ScreenFigures:
    """Open the tabs, click in the first of them, then let mails arrive. Raises NoAnswer."""
    _settle(desktop.actor)
    emails = [desktop.emails[number % len(desktop.emails)] for number in range(agents)]
    tokens = [sign_in(email, desktop.password, ip="", browser="bench") for email in emails]
    cookies = [f"{settings().session_cookie}={token}" for token in tokens]
    tabs = [await Tab.open(desktop.url, cookie) for cookie in cookies]
    try:
        for tab in tabs:
            await _show_inbox(tab)
        start = now()
        clicks, sizes = await _click(tabs[0], loaded)
        pushes = await _push(tabs, desktop)
        guarded = await _guard_ms(since=start)
        rushed = await _click_in_a_rush(tabs[0], desktop, loaded)
    finally:
        await asyncio.gather(*(tab.close() for tab in tabs))
    return ScreenFigures(
        event_ms_p50=percentile(clicks, 0.5),
        event_ms_p95=percentile(clicks, 0.95),
        push_ms_p95=percentile(pushes, 0.95),
        frame_bytes_p95=percentile(sizes, 0.95),
        guard_ms_p50=guarded,
        signin50_event_ms_p95=percentile(rushed, 0.95),
    )


def _settle(actor: Actor) -> None:
    """Wait until the answers that were measured before have left: each is told to every tab."""
    deadline = ticks() + SETTLE_SECONDS
    while ticks() < deadline:
        with reading(actor.organization_id) as session:
            waiting = session.exec(
                select(Outgoing.id)
                .where(
                    Outgoing.organization_id == actor.organization_id,
                    col(Outgoing.state).in_((Delivery.QUEUED, Delivery.SENDING)),
                )
                .limit(1)
            ).first()
        if waiting is None:
            return
        time.sleep(0.5)


async def _show_inbox(tab: Tab) -> None:
    """As a browser does: fetch the state and what the page reads on arrival; the last frame says so."""
    await tab.ask(HYDRATE_EVENT, "/?queue=open", until=lambda text: '"is_hydrated_rx_state_":true' in text)


async def _click(tab: Tab, loaded: Loaded) -> tuple[list[float], list[float]]:
    """Change the queue and open tickets by turns; milliseconds and the bytes of each answer."""
    times, sizes = [], []
    for turn in range(CLICKS):
        first = len(tab.frames)
        times.append(await _one_click(tab, loaded, turn))
        sizes.append(float(sum(len(frame.text.encode()) for frame in tab.frames[first:])))
    await _show_inbox(tab)
    return times, sizes


async def _one_click(tab: Tab, loaded: Loaded, turn: int) -> float:
    """Milliseconds until the queue, or by turns the ticket, is there."""
    if turn % 2:
        queue = ("closed", "open")[turn // 2 % 2]
        return await tab.ask(QUEUE_EVENT, f"/?queue={queue}", until=lambda text: "rows_0" in text)
    number = 1 + turn * 97 % (loaded.tickets - len(loaded.giant_numbers))
    return await tab.ask(TICKET_EVENT, f"/tickets/{number}", until=lambda text: '"entries' in text)


async def _click_in_a_rush(tab: Tab, desktop: Desktop, loaded: Loaded) -> list[float]:
    """The same clicks while others sign in, all at once."""
    emails = tuple(desktop.emails[number % len(desktop.emails)] for number in range(RUSH))
    return await clicks_in_a_rush(
        desktop.url, emails, desktop.password, lambda turn: _one_click(tab, loaded, turn)
    )


async def _guard_ms(*, since: datetime) -> float | None:
    """What the web process says its guard takes for an event; it says so every few seconds."""
    deadline = ticks() + GUARD_SECONDS
    while ticks() < deadline:
        with reading() as session:
            sign = session.get(Heartbeat, "guard")
        if sign is not None and sign.at > since:
            return float(sign.detail.removeprefix("ms_p50="))
        await asyncio.sleep(0.5)
    return None


async def _push(tabs: list[Tab], desktop: Desktop) -> list[float]:
    """From the commit of a new mail until each tab has its row, in milliseconds."""
    times: list[float] = []
    for number, raw in enumerate(small_mails(PUSHES, to=desktop.address, moment=now())):
        subject = f"Push {number} {secrets.token_hex(6)}"
        first = [len(tab.frames) for tab in tabs]
        marked = raw.replace(b"Subject: ", f"Subject: {subject} ".encode(), 1)
        committed = await asyncio.to_thread(_take_in, desktop, marked)
        arrivals = await asyncio.gather(
            *(tab.wait_for(lambda text, subject=subject: subject in text, first=at)  # type: ignore[misc]
              for tab, at in zip(tabs, first, strict=True))
        )  # fmt: skip
        times += [(arrival - committed) * 1000 for arrival in arrivals]
        await asyncio.sleep(BETWEEN_PUSHES)
    return times


def _take_in(desktop: Desktop, raw: bytes) -> float:
    """Take a mail in as the worker does; returns the moment after its commit."""
    actor = Actor.system(desktop.actor.organization_id)
    take_in(actor, desktop.mailbox_id, raw, recipient=desktop.address)
    return ticks()


__all__ = ["Desktop", "NoAnswer", "ScreenFigures", "measure"]
