"""Who may call which event handler, declared at the handler and checked when the program starts.

Every public function on a State can be called by any browser with any
arguments, whether a page uses it or not. So: no declaration, no start; and
Reflex's own handlers are on one of two short lists here.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from casso.access import Actor
from casso.rules.permissions import Action

Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "casso_policy"
_FORBIDDEN_HINTS = (Any, object, dict, list, set, tuple)


class Who(StrEnum):
    """Callers who need no permission of their own."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    OPERATOR = "operator of the installation"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a handler, and the strict model its arguments must fit."""

    needs: Who | Action
    arguments: type[BaseModel]

    def admits(self, actor: Actor | None) -> bool:
        """Whether this caller may call."""
        if self.needs is Who.ANYONE:
            return True
        if actor is None:
            return False
        if self.needs is Who.OPERATOR:
            return actor.is_operator
        return self.needs is Who.SIGNED_IN or actor.may(Action(self.needs))


class UndeclaredHandler(Exception):
    """The program may not start: a handler could be called that nobody thought about."""


class _NoArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Hydration(_NoArguments):
    hashes: list[str] | None = None


class _Hydrated(_NoArguments):
    value: bool


# Reflex's own handlers that a page needs; they read and write nothing of ours, and the state tree is
# bound to the session before they run. Hydration takes no client storage (`vars`): we keep none.
FRAMEWORK_OPEN: dict[str, type[BaseModel]] = {
    "reflex___state____state.hydrate": _NoArguments,
    "reflex___state____state.hydrate_and_load": _Hydration,
    "reflex___state____state.set_is_hydrated": _Hydrated,
    "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal": _NoArguments,
    "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated": _Hydrated,
}
# Reflex's own handlers that nobody may call. Every State also has `setvar`.
FRAMEWORK_CLOSED = frozenset(
    {
        "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception",
        "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
    }
)


def policy(needs: Who | Action) -> Callable[[Function], Function]:
    """Declare who may call a handler. Stands below `@rx.event`:

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def close(self, number: int) -> None: ...
    """

    def mark(function: Function) -> Function:
        setattr(function, _MARK, needs)
        return function

    return mark


def policy_of(name: str) -> Policy | None:
    """The policy of a registered handler, or None: refused."""
    if name in FRAMEWORK_OPEN:
        return Policy(needs=Who.ANYONE, arguments=FRAMEWORK_OPEN[name])
    return _policies().get(name)


def check_registry() -> None:
    """Walk the framework's live registry. Raises UndeclaredHandler naming every handler without a policy."""
    _cache.clear()
    missing = [name for name in _registry() if not is_framework(name) and name not in _policies()]
    if missing:
        raise UndeclaredHandler("event handlers without @policy: " + ", ".join(sorted(missing)))


def own_handlers() -> list[tuple[str, str, Policy]]:
    """Every declared handler of ours: its registered name, `State.handler`, and its policy."""
    return [
        (name, f"{_registry()[name].states[0].__name__}.{name.rpartition('.')[2]}", found)
        for name, found in sorted(_policies().items())
    ]


def is_framework(name: str) -> bool:
    """Whether the handler is Reflex's own and decided above."""
    return name in FRAMEWORK_OPEN or name in FRAMEWORK_CLOSED or name.endswith(".setvar")


def checked_arguments(found: Policy, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments when they fit the handler's hints exactly, else None."""
    try:
        text = json.dumps({name: _as_form(value) for name, value in payload.items()}, allow_nan=False)
        made = found.arguments.model_validate_json(text)
    except (ValueError, TypeError, RecursionError, ValidationError):
        return None
    return {name: getattr(made, name) for name in made.model_fields_set}


def _as_form(value: object) -> object:
    """A submitted form travels as ordered pairs under one key; of several with a name the last counts."""
    if not isinstance(value, dict) or list(value) != [FORM_DATA_ENTRIES_KEY]:
        return value
    return {str(name): content for name, content in value[FORM_DATA_ENTRIES_KEY]}


_cache: dict[int, dict[str, Policy]] = {}


def _registry() -> dict[str, RegisteredEventHandler]:
    return RegistrationContext.ensure_context().event_handlers


def _policies() -> dict[str, Policy]:
    """Policies by handler name, made again when a handler was registered since."""
    registry = _registry()
    if len(registry) not in _cache:
        _cache.clear()
        _cache[len(registry)] = {
            name: Policy(needs=needs, arguments=_arguments_model(name, entry.handler.fn))
            for name, entry in registry.items()
            if (needs := getattr(entry.handler.fn, _MARK, None)) is not None
        }
    return _cache[len(registry)]


def _arguments_model(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    """A strict model from the handler's hints. Raises UndeclaredHandler when an argument has none."""
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        hint = hints.get(parameter.name)
        if (
            hint is None
            or hint in _FORBIDDEN_HINTS
            or parameter.kind
            in (
                inspect.Parameter.VAR_POSITIONAL,
                inspect.Parameter.VAR_KEYWORD,
            )
        ):
            raise UndeclaredHandler(f"{name}: argument {parameter.name!r} needs an exact type hint")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hint, default)
    return create_model(
        "Arguments", __config__=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False), **fields
    )
