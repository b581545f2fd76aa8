"""The laws of the house: floors, libraries, time, SQL, sizes, and what a browser can call."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import wall_openings
from tests.architecture import (
    ROOT,
    Import,
    classes_of,
    functions_of,
    imports_of,
    length,
    product_files,
    relative,
    tree_of,
)

# Floor and room of every place; on one floor, rooms do not import one another.
FLOORS: dict[str, tuple[int, str]] = {
    "casso/config.py": (0, "ground"),
    "casso/setting_checks.py": (0, "ground"),
    "casso/clock.py": (0, "ground"),
    "casso/enums.py": (0, "ground"),
    "casso/errors.py": (0, "ground"),
    "casso/logs.py": (0, "ground"),
    "casso/failpoints.py": (0, "ground"),
    "casso/__init__.py": (0, "ground"),
    "casso/values/": (0, "ground"),
    "casso/words/": (0, "ground"),
    "casso/rules/": (1, "rules"),
    "casso/gateways/": (1, "gateways"),
    "casso/models/": (1, "models"),
    "casso/db.py": (1, "db"),
    "casso/scoping.py": (1, "db"),
    "casso/scoping_text.py": (1, "db"),
    "casso/statement_wall.py": (1, "db"),
    "casso/rows_wall.py": (1, "db"),
    "casso/access.py": (2, "reading"),
    "casso/queries/": (2, "reading"),
    "casso/services/": (3, "services"),
    "casso/jobs/": (4, "jobs"),
    "casso/web/": (4, "web"),
    "casso/ui/": (4, "ui"),
    "casso/casso.py": (5, "top"),
    "casso/cli.py": (5, "top"),
    "casso/worker.py": (5, "top"),
    "casso/frontend.py": (5, "top"),
    "casso/supervisor.py": (5, "top"),
    "casso/renewals.py": (5, "top"),
    "casso/commands/": (5, "top"),
    "casso/__main__.py": (5, "top"),
    "rxconfig.py": (5, "top"),
}

# Which places may import a library; a prefix of the path decides.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "reflex": ("casso/ui/", "casso/casso.py", "rxconfig.py"),
    "reflex_base": ("casso/ui/", "casso/casso.py", "rxconfig.py"),
    "starlette": ("casso/web/",),
    "granian": ("casso/commands/web.py",),
    "stripe": ("casso/gateways/",),
    "anthropic": ("casso/gateways/",),
    "boto3": ("casso/gateways/",),
    "botocore": ("casso/gateways/",),
    "authlib": ("casso/gateways/", "casso/web/"),
    "imaplib": ("casso/gateways/",),
    "imap_tools": ("casso/gateways/",),
    "smtplib": ("casso/gateways/",),
    "aiosmtpd": ("casso/gateways/",),
    "joserfc": ("casso/gateways/",),
    "webauthn": ("casso/gateways/",),
    "httpx": ("casso/gateways/",),
    "httpx2": ("casso/gateways/",),
    "requests": ("casso/gateways/",),
    "apscheduler": ("casso/worker.py", "casso/jobs/schedule.py"),
    "alembic": ("casso/services/schema.py",),
}

FILE_LINES, FUNCTION_LINES, HANDLER_LINES = 300, 40, 12
STATE_LINES, STATE_VARS, STATE_HANDLERS = 150, 15, 10
# Exceptions to the sizes, each with its reason.
LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {
    "casso/config.py:read_settings": "one line a setting; splitting would hide the list",
}
FORBIDDEN_NAMES = ("utils", "helpers", "manager", "base", "common", "misc")
ASKS_FOR_TIME = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic|perf_counter))\("
)
# The timetable is handed to APScheduler, which compares with the machine's own clock.
MAY_ASK_FOR_TIME = ("casso/clock.py", "casso/jobs/schedule.py")


def floor_of(path: str) -> tuple[int, str]:
    """Floor and room of a file; a place nobody put on a floor fails."""
    for prefix, floor in FLOORS.items():
        if path == prefix or (prefix.endswith("/") and path.startswith(prefix)):
            return floor
    raise AssertionError(f"{path} stands on no floor: add it to FLOORS")


def path_of(target: str) -> str | None:
    """The file behind a dotted name of ours, or None for libraries."""
    parts = target.split(".")
    if parts[0] != "casso":
        return None
    for count in range(len(parts), 0, -1):
        stem = ROOT.joinpath(*parts[:count])
        if stem.with_suffix(".py").is_file() and count > 1:
            return relative(stem.with_suffix(".py"))
        if (stem / "__init__.py").is_file():
            return relative(stem / "__init__.py")
    return None


def breaks_floors(found: Import) -> bool:
    """Whether this import goes up, or sideways into another room."""
    target = path_of(found.target)
    if target is None or target == "casso/__init__.py":
        return False
    own_floor, own_room = floor_of(found.path)
    other_floor, other_room = floor_of(target)
    return other_floor > own_floor or (other_floor == own_floor and other_room != own_room)


def all_imports() -> list[Import]:
    return [found for path in product_files() for found in imports_of(path)]


def test_files_import_only_from_floors_below_or_their_own_room() -> None:
    wrong = [
        f"{found.path}:{found.line} imports {found.target}" for found in all_imports() if breaks_floors(found)
    ]
    assert wrong == []


def test_an_import_going_up_is_noticed() -> None:
    assert breaks_floors(Import("casso/rules/x.py", 1, "casso.services.login", "sign_in", False))
    assert breaks_floors(Import("casso/web/x.py", 1, "casso.ui.guard", "Guard", False))
    assert not breaks_floors(Import("casso/services/x.py", 1, "casso.rules.permissions", "Action", False))


def test_libraries_stay_where_they_belong() -> None:
    wrong = [
        f"{found.path}:{found.line} imports {found.module}"
        for found in all_imports()
        for library, places in LIBRARIES.items()
        if (found.module == library or found.module.startswith(library + "."))
        and not found.path.startswith(places)
    ]
    assert wrong == []


def test_only_the_clock_asks_for_the_time() -> None:
    wrong = [
        f"{relative(path)}:{number}"
        for path in product_files()
        if relative(path) not in MAY_ASK_FOR_TIME
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ASKS_FOR_TIME.search(line.partition("#")[0])
    ]
    assert wrong == []


def test_sql_is_written_only_where_reading_and_writing_happen() -> None:
    allowed = (
        "casso/access.py",
        "casso/rows_wall.py",
        "casso/queries/",
        "casso/services/",
        "casso/jobs/claim.py",
    )
    wrong = [
        f"{found.path}:{found.line} takes select"
        for found in all_imports()
        if found.module.split(".")[0] in ("sqlmodel", "sqlalchemy")
        and found.name in ("select", "update", "delete", "insert", "text")
        and not found.path.startswith(allowed)
        and not found.path.startswith("casso/models/")
    ]
    assert wrong == []


def test_only_transaction_commits() -> None:
    wrong = [
        f"{relative(path)}:{node.lineno}"
        for path in product_files()
        if relative(path) != "casso/db.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert wrong == []


def called(path: Path, *names: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of functions or methods of these names, each with its `file:function`."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        if (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in names:
            around = [one for one in functions_of(path) if one.lineno <= node.lineno <= (one.end_lineno or 0)]
            name = max(around, key=lambda one: one.lineno).name if around else ""
            yield f"{relative(path)}:{name}", node


def test_every_look_across_organizations_stands_in_the_list_with_its_reason() -> None:
    found = {
        (place, ast.unparse(node.args[1]).strip("'\""))
        for path in product_files()
        for place, node in called(path, "across_organizations")
    }
    assert found == set(wall_openings.ACROSS_ORGANIZATIONS.items())


def test_only_the_access_door_lifts_the_wall() -> None:
    """And only migrations mark a connection as theirs."""
    lifting = {place for path in product_files() for place, _ in called(path, "unscoped")}
    assert lifting == {"casso/access.py:across_organizations"}
    naming = {
        relative(path)
        for path in product_files()
        if {"SCHEMA_WORK", "LIFTED", "FLUSHING"} & set(re.findall(r"\w+", path.read_text()))
    }
    assert naming == {"casso/db.py", "casso/statement_wall.py"}


def test_sql_as_text_stands_in_the_list_with_its_reason() -> None:
    found = {
        place
        for path in product_files()
        if not path.is_relative_to(ROOT / "casso" / "ui")
        for place, _ in called(path, "text", "literal_column", "TextClause")
    }
    assert found == wall_openings.WRITTEN_AS_TEXT.keys()


def test_what_goes_past_the_session_stands_in_the_list_with_its_reason() -> None:
    doors = (
        "engine",
        "create_engine",
        "connection",
        "raw_connection",
        "driver_connection",
        "exec_driver_sql",
    )
    found = {
        place
        for path in product_files()
        if not path.is_relative_to(ROOT / "casso" / "ui")
        for place, _ in called(path, *doors)
    }
    assert found == wall_openings.PAST_THE_SESSION.keys()


def test_no_model_loads_other_rows_by_itself() -> None:
    """A relationship would read by a key alone, and join without a criterion."""
    assert not [found for found in all_imports() if found.name in ("Relationship", "relationship")]


def test_files_stay_short() -> None:
    counted = {relative(path): len(path.read_text().splitlines()) for path in product_files()}
    wrong = {
        path: lines for path, lines in counted.items() if lines > FILE_LINES and path not in LONGER_FILES
    }
    assert wrong == {}


def test_functions_stay_short() -> None:
    wrong = [
        f"{name} ({length(node)} lines)"
        for path in product_files()
        for node in functions_of(path)
        if length(node) > FUNCTION_LINES and (name := f"{relative(path)}:{node.name}") not in LONGER_FUNCTIONS
    ]
    assert wrong == []


def test_event_handlers_and_states_stay_small() -> None:
    wrong: list[str] = []
    for path in product_files():
        for state in classes_of(path):
            if not any(ast.unparse(base) in ("rx.State", "State") for base in state.bases):
                continue
            where = f"{relative(path)}:{state.name}"
            handlers = [node for node in state.body if _is_handler(node)]
            fields = [node for node in state.body if isinstance(node, ast.AnnAssign)]
            wrong += [f"{where} has {length(state)} lines"] if length(state) > STATE_LINES else []
            wrong += [f"{where} has {len(handlers)} handlers"] if len(handlers) > STATE_HANDLERS else []
            wrong += [f"{where} has {len(fields)} vars"] if len(fields) > STATE_VARS else []
            wrong += [f"{where}.{node.name} is long" for node in handlers if length(node) > HANDLER_LINES]  # type: ignore[attr-defined, arg-type]
    assert wrong == []


def _is_handler(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        ast.unparse(decorator).startswith("rx.event") for decorator in node.decorator_list
    )


def test_every_module_begins_with_its_documentation() -> None:
    wrong = [
        relative(path)
        for path in product_files()
        if path.stat().st_size and not ast.get_docstring(tree_of(path))
    ]
    assert wrong == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [relative(path) for path in product_files() if path.stem in FORBIDDEN_NAMES] == []


def test_alembic_is_a_folder_and_never_a_package() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


_REGISTRY = """
import json
from casso.casso import app
from reflex_base.registry import RegistrationContext
from casso.ui import policy
context = RegistrationContext.get()
undeclared = [n for n in context.event_handlers if not policy.is_framework(n) and policy.policy_of(n) is None]
blocking = [n for n, e in context.event_handlers.items()
            if not policy.is_framework(n) and not e.handler._is_coroutine_function
            and not __import__("inspect").isasyncgenfunction(e.handler.fn)]
tables = [f"{name}.{var}" for name, state in context.base_states.items()
          for var, field in state.get_fields().items() if "casso.models." in repr(field.outer_type_)]
print(json.dumps({"undeclared": undeclared, "blocking": blocking, "tables": tables,
                  "handlers": len(context.event_handlers), "states": len(context.base_states)}))
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the framework itself would let a browser call, read in a process of its own."""
    environment = {"PATH": "/usr/bin:/bin", "CASSO_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    command = [sys.executable, "-c", _REGISTRY]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_handler_a_browser_can_call_declares_its_policy(registry: dict[str, object]) -> None:
    assert registry["undeclared"] == []
    assert isinstance(registry["handlers"], int)
    assert registry["handlers"] > 10


def test_handlers_are_async_so_that_they_never_block_the_event_loop(registry: dict[str, object]) -> None:
    assert registry["blocking"] == []


def test_no_table_class_travels_to_the_browser(registry: dict[str, object]) -> None:
    assert registry["tables"] == []


def test_the_worker_never_loads_the_web_framework(tmp_path: Path) -> None:
    code = (
        "import sys, casso.worker\n"
        "print([name for name in ('reflex', 'reflex_base', 'starlette') if name in sys.modules])"
    )
    environment = {"PATH": "/usr/bin:/bin", "CASSO_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr[-2000:]
