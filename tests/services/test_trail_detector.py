"""Every writing service leaves a line: watched while it runs in any test, and read off its source."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casso import db
from tests import desks
from tests.architecture import ROOT, product_files, relative, tree_of
from tests.desks import Desk
from tests.trail_detector import SERVICES, audited, watched

WRITES_A_LINE = frozenset({"record", "record_access"})
OPENS = frozenset({"transaction"})
# Public functions with an actor and a transaction that leave no line, each with its reason.
SILENT = {
    "attachments.store_upload": "an upload waits for the message that takes it",
    "checks/runs.ask_for_checks": "the run keeps who asked for it, and when",
    "own_factor.begin": "counts only once confirmed",
    "test_mail.send_test_mail": "a mail to oneself; nothing is kept of it",
    "tickets.mark_read": "reading changes nothing for others",
    "trail_keeping.prune": "the trail about itself: the signed checkpoint tells",
    "trail_keeping.shorten_addresses": "the trail about itself",
}
PLANTED = """
from casso.db import transaction
from casso.services.trail import record

def rename(actor, told, fails=False):
    with transaction(actor.organization_id) as session:
        _change(session, actor)
        if told:
            record(session, actor, "organization.changed")
        if fails:
            raise RuntimeError

def _change(session, actor):
    session.get(Organization, actor.organization_id).name = "Changed"
"""


@pytest.fixture
def desk_unwatched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that does not itself fail the test for what is planted here."""
    with desks.sqlite_desk(tmp_path, monkeypatch) as found:
        yield found


def planted(path: str = f"{SERVICES}/planted.py") -> Any:
    """A service as if it stood in casso/services."""
    from casso.models import Organization

    found: dict[str, Any] = {"Organization": Organization}
    exec(compile(PLANTED, path, "exec"), found)
    return found["rename"]


def test_a_service_that_changes_something_and_says_nothing_is_noticed(desk_unwatched: Desk) -> None:
    rename = planted()
    with watched(db.engine()) as missing:
        rename(desk_unwatched.owner, True)
    assert missing == []
    with watched(db.engine()) as missing:
        rename(desk_unwatched.other.owner, False)
    assert missing == ["planted.rename wrote organization.name"]


def test_what_was_rolled_back_needs_no_line(desk_unwatched: Desk) -> None:
    with watched(db.engine()) as missing, pytest.raises(RuntimeError):
        planted()(desk_unwatched.owner, False, True)
    assert missing == []


def test_what_a_test_writes_itself_needs_no_line(desk_unwatched: Desk) -> None:
    with watched(db.engine()) as missing:
        planted("/elsewhere/test_x.py")(desk_unwatched.owner, False)
    assert missing == []


def test_bookkeeping_is_told_from_acts() -> None:
    assert audited("UPDATE", "ticket", ' SET status=?, "version"=? WHERE id = ?') == {
        "ticket.status",
        "ticket.version",
    }
    assert audited("UPDATE", "sign_in", " SET last_seen_at=? WHERE token_hash = ?") == set()
    assert audited("INSERT INTO", "membership", " (role) VALUES (?)") == {"membership.+"}
    assert audited("DELETE FROM", "membership", " WHERE id = ?") == {"membership.-"}
    assert audited("INSERT INTO", "heartbeat", " (name) VALUES (?)") == set()


def test_every_service_of_a_person_reaches_the_trail_in_its_source() -> None:
    """Also those that no test calls: a public function with an actor and a transaction ends in record()."""
    functions = _functions()
    silent = [
        name
        for name, node in functions.items()
        if _is_use_case(name, node, functions)
        and not _reaches(WRITES_A_LINE, name, functions, set())
        and name not in SILENT
    ]
    assert silent == []


def test_no_exception_outlives_its_reason() -> None:
    functions = _functions()
    gone = [
        name for name in SILENT if name not in functions or _reaches(WRITES_A_LINE, name, functions, set())
    ]
    assert gone == []


def _functions() -> dict[str, ast.FunctionDef]:
    """Every function at the top of a module of casso/services, as module.name."""
    return {
        f"{_module(path)}.{node.name}": node
        for path in product_files()
        if relative(path).startswith("casso/services/") and "/bench/" not in relative(path)
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
    }


def _module(path: Path) -> str:
    return path.relative_to(ROOT / "casso" / "services").with_suffix("").as_posix()


def _is_use_case(name: str, node: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> bool:
    """Public, begun by an actor, and opening a transaction, itself or through another one."""
    first = node.args.args[0].arg if node.args.args else ""
    is_public = not node.name.startswith("_") and first == "actor"
    return is_public and _reaches(OPENS, name, functions, set())


def _called(node: ast.AST) -> set[str]:
    """Names of what is called, or handed over to be called, anywhere inside."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | {
        f"{one.value.id}.{one.attr}"
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
    }


def _reaches(
    wanted: frozenset[str], name: str, functions: dict[str, ast.FunctionDef], seen: set[str]
) -> bool:
    """Whether the function, or one that it calls, calls what is wanted. Names are looked up everywhere."""
    seen.add(name)
    module = name.rpartition(".")[0]
    called = _called(functions[name])
    if called & wanted:
        return True
    near = [f"{module}.{one}" for one in called] + [one for one in called if "." in one]
    far = [full for full in functions if full.rpartition(".")[2] in called]
    known = [one for one in (*near, *far) if one in functions and one not in seen]
    return any(_reaches(wanted, one, functions, seen) for one in known)
