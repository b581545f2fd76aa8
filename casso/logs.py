"""Log lines: one JSON object each on standard error, with ids and never with content.

Our own modules log a fixed sentence and ids (`extra`). What libraries say is cut
short and cleaned, because it may quote an event, a cookie or an address. A
warning that repeats more than 20 times a minute is left out after saying so.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from casso import clock

LINES_A_MINUTE = 20
FOREIGN_LENGTH = 300
_ids: ContextVar[dict[str, str]] = ContextVar("casso_log_ids", default={})  # noqa: B039  (never mutated)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "dedupe", "rich"}
_CUT = re.compile(r"(Event\(|Event data|event data|router_data|payload|headers).*", re.DOTALL)
_REDACTIONS = (
    (
        re.compile(
            r"(?i)(cookie|authorization|password|passwd|secret|token|api[_-]?key)(\W{1,4})[^\s,;'\"]+"
        ),
        r"\1\2…",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "…@…"),
    (re.compile(r"(//)[^/@\s]+@"), r"\1…@"),
)


@contextmanager
def log_ids(**ids: str | int) -> Iterator[None]:
    """Every line logged inside carries these ids: request, job, organization."""
    token = _ids.set({**_ids.get(), **{name: str(value) for name, value in ids.items()}})
    try:
        yield
    finally:
        _ids.reset(token)


def set_up_logging(process: str, level: int = logging.INFO) -> None:
    """Send every logger's lines through one handler on standard error; libraries only warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    handler.addFilter(Cap())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("casso").setLevel(level)


def redacted(text: str) -> str:
    """A foreign line without what may be private, at most 300 characters long."""
    text = _CUT.sub(r"\1…", text)
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text[:FOREIGN_LENGTH]


class JsonFormatter(logging.Formatter):
    """One line: time, level, event, the ids, and what our code added."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON without line breaks."""
        is_ours = record.name.startswith("casso")
        text = record.getMessage()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "event": getattr(record, "event", "log"),
            "message": text[:1000] if is_ours else redacted(text),
            "logger": record.name,
            **_ids.get(),
        }
        line |= (
            {name: value for name, value in vars(record).items() if name not in _STANDARD} if is_ours else {}
        )
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__name__
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


class Cap(logging.Filter):
    """Lets a line through 20 times a minute, then says once that more of it is being left out."""

    def __init__(self) -> None:
        super().__init__()
        self._minute = -1
        self._counts: dict[tuple[str, str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        if record.name.startswith("casso") and record.levelno < logging.WARNING:
            return True
        minute = int(clock.ticks() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        key = (record.name, record.levelname, _shape(record))
        self._counts[key] = count = self._counts.get(key, 0) + 1
        if count == LINES_A_MINUTE:
            record.msg, record.args = (
                "%s (more of this line are left out for a minute)",
                (redacted(record.getMessage()),),
            )
        return count <= LINES_A_MINUTE


def _shape(record: logging.LogRecord) -> str:
    """What makes two lines the same: the template, or for f-strings where they were logged."""
    return f"{record.pathname}:{record.lineno}"


def _trace(error: BaseException) -> list[str]:
    """Where it happened: file, line and function of each frame, without values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in frames[-12:]
    ]
