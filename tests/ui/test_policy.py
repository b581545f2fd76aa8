"""No handler without a policy, no argument without an exact hint, no table of roles but one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from casso.access import Actor
from casso.enums import Role
from casso.rules.permissions import Action
from casso.ui import policy

ROOT = Path(__file__).resolve().parents[2]
# Handlers that a browser without a session may call. Each only touches what this tab itself sees.
OPEN_TO_ANYONE = {"Problems.show", "Problems.dismiss", "Toast.dismiss"}


def in_another_process(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "CASSO_DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


PLANTED = """
import casso.casso
import reflex as rx
from casso.ui import policy
class Planted(rx.State):
    async def bare(self): ...
    @rx.event
    async def decorated(self): ...
    @rx.event(background=True)
    async def background(self): ...
    def public_helper(self): ...
    async def _private(self): ...
    @rx.event
    @policy.policy(policy.Who.SIGNED_IN)
    async def declared(self): ...
policy.check_registry()
"""


def test_undeclared_handlers_stop_the_start_and_are_named(tmp_path: Path) -> None:
    done = in_another_process(PLANTED, tmp_path)
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert "event handlers without @policy" in last
    found = {name.rpartition(".")[2] for name in last.partition("@policy: ")[2].split(", ")}
    assert found == {"bare", "decorated", "background", "public_helper"}


async def no_hint(self, data): ...  # type: ignore[no-untyped-def]


async def bare_dict(self: Any, data: dict) -> None: ...  # type: ignore[type-arg]


async def bare_list(self: Any, data: list) -> None: ...  # type: ignore[type-arg]


async def anything(self: Any, data: Any) -> None: ...


async def many(self: Any, *data: int) -> None: ...


async def named(self: Any, **data: int) -> None: ...


@pytest.mark.parametrize("handler", [no_hint, bare_dict, bare_list, anything, many, named])
def test_an_argument_without_an_exact_hint_stops_the_start(handler: Callable[..., Any]) -> None:
    with pytest.raises(policy.UndeclaredHandler, match="needs an exact type hint"):
        policy._arguments_model("planted", handler)


def test_only_listed_handlers_are_open_to_browsers_without_a_session(tmp_path: Path) -> None:
    code = (
        "import casso.casso, json\n"
        "from casso.ui import policy\n"
        "registry = policy._registry()\n"
        "print(json.dumps([registry[name].states[0].__name__ + '.' + name.rpartition('.')[2]\n"
        "    for name, found in policy._policies().items() if found.needs is policy.Who.ANYONE]))"
    )
    done = in_another_process(code, tmp_path)
    assert set(json.loads(done.stdout.splitlines()[-1])) == OPEN_TO_ANYONE, done.stderr


def actor(role: Role) -> Actor:
    return Actor(organization_id=1, account_id=1, role=role)


class Colour(StrEnum):
    RED = "red"


def declared(needs: policy.Who | Action) -> policy.Policy:
    async def handler(state: Any, number: int, words: list[str], colour: Colour = Colour.RED) -> None: ...

    return policy.Policy(needs, policy._arguments_model("probe", handler))


@pytest.mark.parametrize(
    ("needs", "role", "expected"),
    [
        (policy.Who.ANYONE, None, True),
        (policy.Who.SIGNED_IN, None, False),
        (policy.Who.SIGNED_IN, Role.VIEWER, True),
        (Action.WRITE_TICKETS, None, False),
        (Action.WRITE_TICKETS, Role.VIEWER, False),
        (Action.WRITE_TICKETS, Role.AGENT, True),
        (Action.CHANGE_SETTINGS, Role.AGENT, False),
        (Action.CHANGE_SETTINGS, Role.OWNER, True),
    ],
)
def test_a_policy_admits_exactly_the_roles_that_the_table_names(
    needs: policy.Who | Action, role: Role | None, expected: bool
) -> None:
    assert declared(needs).admits(actor(role) if role else None) is expected


def test_an_operators_page_admits_operators_and_no_owner() -> None:
    instance_page = declared(policy.Who.OPERATOR)
    operator = Actor(organization_id=1, account_id=1, role=Role.VIEWER, is_operator=True)
    assert instance_page.admits(operator)
    assert not instance_page.admits(actor(Role.OWNER))
    assert not instance_page.admits(None)


def test_the_set_of_an_own_role_decides() -> None:
    one = Actor(1, 1, Role.OWN, own_role=(Action.WRITE_TICKETS,))
    assert declared(Action.WRITE_TICKETS).admits(one)
    assert not declared(Action.READ_TICKETS).admits(one)


def test_arguments_that_fit_come_back_as_their_types() -> None:
    found = policy.checked_arguments(
        declared(policy.Who.ANYONE), {"number": 1, "words": ["a"], "colour": "red"}
    )
    assert found == {"number": 1, "words": ["a"], "colour": Colour.RED}


def test_an_argument_left_out_keeps_the_handlers_own_default() -> None:
    found = policy.checked_arguments(declared(policy.Who.ANYONE), {"number": 1, "words": []})
    assert found == {"number": 1, "words": []}


REFUSED: list[dict[str, Any]] = [
    {"number": 1},
    {"number": "1", "words": []},
    {"number": True, "words": []},
    {"number": 1, "words": "ab"},
    {"number": 1, "words": [1]},
    {"number": 1, "words": [], "colour": "blue"},
    {"number": 1, "words": [], "extra": 1},
    {"number": float("inf"), "words": []},
    {"number": 1, "words": ["\ud800"]},
    {"number": 1, "words": [object()]},
]


@pytest.mark.parametrize("payload", REFUSED, ids=range(len(REFUSED)))
def test_arguments_that_do_not_fit_are_refused(payload: dict[str, Any]) -> None:
    assert policy.checked_arguments(declared(policy.Who.ANYONE), payload) is None


def test_an_argument_nested_ten_thousand_deep_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert policy.checked_arguments(declared(policy.Who.ANYONE), {"number": 1, "words": deep}) is None


def form_payload(pairs: list[Any]) -> dict[str, Any]:
    return {"form": {"__reflex_form_data__": pairs}}


def declared_form() -> policy.Policy:
    async def handler(state: Any, form: dict[str, str]) -> None: ...

    return policy.Policy(policy.Who.ANYONE, policy._arguments_model("probe", handler))


def test_a_submitted_form_arrives_as_its_fields_the_last_of_a_name_counting() -> None:
    found = policy.checked_arguments(
        declared_form(), form_payload([["text", "a"], ["cc", ""], ["text", "b"]])
    )
    assert found == {"form": {"text": "b", "cc": ""}}


@pytest.mark.parametrize(
    "pairs", [[["text", 1]], [["text"]], ["text"], [["text", {"a": "b"}]], [[]], [None], "ab"]
)
def test_a_form_that_holds_anything_but_text_is_refused(pairs: Any) -> None:
    assert policy.checked_arguments(declared_form(), form_payload(pairs)) is None
