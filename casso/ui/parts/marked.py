"""A text in which found words are marked. Every piece stays a value: nothing of it is ever read as HTML.

The queries put each found word between U+2068 and U+2069, and take these two
characters out of whatever people wrote.
"""

import reflex as rx
from reflex.vars.base import Var

from casso.rules.snippets import MARK_END, MARK_START


def marked(text: Var[str]) -> rx.Component:
    """The text, its found words in `<mark>`."""
    return rx.foreach(text.split(MARK_START), _piece)


def _piece(piece: Var[str]) -> rx.Component:
    found = piece.split(MARK_END)
    return rx.cond(piece.contains(MARK_END), rx.fragment(rx.el.mark(found[0]), found[1]), rx.fragment(piece))
