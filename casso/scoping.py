"""Whether a statement confines itself to one organization, read off the statement before it runs.

A table with an `organization_id` is confined when a criterion that must hold (joined by
AND, never under OR or NOT) sets that column equal to a value, or to the column of another
table that is confined. Every SELECT is judged for itself, also inside another; the ON of
an outer join speaks for the joined side only. Text is judged by scoping_text.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Delete, Insert, Select, Subquery, Table, TextualSelect, Update
from sqlalchemy.orm import FromStatement
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ColumnClause,
    Grouping,
    TextClause,
)
from sqlalchemy.sql.selectable import FromClauseAlias, Join, TableClause
from sqlmodel import SQLModel

from casso.scoping_text import is_harmless, judge_text

COLUMN = "organization_id"
INSTANCE_WIDE = {"spooled_mail"}
VALUE = ""
Edge = tuple[str, str]
_tables: frozenset[str] = frozenset()
_tables_known = 0


def organization_tables() -> frozenset[str]:
    """Names of all tables that belong to an organization."""
    global _tables, _tables_known
    known = SQLModel.metadata.tables
    if len(known) != _tables_known:
        found = {name for name, table in known.items() if COLUMN in table.c}
        _tables, _tables_known = frozenset(found - INSTANCE_WIDE), len(known)
    return _tables


class Judgement:
    """What a statement says: tables nothing confines, and the values that must be the session's organization.

    `binds` hold such values or are given them at execution; `values` are written into the
    statement itself; with `from_parameters` every set of parameters names the organization.
    """

    __slots__ = ("binds", "from_parameters", "missing", "values")

    def __init__(self, statement: Any) -> None:
        self.missing: set[str] = set()
        self.binds: list[BindParameter[Any]] = []
        self.values: list[object] = []
        self.from_parameters = False
        whole = statement.element if isinstance(statement, FromStatement) else statement
        if isinstance(whole, TextClause):
            self._judge_text(whole)
        else:
            self._walk(whole, _NOTHING)

    def _walk(self, part: Any, outer: "_Around") -> None:
        """Judge this part and everything in it; `outer` is what stands around it."""
        match part:
            case TextualSelect():
                self._judge_text(part.element)
                return
            case TextClause() | ColumnClause(is_literal=True):
                piece = part.text if isinstance(part, TextClause) else part.name
                if not is_harmless(piece, organization_tables()):
                    self.missing.add("(text)")
            case Select():
                outer = self._judge_select(part, outer)
            case Update() | Delete():
                outer = self._judge_change(part)
            case Insert():
                self._judge_insert(part)
            case Subquery() | CTE():  # a FROM of its own sees nothing of what stands around it
                outer = _NOTHING
        for child in part.get_children():
            self._walk(child, outer)

    def _judge_text(self, part: Any) -> None:
        found = judge_text(part.text, organization_tables())
        self.missing |= found.missing
        self.binds += [part._bindparams[name] for name in found.parameters]

    def _judge_select(self, part: Select[Any], outer: "_Around") -> "_Around":
        sources = part.get_final_froms()
        own = _tables_of(*sources)
        for key in _left_out(part, len(sources), outer):
            own.pop(key, None)
        edges = list(self._edges(part._where_criteria))
        for source in sources:
            edges += self._edges_of_joins(source)
        for target, condition, _left, flags in part._setup_joins:
            edges += self._edges_of_join(target, condition, flags)
        return self._settle(own, edges, outer)

    def _judge_change(self, part: Update | Delete) -> "_Around":
        others = [table for criterion in part._where_criteria for table in _tables_in(criterion)]
        own = _tables_of(part.table, *others)
        self._judge_written(part, getattr(part, "_values", None))
        return self._settle(own, list(self._edges(part._where_criteria)), _NOTHING)

    def _settle(self, own: dict[str, str], edges: list[Edge], outer: "_Around") -> "_Around":
        """Note what nothing confines; returns what can be seen from inside."""
        reached = {VALUE} | (outer.confined - own.keys())
        while fresh := {end for start, end in edges if start in reached} - reached:
            reached |= fresh
        self.missing |= {name for key, name in own.items() if key not in reached}
        everything = outer.everything | own.keys()
        return _Around(frozenset(everything & reached), frozenset(own), frozenset(everything))

    def _judge_insert(self, part: Insert) -> None:
        if not _belongs(part.table):
            return
        if part._multi_values:
            for rows in part._multi_values:
                for row in rows:
                    self._judge_written(part, row if isinstance(row, Mapping) else {}, must=True)
        elif part.select is not None:
            self._judge_copied(part)
        elif any(_name(column) == COLUMN for column in part._values or ()):
            self._judge_written(part, part._values)
        else:
            self.from_parameters = True
        if any(
            _name(name) == COLUMN for name in getattr(part._post_values_clause, "update_values_to_set", ())
        ):
            self.missing.add(part.table.name)

    def _judge_written(self, part: Any, values: Mapping[Any, Any] | None, *, must: bool = False) -> None:
        """Whose organization a row is given: a value that will be compared, never an expression."""
        written = [value for column, value in (values or {}).items() if _name(column) == COLUMN]
        if not _belongs(part.table):
            return
        if must and not written:
            self.missing.add(part.table.name)
        for value in written:
            if isinstance(value, BindParameter):
                self.binds.append(value)
            elif isinstance(value, int):
                self.values.append(value)
            else:
                self.missing.add(part.table.name)

    def _judge_copied(self, part: Insert) -> None:
        """INSERT … SELECT: the organization comes from a confined table, or is a value."""
        names = [_name(name) for name in part._select_names or ()]
        columns: list[Any] = list(part.select.selected_columns) if part.select is not None else []
        chosen = columns[names.index(COLUMN)] if COLUMN in names else None
        chosen = getattr(chosen, "element", chosen)
        if isinstance(chosen, BindParameter):
            self.binds.append(chosen)
        elif _side(chosen) is None:
            self.missing.add(part.table.name)

    def _edges(self, criteria: Iterable[Any]) -> Iterator[Edge]:
        """Both ways between what is set equal; the values are kept, to be compared."""
        for criterion in _conjuncts(criteria):
            if not (isinstance(criterion, BinaryExpression) and criterion.operator is operators.eq):
                continue
            left, right = _side(criterion.left), _side(criterion.right)
            if left is None or right is None or left == right:
                continue
            self.binds += [one for one in (criterion.left, criterion.right) if isinstance(one, BindParameter)]
            yield left, right
            yield right, left

    def _edges_of_joins(self, source: Any) -> list[Edge]:
        if not isinstance(source, Join):
            return []
        flags = {"isouter": source.isouter, "full": source.full}
        joined = self._edges_of_join(source.right, source.onclause, flags)
        return self._edges_of_joins(source.left) + self._edges_of_joins(source.right) + joined

    def _edges_of_join(self, target: Any, condition: Any, flags: Mapping[str, Any]) -> list[Edge]:
        if condition is None or flags.get("full"):
            return []
        edges = list(self._edges((condition,)))
        if not flags.get("isouter"):
            return edges
        own = _tables_of(target)
        return [(start, end) for start, end in edges if end in own]


@dataclass(frozen=True, slots=True)
class _Around:
    """Keys of organization tables around a part: those confined, those of the nearest SELECT, all."""

    confined: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    everything: frozenset[str] = frozenset()


_NOTHING = _Around()


def _left_out(part: Select[Any], sources: int, outer: _Around) -> frozenset[str]:
    """What SQLAlchemy does not read again inside, because it stands around already."""
    if part._correlate:
        return outer.everything & _tables_of(*part._correlate).keys()
    if part._correlate_except is not None:
        return outer.everything - _tables_of(*part._correlate_except).keys()
    return outer.near if part._auto_correlate and sources > 1 else frozenset()


def _tables_of(*sources: Any) -> dict[str, str]:
    """Every table that these read and that belongs to an organization: its key, and its name."""
    found: dict[str, str] = {}
    for source in sources:
        if isinstance(source, Join):
            found |= _tables_of(source.left, source.right)
        elif _belongs(source):
            found[_key(source)] = _table(source).name
    return found


def _table(source: Any) -> Any:
    while isinstance(source, FromClauseAlias):
        source = source.element
    return source


def _belongs(source: Any) -> bool:
    table = _table(source)
    if isinstance(table, Table):
        return COLUMN in table.c and table.name not in INSTANCE_WIDE
    return isinstance(table, TableClause) and table.name in organization_tables()


def _tables_in(part: Any) -> Iterator[Any]:
    """The tables whose columns a criterion names, not looking into a SELECT of its own."""
    if isinstance(part, Select):
        return
    if getattr(part, "table", None) is not None:
        yield part.table
    for child in part.get_children():
        yield from _tables_in(child)


def _conjuncts(criteria: Iterable[Any]) -> Iterator[Any]:
    for criterion in criteria:
        inner = criterion.element if isinstance(criterion, Grouping) else criterion
        if isinstance(inner, BooleanClauseList) and inner.operator is operators.and_:
            yield from _conjuncts(inner.clauses)
        else:
            yield inner


def _side(side: Any) -> str | None:
    """VALUE for a value, the table's key for an organization column, None for anything else."""
    if isinstance(side, BindParameter):
        return VALUE
    if _name(side) == COLUMN and getattr(side, "table", None) is not None:
        return _key(side.table)
    return None


def _name(column: Any) -> str:
    return column if isinstance(column, str) else str(getattr(column, "name", ""))


def _key(source: Any) -> str:
    """One name for a table or an alias, the same for annotated copies."""
    return f"{source.name} alias" if isinstance(source, FromClauseAlias) else str(source.name)
