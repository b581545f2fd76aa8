"""Forged arguments, for every handler of the live registry: whatever does not fit exactly is refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casso.models import OWNED
from casso.ui import policy
from tests.walls import surface

WITH = tuple(found for found in surface.own_handlers() if found.declared.arguments.model_fields)
WITHOUT = tuple(found for found in surface.own_handlers() if not found.declared.arguments.model_fields)
COLUMNS = sorted({column for table in OWNED for column in table.model_fields})
DEEP: list[Any] = []
for _ in range(10_000):
    DEEP = [DEEP]
# Of a type that no argument of ours has: our arguments are numbers, texts, switches, forms of texts.
MISFITS = (None, 1.5, float("nan"), float("inf"), b"x", [], [[]], {"a": {"b": "c"}}, DEEP, object(), "\ud800")
NEAR: dict[type, tuple[Any, ...]] = {
    int: ("1", " 1", "1.0", 1.0, True, "１"),
    bool: (0, 1, 1.0, "true", "on", "1"),
    str: (1, True, ["text"]),
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def fitting(found: surface.HandlerFound) -> dict[str, Any]:
    return found.payload(1, "text", {"name": "text"})


@pytest.mark.parametrize("found", WITH, ids=lambda found: found.short)
def test_arguments_that_fit_are_taken(found: surface.HandlerFound) -> None:
    assert policy.checked_arguments(found.declared, fitting(found)) is not None


@pytest.mark.parametrize("found", WITH, ids=lambda found: found.short)
def test_an_argument_of_another_kind_is_refused(found: surface.HandlerFound) -> None:
    for name in found.declared.arguments.model_fields:
        for misfit in MISFITS:
            payload = fitting(found) | {name: misfit}
            assert policy.checked_arguments(found.declared, payload) is None, (name, type(misfit))


@pytest.mark.parametrize("found", WITH, ids=lambda found: found.short)
def test_an_argument_that_would_have_to_be_turned_into_its_type_is_refused(
    found: surface.HandlerFound,
) -> None:
    """ "1" is no number and 1 is no switch: what a handler reads is what was sent."""
    for name in found.declared.arguments.model_fields:
        for near in NEAR.get(type(fitting(found)[name]), ()):
            payload = fitting(found) | {name: near}
            assert policy.checked_arguments(found.declared, payload) is None, (name, near)


@pytest.mark.parametrize("found", WITH + WITHOUT, ids=lambda found: found.short)
def test_an_argument_that_is_not_declared_is_refused(found: surface.HandlerFound) -> None:
    """No column's name travels in beside the arguments: nothing is assigned that nobody asked for."""
    declared = set(found.declared.arguments.model_fields)
    for extra in (*COLUMNS, "self", "_session", "is_admin", "__class__", ""):
        if extra not in declared:
            assert policy.checked_arguments(found.declared, fitting(found) | {extra: 1}) is None, extra


@pytest.mark.parametrize("found", WITH, ids=lambda found: found.short)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=anything)
def test_whatever_is_sent_comes_in_as_its_declared_type_or_not_at_all(
    found: surface.HandlerFound, sent: Any
) -> None:
    for name in found.declared.arguments.model_fields:
        made = policy.checked_arguments(found.declared, fitting(found) | {name: sent})
        if made is not None:
            assert made[name] == sent or isinstance(sent, str)
            assert type(made[name]) is type(fitting(found)[name]) or isinstance(made[name], str)


@pytest.mark.parametrize("payload", [[], None, 5, "x"])
def test_a_payload_that_is_no_object_is_no_call(payload: Any) -> None:
    with pytest.raises((AttributeError, TypeError)):
        policy.checked_arguments(WITH[0].declared, payload)
