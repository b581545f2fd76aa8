"""Everything a browser can call, read from the live registries: handlers with their arguments, and routes.

`python -m tests.walls.surface` writes tests/walls/handlers.txt and routes.txt anew; a person
reads the difference before it is committed.
"""

import inspect
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import casso.casso
from casso.ui import policy
from casso.ui.policy import Policy
from casso.web.router import all_routes

HERE = Path(__file__).parent
HANDLERS, ROUTES = HERE / "handlers.txt", HERE / "routes.txt"
assert casso.casso.app


@dataclass(frozen=True, slots=True)
class HandlerFound:
    """One handler of our own."""

    name: str
    short: str
    declared: Policy

    @property
    def line(self) -> str:
        """As it stands in the committed list."""
        arguments = ", ".join(
            f"{name}: {_named(field.annotation)}"
            for name, field in self.declared.arguments.model_fields.items()
        )
        return f"{self.short}({arguments}) needs {self.declared.needs}"

    def payload(self, number: int, text: str, form: dict[str, str]) -> dict[str, Any]:
        """Arguments that fit the hints, filled with these."""
        fields = self.declared.arguments.model_fields
        return {name: _sample(field.annotation, number, text, form) for name, field in fields.items()}


def own_handlers() -> tuple[HandlerFound, ...]:
    """Every handler of ours, by name."""
    registry = policy._registry()
    return tuple(
        HandlerFound(name, f"{entry.states[0].__name__}.{name.rpartition('.')[2]}", declared)
        for name, entry in sorted(registry.items())
        if not policy.is_framework(name) and (declared := policy.policy_of(name)) is not None
    )


def every_name() -> tuple[str, ...]:
    """Every registered name, Reflex's own included."""
    return tuple(sorted(policy._registry()))


def handler_lines() -> list[str]:
    """The list of handlers as it should be committed."""
    return sorted(found.line for found in own_handlers())


def route_lines() -> list[str]:
    """The list of routes as it should be committed."""
    return sorted(
        f"{method} {found.path} for {found.who}" for found in all_routes() for method in found.methods
    )


def _named(hint: Any) -> str:
    if inspect.isclass(hint) and get_origin(hint) is None:
        return str(hint.__name__)
    return str(hint).replace("typing.", "")


def _sample(hint: Any, number: int, text: str, form: dict[str, str]) -> Any:
    """A value of that hint."""
    if hint is bool:
        return True
    if hint is int:
        return number
    if hint is float:
        return float(number)
    if hint is str:
        return text
    if inspect.isclass(hint) and issubclass(hint, StrEnum):
        return next(iter(hint)).value
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is dict:
        return dict(form)
    if origin in (list, tuple):
        return [_sample(arguments[0], number, text, form)]
    if arguments:
        return _sample(arguments[0], number, text, form)
    raise AssertionError(f"no sample for {hint}: add one")


def main() -> None:
    """Write both lists."""
    HANDLERS.write_text("\n".join(handler_lines()) + "\n")
    ROUTES.write_text("\n".join(route_lines()) + "\n")


if __name__ == "__main__":
    sys.exit(main())
