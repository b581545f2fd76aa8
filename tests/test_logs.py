"""Log lines carry ids and no content, whoever wrote them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from casso import clock, logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What our handler writes; the root logger is put back afterwards."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    output = io.StringIO()
    monkeypatch.setattr(logs.sys, "stderr", output)
    logs.set_up_logging("test")
    yield output
    root.handlers[:] = kept
    root.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_the_ids_around_it(written: io.StringIO) -> None:
    with logs.log_ids(request="r1"), logs.log_ids(organization=7):
        logging.getLogger("casso.jobs").info("mail taken", extra={"event": "mail.taken", "spool_id": 3})
    (line,) = lines(written)
    assert line["time"].endswith("+00:00")
    assert (line["level"], line["event"], line["process"]) == ("info", "mail.taken", "test")
    assert (line["request"], line["organization"], line["spool_id"]) == ("r1", "7", 3)


def test_ids_end_with_their_block(written: io.StringIO) -> None:
    with logs.log_ids(request="r1"):
        pass
    logging.getLogger("casso.x").info("after")
    assert "request" not in lines(written)[0]


def test_a_line_never_breaks_even_when_the_text_does(written: io.StringIO) -> None:
    logging.getLogger("casso.x").warning("one\ntwo\r\nthree")
    assert len(written.getvalue().splitlines()) == 1


PRIVATE = [
    "Error for Event(name='a', payload={'password': 'hunter2'})",
    "Received event from session x. Event data: {'text': 'hunter2'}",
    "request headers {'Cookie': 'casso=hunter2'}",
    "Set-Cookie: casso=hunter2; Path=/",
    "Authorization: Bearer-hunter2",
    "api_key=hunter2 rejected",
    "cannot deliver to hunter2@example.com",
    "connecting to smtp://user:hunter2@mail.example",
    "x" * 400 + "hunter2",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_what_a_library_says_is_cut_and_cleaned(written: io.StringIO, text: str) -> None:
    logging.getLogger("reflex.app").error(text)
    assert "hunter2" not in written.getvalue()
    assert lines(written)[0]["logger"] == "reflex.app"


def test_an_exception_leaves_its_place_and_not_its_text(written: io.StringIO) -> None:
    try:
        raise ValueError("hunter2")
    except ValueError:
        logging.getLogger("casso.x").exception("failed")
    (line,) = lines(written)
    assert line["error"] == "ValueError"
    assert "test_an_exception_leaves_its_place_and_not_its_text" in line["trace"][-1]
    assert "hunter2" not in written.getvalue()


def test_libraries_are_heard_only_when_they_warn(written: io.StringIO) -> None:
    logging.getLogger("botocore.auth").info("signing with hunter2")
    assert written.getvalue() == ""


def test_a_repeated_warning_is_capped_and_says_so(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = [0.0]
    monkeypatch.setattr(clock, "ticks", lambda: minute[0])
    logger = logging.getLogger("casso.x")
    for passage in range(2):
        minute[0] = passage * 60.0
        for number in range(100):
            logger.warning("refused", extra={"number": number})
    found = lines(written)
    assert len(found) == 2 * logs.LINES_A_MINUTE
    assert "left out" in found[logs.LINES_A_MINUTE - 1]["message"]


def test_ordinary_lines_of_ours_are_never_capped(written: io.StringIO) -> None:
    for _ in range(100):
        logging.getLogger("casso.x").info("mail taken")
    assert len(lines(written)) == 100
