"""Whether SQL written as text confines itself to one organization.

Text is not parsed but held to a plain form that can be judged by its words: one
statement without OR, outer joins, sub-selects or set operations, in which every
organization table is compared `= :name` right after WHERE, AND or ON. Whoever needs
more builds the statement with expressions.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

INDEX = "search_index"
"""SQLite's full-text index and its shadow tables: no organization_id, but everybody's words."""

# Its rows count as confined when they are those of a confined document.
_INDEX_JOIN = re.compile(
    r"\bjoin\s+search_document\s+as\s+(\w+)\s+on\s+\1\.message_id\s*=\s*search_index\.rowid\b"
)
_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.S)
_WORDS = re.compile(r"[a-z_][a-z_0-9]*")
_UNPLAIN = frozenset(
    ("or", "union", "except", "intersect", "case", "left", "right", "full", "outer", "lateral", "insert")
)
_NEGATION = re.compile(r"\bnot\b(?!\s+(?:null|in|like|between)\b)")
_SOURCE = (
    r"\b(?:from|join|update)\s+(?:only\s+)?({tables})\b(?!\s*\.)(?:\s+(?:as\s+)?(?!{keywords}\b)([a-z_]\w*))?"
)
_KEYWORDS = "on|where|join|cross|inner|set|order|group|limit|for|using|returning"
_CRITERION = (
    r"\b(?:where|and|on)\s+\+?{name}\s*=\s*:([a-z_]\w*)"
    r"(?=\s*(?:$|(?:and|order|group|limit|for|returning|join|cross|inner|where)\b))"
)


@dataclass(frozen=True, slots=True)
class TextJudgement:
    """Tables that nothing confines, and the names of the parameters that confine the others."""

    missing: frozenset[str]
    parameters: frozenset[str]


def judge_text(sql: str, tables: Collection[str]) -> TextJudgement:
    """Judge a whole statement; `tables` are those that belong to organizations."""
    plain = _plain(sql)
    named = _mentioned(plain, tables)
    if not named:
        return TextJudgement(frozenset(), frozenset())
    words = _WORDS.findall(plain)
    if _UNPLAIN & set(words) or words.count("select") > 1 or _NEGATION.search(plain):
        return TextJudgement(named, frozenset())
    owned = named & frozenset(tables)
    if owned != named and not (named - owned == {INDEX} and _INDEX_JOIN.search(plain)):
        return TextJudgement(named, frozenset())
    sources = re.findall(_SOURCE.format(tables="|".join(owned), keywords=_KEYWORDS), plain)
    if len(sources) != sum(len(re.findall(rf"\b{table}\b(?!\s*\.)", plain)) for table in owned):
        return TextJudgement(named, frozenset())
    missing, parameters = set(), set()
    for table, alias in sources:
        found = _parameters(plain, alias or table, is_alone=len(sources) == 1)
        parameters |= found
        if not found:
            missing.add(table)
    return TextJudgement(frozenset(missing), frozenset(parameters))


def is_harmless(fragment: str, tables: Collection[str]) -> bool:
    """Whether a piece of text inside a built statement can change neither its tables nor its criteria."""
    plain = _plain(fragment)
    return not _mentioned(plain, tables) and not {"or", "union", "select"} & set(_WORDS.findall(plain))


def mentioned(sql: str, tables: Collection[str]) -> frozenset[str]:
    """Those of the tables whose name stands in the text as a word, and not in quotes or comments."""
    return _mentioned(_plain(sql), tables)


def _mentioned(plain: str, tables: Collection[str]) -> frozenset[str]:
    words = frozenset(_WORDS.findall(plain))
    return (frozenset(tables) & words) | {word for word in words if word.startswith(INDEX)}


def _plain(sql: str) -> str:
    """In lower case, without what stands in quotes or comments."""
    return _HIDDEN.sub(" '' ", sql).lower()


def _parameters(plain: str, name: str, *, is_alone: bool) -> set[str]:
    column = rf"(?:{name}\.)?organization_id" if is_alone else rf"{name}\.organization_id"
    return set(re.findall(_CRITERION.format(name=column), plain))
