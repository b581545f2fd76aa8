"""Whether a statement confines itself to one organization, read off the statement before it runs.

A table with an `organization_id` is confined when a criterion that must hold
(joined by AND, never under OR or NOT) sets that column equal to a value, or to
the column of another table that is confined. Text counts when it names the column.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping, TextClause
from sqlalchemy.sql.selectable import Alias, Join

COLUMN = "organization_id"
INSTANCE_WIDE = {"spooled_mail"}


def unscoped_tables(statement: Any) -> set[str]:
    """Names of organization tables in a statement that nothing confines to one organization."""
    named: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    for part in visitors.iterate(statement):
        if isinstance(part, TextClause):
            if COLUMN not in part.text:
                named["(text)"] = "(text)"
        elif isinstance(part, Select):
            for source in part.get_final_froms():
                _add_sources(source, named)
                links += _join_links(source)
            links += _links(part._where_criteria)
        elif isinstance(part, Join):
            links += _links((part.onclause,))
        elif isinstance(part, Update | Delete):
            _add_sources(part.table, named)
            links += _links(part._where_criteria)
    if isinstance(statement, Insert) and not named:
        return set()
    confined = _reach(links)
    return {table for key, table in named.items() if key not in confined}


def _add_sources(source: Any, named: dict[str, str]) -> None:
    """Note every table (under its alias) that a FROM reads and that belongs to an organization."""
    if isinstance(source, Join):
        _add_sources(source.left, named)
        _add_sources(source.right, named)
        return
    table = source.element if isinstance(source, Alias) else source
    if isinstance(table, Table) and COLUMN in table.c and table.name not in INSTANCE_WIDE:
        named[_key(source)] = table.name


def _join_links(source: Any) -> list[tuple[str, str]]:
    """What the ON clauses of a FROM say; `select().join()` makes its joins only when asked."""
    if not isinstance(source, Join):
        return []
    return _join_links(source.left) + _join_links(source.right) + _links((source.onclause,))


def _links(criteria: Any) -> list[tuple[str, str]]:
    """Pairs of tables whose organization is the same; a value counts as the table named ''."""
    found: list[tuple[str, str]] = []
    for criterion in _conjuncts(criteria):
        if isinstance(criterion, BinaryExpression) and criterion.operator is operators.eq:
            sides = [_side(criterion.left), _side(criterion.right)]
            if None not in sides and sides[0] != sides[1]:
                found.append((str(sides[0]), str(sides[1])))
    return found


def _conjuncts(criteria: Any) -> Iterator[Any]:
    for criterion in criteria:
        inner = criterion.element if isinstance(criterion, Grouping) else criterion
        if isinstance(inner, BooleanClauseList) and inner.operator is operators.and_:
            yield from _conjuncts(inner.clauses)
        else:
            yield inner


def _side(side: Any) -> str | None:
    """'' for a value, the table's key for an organization column, None for anything else."""
    if isinstance(side, BindParameter):
        return ""
    if getattr(side, "name", "") == COLUMN and getattr(side, "table", None) is not None:
        return _key(side.table)
    return None


def _key(source: Any) -> str:
    """One name for a table or an alias, the same for annotated copies."""
    return f"{source.name} alias" if isinstance(source, Alias) else str(source.name)


def _reach(links: list[tuple[str, str]]) -> set[str]:
    """Everything connected with a value."""
    reached = {""}
    growing = True
    while growing:
        fresh = {one for pair in links for one in pair if set(pair) & reached} - reached
        reached |= fresh
        growing = bool(fresh)
    return reached
