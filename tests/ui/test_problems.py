"""What a person sees when a handler fails: the service's own words, or a number to pass on."""

import logging

import pytest

from casso.errors import GatewayError, NotFound
from casso.ui.problems import Problems, on_backend_error, on_browser_error


def shown(error: Exception) -> tuple[str, str]:
    """The key and values that the browser will be told, as Reflex spells them."""
    spec = on_backend_error(error)
    assert spec is not None
    told = {str(name): str(value) for name, value in spec.args}
    return told["key"].strip('"'), told["values"]


def test_a_refusal_keeps_its_own_words() -> None:
    key, values = shown(NotFound("error.ticket_not_found", number=7))
    assert key == "error.ticket_not_found"
    assert '"7"' in values


def test_our_own_mistake_is_logged_with_the_number_that_the_person_sees(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "casso"):
        key, values = shown(RuntimeError("canary"))
    assert key == "error.unexpected"
    assert caplog.records[-1].error_id in values  # type: ignore[attr-defined]
    assert "canary" not in values


def test_a_failing_outside_is_told_apart() -> None:
    assert shown(GatewayError("smtp said no", permanent=False))[0] == "error.outside"


def test_what_a_browser_reports_is_counted_and_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "casso"):
        on_browser_error(Exception("canary"))
    assert "canary" not in caplog.text
    assert caplog.records[-1].length == 6  # type: ignore[attr-defined]


def test_showing_and_dismissing_need_no_session() -> None:
    assert {"show", "dismiss"} <= set(Problems.event_handlers)
