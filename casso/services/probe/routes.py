"""Every HTTP route with the other organization's ids and file names in its address, query and form.

Beside what is shown and changed, a foreign thing must be answered exactly like one that
does not exist.
"""

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from casso.config import settings
from casso.services.probe.filling import (
    PEOPLE,
    Planted,
    names_of,
    numbers_of,
    own_numbers,
    rows_of,
    version_of,
)
from casso.services.probe.outcome import Leak, Outcome
from casso.services.probe.scratch import ProbeFailed
from casso.services.probe.sockets import around, changed_tables
from casso.services.probe.surface import Presented, Surface, WebAddress

GAP = re.compile(r"{([^}:]+)(:int)?}")
OWN_FILE = "/files/{public_id}"
NOBODYS_NUMBER, NOBODYS_NAME = 88_888_888, "nobodys"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of one organization at one route, with a session of their own."""

    attacker: Planted
    victim: Planted
    who: str
    route: WebAddress
    cookie: str

    @property
    def way(self) -> str:
        """The route as it is told."""
        return f"{self.route.method} {self.route.path}"


def try_routes(first: Planted, second: Planted, surface: Surface, outcome: Outcome) -> None:
    """All of them, as everybody, in both directions. Raises ProbeFailed when one's own file does not open."""
    outcome.routes = len(surface.routes)
    for attacker, victim in ((first, second), (second, first)):
        names, numbers = names_of(victim), numbers_of(victim)
        outcome.files += len(names)
        _require_own_file(victim, names)
        for who in PEOPLE:
            for route in surface.routes:
                caller = Caller(attacker, victim, who, route, attacker.cookie(who))
                before = rows_of(victim)
                outcome.add(_try_route(caller, list(_presented(route, numbers, names)), outcome))
                changed = changed_tables(before, rows_of(victim))
                outcome.add([Leak("changed", caller.way, f"the table {table}", who) for table in changed])


def _presented(route: WebAddress, numbers: list[int], names: list[str]) -> Iterator[tuple[int, str]]:
    """Pairs of a number and a name that fit the route's address and form."""
    gaps = [is_number for _, is_number in GAP.findall(route.path)]
    if any(not is_number for is_number in gaps):
        yield from ((numbers[-1], name) for name in (*names, *map(str, numbers[:3])))
    elif gaps or route.method != "GET":
        yield from ((number, names[0]) for number in numbers)
    else:
        yield from ((number, names[0]) for number in numbers[:3])


def _try_route(caller: Caller, pairs: list[tuple[int, str]], outcome: Outcome) -> list[Leak]:
    own, version = own_numbers(caller.attacker), version_of(caller.victim)
    nobodys = _request(caller, Presented(NOBODYS_NUMBER, "planted", version), NOBODYS_NAME)
    leaks = []
    for number, name in pairs:
        outcome.tries += 1
        answer = _request(caller, Presented(number, "planted", version), name)
        shown = around(answer.text, caller.victim.mark)
        if shown:
            leaks.append(Leak("shown", caller.way, shown, caller.who))
        if not GAP.search(caller.route.path) or number in own or answer == nobodys:
            continue
        # What changed for everybody meanwhile, as by a count of tries, tells nothing of the thing.
        nobodys = _request(caller, Presented(NOBODYS_NUMBER, "planted", version), NOBODYS_NAME)
        if answer != nobodys:
            leaks.append(Leak("told_apart", caller.way, f"what stands at {caller.route.path}", caller.who))
    return leaks


def _require_own_file(planted: Planted, names: list[str]) -> None:
    """A probe that cannot open anybody's file would find every wall intact."""
    who = PEOPLE[0]
    caller = Caller(planted, planted, who, WebAddress("GET", OWN_FILE), planted.cookie(who))
    answers = [_request(caller, Presented(1, "", 1), name) for name in names]
    if not any(answer.status == 200 and planted.mark in answer.text for answer in answers):
        raise ProbeFailed("nobody could open their own file")


def _request(caller: Caller, presented: Presented, name: str) -> Answer:
    """One request, as a page of ours would make it; what may end a session is called by a fresh one."""

    def fill(gap: re.Match[str]) -> str:
        return str(presented.number) if gap[2] else "google" if gap[1] == "provider" else name

    method, is_read = caller.route.method, caller.route.method == "GET"
    query = urlencode({"id": name, "number": presented.number, "ticket": presented.number})
    cookie = caller.cookie if is_read else caller.attacker.cookie(caller.who)
    headers = {
        "Host": settings().url.removeprefix("http://"),
        "Origin": settings().url,
        "Accept": "text/html",
        "Cookie": f"{settings().session_cookie}={cookie}",
    }
    body = None if is_read else urlencode(presented.form() | {"public_id": name})
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", settings().port, timeout=20)
    try:
        connection.request(method, f"{GAP.sub(fill, caller.route.path)}?{query}", body, headers)
        answer = connection.getresponse()
        told = f"{answer.getheader('location') or ''}\n" + answer.read().decode("utf-8", "replace")
        return Answer(answer.status, told)
    finally:
        connection.close()
