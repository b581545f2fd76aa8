"""The activity as a file: for those who may, only what the filter leaves, harmless in a spreadsheet."""

import csv
import io
import json

import pytest
from sqlmodel import select

from casso.db import transaction
from casso.enums import Role
from casso.models import Membership
from casso.services.trail_writing import Line, append
from casso.web import trail
from tests.desks import START, Desk
from tests.trails import trail_of
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
FORMULA = '=HYPERLINK("http://evil.example","x")'


def write(desk: Desk, *lines: Line) -> None:
    with transaction(desk.mine.organization_id) as session:
        append(session, desk.mine.organization_id, lines)


async def export(client: Client, cookie: str, kind: str = "csv", **fields: str) -> tuple[int, str]:
    async with client(headers=OWN | {"Cookie": cookie}) as browser:
        answer = await browser.post(f"/activity.{kind}", data=fields)
    return answer.status_code, answer.text


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_every_entry_is_a_line_the_newest_first(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    write(sqlite_desk, Line("ticket.status", at=START, before="new", after="open", actor_name="Ben"))
    status, text = await export(client, cookie)
    found = rows(text)
    assert (status, tuple(found[0])) == (200, trail.COLUMNS)
    assert sorted(row["action"] for row in found) == [
        "organization.created", "session.started", "ticket.status", "trail.exported",
    ]  # fmt: skip
    line = next(row for row in found if row["action"] == "ticket.status")
    assert (line["who"], line["before"], line["after"], len(line["seal"])) == ("Ben", "new", "open", 64)


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_is_a_formula(client: Client, sqlite_desk: Desk, cookie: str, lead: str) -> None:
    hostile = lead + FORMULA
    line = Line(
        "ticket.subject", at=START, before=hostile, after=hostile, actor_name=hostile, browser=hostile
    )
    write(sqlite_desk, line)
    _, text = await export(client, cookie, kind_of_thing="x", kind="csv")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any(hostile in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_json_lines_hold_the_same(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    write(sqlite_desk, Line("ticket.subject", at=START, after='a "quoted"\nline ü'))
    _, text = await export(client, cookie, "jsonl", q="subject")
    (row,) = [json.loads(line) for line in text.splitlines()]
    assert (row["action"], row["after"]) == ("ticket.subject", 'a "quoted"\nline ü')
    assert tuple(row) == tuple(name for name in trail.TrailRow.__dataclass_fields__ if name in trail.COLUMNS)


async def test_the_filter_of_the_page_decides(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    write(sqlite_desk, *(Line("ticket.status", at=START, account_id=number) for number in (5, 6, 6)))
    _, text = await export(client, cookie, person="6")
    assert [row["account_id"] for row in rows(text)] == ["6", "6"]


async def test_taking_it_away_leaves_a_line(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    await export(client, cookie, "jsonl", person="6", **{"from": "2026-03-01"})
    (line,) = trail_of(sqlite_desk.mine.organization_id, "trail.exported")
    assert (line.account_id, line.after) == (sqlite_desk.owner.account_id, "jsonl person=6&from=2026-03-01")


async def test_a_long_trail_is_sent_in_pieces(
    client: Client, sqlite_desk: Desk, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "ROWS_AT_ONCE", 10)
    write(sqlite_desk, *[Line("ticket.status", at=START)] * 1200)
    _, text = await export(client, cookie, q="status")
    assert len(rows(text)) == 1200
    pieces = list(trail._csv(iter([])))
    assert pieces == [",".join(trail.COLUMNS) + "\r\n"]


async def test_who_may_not_read_it_gets_none(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    here = sqlite_desk.mine.organization_id
    with transaction(here) as session:
        mine = Membership.organization_id == here
        session.exec(select(Membership).where(mine)).one().role = Role.AGENT
    status, text = await export(client, cookie)
    assert (status, "seal" in text) == (403, False)
    assert trail_of(here, "trail.exported") == []


async def test_nobody_else_gets_any(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers=OWN) as browser:
        assert (await browser.post("/activity.csv")).status_code == 401
    async with client(headers={"Origin": "https://evil.example", "Cookie": cookie}) as browser:
        assert (await browser.post("/activity.csv")).status_code == 403
    async with client(headers={"Cookie": cookie}) as browser:
        assert (await browser.get("/activity.csv")).status_code in (404, 405)


async def test_nothing_of_another_organization_leaves(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    other = sqlite_desk.other.organization_id
    with transaction(other) as session:
        append(session, other, [Line("ticket.subject", at=START, after="canary of the other")])
    _, text = await export(client, cookie)
    assert "canary" not in text
