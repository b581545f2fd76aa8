"""The activity as a file: CSV for spreadsheets, JSON lines for programs, as filtered on the page.

A POST, because whoever takes it away leaves a line in the trail; streamed, so that
its size does not matter.
"""

import asyncio
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from casso.clock import now
from casso.errors import CassoError
from casso.queries.trail import TrailRow, export_trail
from casso.queries.trail_filter import filter_of, suffix_of
from casso.rules.csv_cells import safe_cell
from casso.services.trail_rules import note_export
from casso.web.forms import text_fields
from casso.web.router import Who, actor_of, route
from casso.words import word

COLUMNS = (
    "number", "at_iso", "account_id", "who", "action", "said", "ticket_number", "before", "after", "ip",
    "browser", "seal",
)  # fmt: skip
ROWS_AT_ONCE = 200


@route("/activity.csv", who=Who.SESSION, methods=("POST",))
async def as_csv(request: Request) -> Response:
    """One line an entry, cells that a spreadsheet would run made harmless."""
    return await _export(request, "csv", "text/csv; charset=utf-8", _csv)


@route("/activity.jsonl", who=Who.SESSION, methods=("POST",))
async def as_json_lines(request: Request) -> Response:
    """One object an entry."""
    return await _export(request, "jsonl", "application/x-ndjson", _json_lines)


async def _export(
    request: Request, kind: str, media_type: str, write: Callable[[Iterable[TrailRow]], Iterator[str]]
) -> Response:
    actor, wanted = actor_of(request), filter_of(await text_fields(request))
    try:
        rows = export_trail(actor, wanted)
        await asyncio.to_thread(
            note_export, actor, what=f"{kind} {suffix_of(wanted).removeprefix('?')}".strip()
        )
    except CassoError as error:
        return PlainTextResponse(word(actor.locale, error.key, **error.values) + "\n", status_code=403)
    name = f"activity-{now():%Y-%m-%d}.{kind}"
    return StreamingResponse(
        write(rows),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _csv(rows: Iterable[TrailRow]) -> Iterator[str]:
    page = io.StringIO()
    lines = csv.writer(page)
    lines.writerow(COLUMNS)
    for count, row in enumerate(rows, 1):
        lines.writerow([safe_cell(getattr(row, name)) for name in COLUMNS])
        if count % ROWS_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _json_lines(rows: Iterable[TrailRow]) -> Iterator[str]:
    page = io.StringIO()
    for count, row in enumerate(rows, 1):
        shown = {name: value for name, value in asdict(row).items() if name in COLUMNS}
        page.write(json.dumps(shown, ensure_ascii=False) + "\n")
        if count % ROWS_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _taken(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text
