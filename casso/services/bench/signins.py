"""A rush of sign-ins at the desk's own door, while somebody who is in goes on clicking.

Each is what a browser does: a form posted over a connection of its own, its password
hashed by the desk. The clicks are counted from the first post until the last answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

from casso.services.bench.sockets import NoAnswer

RUSH = 50
# A person's pace: the desk slows down whoever clicks faster than any person.
BETWEEN_CLICKS = 0.03
ANSWER_SECONDS = 60.0


async def clicks_in_a_rush(
    url: str, emails: tuple[str, ...], password: str, click: Callable[[int], Awaitable[float]]
) -> list[float]:
    """How long each click took while everybody signed in, in milliseconds. Raises NoAnswer."""
    arriving = [asyncio.create_task(_sign_in(url, email, password)) for email in emails]
    times: list[float] = []
    try:
        while not all(one.done() for one in arriving):
            times.append(await click(len(times)))
            await asyncio.sleep(BETWEEN_CLICKS)
        await asyncio.gather(*arriving)
    finally:
        for one in arriving:
            one.cancel()
    return times


async def _sign_in(url: str, email: str, password: str) -> None:
    """Post the form; anything but the way in is no answer."""
    place = urlsplit(url)
    body = urlencode({"email": email, "password": password})
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {url}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write((head + body).encode())
            line = await reader.readline()
            writer.close()
    except (TimeoutError, OSError) as error:
        raise NoAnswer("the desk did not answer a sign-in") from error
    if line.split()[1:2] != [b"303"]:
        raise NoAnswer(f"a sign-in was refused ({line.decode(errors='replace').strip()})")
