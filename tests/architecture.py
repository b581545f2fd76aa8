"""Reads the source as text: what imports what, how large things are. test_architecture.py holds the laws."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Import:
    """One import in one file; `module` is what is named, `name` what is taken from it ('' for the whole)."""

    path: str
    line: int
    module: str
    name: str
    is_typing_only: bool

    @property
    def target(self) -> str:
        """The dotted thing that is imported."""
        return f"{self.module}.{self.name}" if self.name else self.module


@cache
def product_files() -> tuple[Path, ...]:
    """Every Python file of the product."""
    return (ROOT / "rxconfig.py", *sorted((ROOT / "casso").rglob("*.py")))


def relative(path: Path) -> str:
    """The path as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(), str(path))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import of a file, also those inside functions."""
    tree = tree_of(path)
    typing_only = {
        id(inner) for block in ast.walk(tree) if _is_typing_block(block) for inner in ast.walk(block)
    }
    return tuple(
        Import(relative(path), node.lineno, module, name, id(node) in typing_only)
        for node in ast.walk(tree)
        for module, name in _named(node)
    )


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def classes_of(path: Path) -> Iterator[ast.ClassDef]:
    """Every class of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def failpoints() -> list[str]:
    """The name in every call of failpoint(), as often as it stands in the source."""
    calls = (
        node for path in product_files() for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)
    )
    return sorted(
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "failpoint"
    )


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Lines from `def` or `class` to the end."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _named(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from ((node.module, alias.name) for alias in node.names)


def _is_typing_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
