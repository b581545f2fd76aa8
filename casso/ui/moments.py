"""Times, sizes and counts in the reader's language and zone, worked out by the browser.

The state holds UTC; what `age` shows grows older by itself (casso.js).
"""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.base import LiteralVar, Var

from casso.ui.me import Me


def age(iso: Var[str]) -> rx.Component:
    """`9m`, `2h`, `3d`, then the date; the whole moment on hover."""
    return rx.el.time(
        _call("cassoAge", Me.lang, Me.zone, iso),
        date_time=iso,
        title=full(iso),
        custom_attrs={"data-age": ""},
    )


def moment(iso: Var[str]) -> Var[str]:
    """`10:02` today, else day and time."""
    return _call("cassoTime", Me.lang, Me.zone, iso)


def full(iso: Var[str]) -> Var[str]:
    """The whole moment, for hovering."""
    return _call("cassoFull", Me.lang, Me.zone, iso)


def ago(iso: Var[str]) -> Var[str]:
    """`38 min ago`."""
    return _call("cassoAgo", Me.lang, iso)


def clock(zone: Var[str]) -> Var[str]:
    """The time it is now in that zone."""
    return _call("cassoClock", Me.lang, zone)


def size(count: Var[int]) -> Var[str]:
    """A file size: `84 kB`."""
    return _call("cassoSize", Me.lang, count)


def _call(name: str, *arguments: Any) -> Var[str]:
    found = [LiteralVar.create(argument) for argument in arguments]
    return Var(
        _js_expr=f'(globalThis.{name}?.({",".join(str(one) for one in found)})??"")',
        _var_type=str,
        _var_data=VarData.merge(*(one._get_all_var_data() for one in found)),
    ).to(str)
