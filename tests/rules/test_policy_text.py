"""A policy's plain text as blocks."""

import pytest

from casso.rules.policy_text import Block, BlockKind, read_blocks, read_title

TEXT = """
Privacy Policy

Last updated: November 25, 2024

1. Introduction

We take
care.

2.1 Account

  • Name
  * Mail

14. Contact
"""


def test_title_headings_paragraphs_and_lists_are_told_apart() -> None:
    assert read_title(TEXT) == "Privacy Policy"
    assert read_blocks(TEXT) == (
        Block(BlockKind.HEADING, ("1. Introduction",)),
        Block(BlockKind.PARAGRAPH, ("We take care.",)),
        Block(BlockKind.PART, ("2.1 Account",)),
        Block(BlockKind.LIST, ("Name", "Mail")),
        Block(BlockKind.HEADING, ("14. Contact",)),
    )


@pytest.mark.parametrize("text", ["", "\n\n", "Title", "Title\n\n   \n"])
def test_a_text_with_a_title_alone_has_no_blocks(text: str) -> None:
    assert read_blocks(text) == ()


def test_a_number_in_a_sentence_makes_no_heading() -> None:
    long = "10 " + "words " * 30
    assert [block.kind for block in read_blocks(f"T\n\n{long}\n\n2026 is a year")] == [
        BlockKind.PARAGRAPH
    ] * 2


def test_a_paragraph_with_one_line_like_an_item_stays_a_paragraph() -> None:
    (block,) = read_blocks("T\n\nFirst:\n- second")
    assert block == Block(BlockKind.PARAGRAPH, ("First: - second",))
