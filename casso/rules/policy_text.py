"""Reads a policy's plain text into blocks: title, numbered headings, paragraphs, lists.

A paragraph is what stands between empty lines; a list's lines begin with `•`, `*` or `-`.
The line that says when it was updated is left out: the page says it in the reader's language.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_HEADING = re.compile(r"\d{1,2}\.(\d{1,2}\.?)? \S.{0,100}")
_ITEM = re.compile(r"\s*[•*-]\s+(.*)")
_UPDATED = "Last updated:"


class BlockKind(StrEnum):
    """What a block is; its value is the HTML element."""

    HEADING = "h2"
    PART = "h3"
    PARAGRAPH = "p"
    LIST = "ul"


@dataclass(frozen=True, slots=True)
class Block:
    """One block; a list has its items as lines, every other block is one line."""

    kind: BlockKind
    lines: tuple[str, ...]


def read_title(text: str) -> str:
    """The first line."""
    return text.strip().partition("\n")[0].strip()


def read_blocks(text: str) -> tuple[Block, ...]:
    """Everything below the title, in order."""
    _, _, rest = text.strip().partition("\n")
    parts = (part.strip("\n") for part in re.split(r"\n\s*\n", rest))
    return tuple(_block(part) for part in parts if part.strip() and not part.startswith(_UPDATED))


def _block(part: str) -> Block:
    lines = part.splitlines()
    items = [found[1].strip() for line in lines if (found := _ITEM.fullmatch(line))]
    if len(items) == len(lines):
        return Block(BlockKind.LIST, tuple(items))
    line = " ".join(line.strip() for line in lines)
    if _HEADING.fullmatch(line):
        is_part = re.match(r"\d+\.\d", line) is not None
        return Block(BlockKind.PART if is_part else BlockKind.HEADING, (line,))
    return Block(BlockKind.PARAGRAPH, (line,))
