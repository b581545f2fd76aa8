"""Words on a compiled page: `t("inbox.title")`, `t("nav.mine", n=Desk.mine)`.

English is compiled into the page; casso.js brings the other catalogues. So the
language switches at once, values included, and no state grows. A key that the
catalogue lacks stops the build.
"""

import json
from typing import Any

from reflex.vars import VarData
from reflex.vars.base import LiteralVar, Var

from casso.ui.me import Me
from casso.words import catalogue


def t(key: str, /, **values: Any) -> Var[str]:
    """The text of `key` in the reader's language; `n` chooses the plural."""
    text = catalogue("en")[key]
    found = {name: LiteralVar.create(value) for name, value in values.items()}
    if isinstance(text, tuple):
        english = f"(({found['n']!s})===1?{_template(text[0], found)}:{_template(text[1], found)})"
    else:
        english = _template(text, found)
    given = "{" + ",".join(f"{name}:{value!s}" for name, value in found.items()) + "}"
    return _var(_spoken(json.dumps(key), english, given), *found.values())


def t_of(prefix: str, value: Var[str], /, *, otherwise: str = "", **values: Any) -> Var[str]:
    """The text of `prefix + value`, nothing for an empty value; an unknown one counts as `otherwise`."""
    found = {name: LiteralVar.create(one) for name, one in values.items()}
    given = "{" + ",".join(f"{name}:{one!s}" for name, one in found.items()) + "}"
    texts, spare = _json(_english(prefix)), json.dumps(otherwise)
    spoken = _spoken(f"{json.dumps(prefix)}+v", "(m[v]??v)", given)
    expression = f'((m,w)=>((v)=>v?{spoken}:"")(w&&m[w]===undefined?{spare}||w:w))({texts},{value!s})'
    return _var(expression, value, *found.values())


def t_said(prefix: str, value: Var[str], values: Var[dict[str, str]], /) -> Var[str]:
    """The text of `prefix + value` with gaps that the server fills by name."""
    spoken = _spoken(f"{json.dumps(prefix)}+v", "(m[v]??v)", str(values))
    expression = f'((m)=>((v)=>v?{spoken}:"")({value!s}))({_json(_english(prefix))})'
    return _var(expression, value, values)


def t_problem(key: Var[str], values: Var[dict[str, str]]) -> Var[str]:
    """The text of an `error.…` key that the server names; an unknown one is the general text."""
    texts = _json({"error." + name: text for name, text in _english("error.").items()})
    spoken = _spoken("k", "m[k]", str(values))
    expression = f'((m,w)=>((k)=>k?{spoken}:"")(w&&m[w]===undefined?"error.generic":w))({texts},{key!s})'
    return _var(expression, key, values)


def _english(prefix: str) -> dict[str, str]:
    texts = catalogue("en").items()
    return {
        key.removeprefix(prefix): text
        for key, text in texts
        if key.startswith(prefix) and isinstance(text, str)
    }


def _template(text: str, values: dict[str, Var[Any]]) -> str:
    """The English text as a JavaScript expression with its values in place."""
    parts = [_json(text)]
    for name, value in values.items():
        shown = f'Number({value!s}).toLocaleString("en")' if name == "n" else f'String({value!s}??"")'
        parts = [piece for part in parts for piece in _cut(part, "{" + name + "}", shown)]
    return "(" + "+".join(parts) + ")"


def _cut(part: str, gap: str, shown: str) -> list[str]:
    if not part.startswith('"'):
        return [part]
    pieces: list[str] = []
    for index, piece in enumerate(json.loads(part).split(gap)):
        pieces += [shown, _json(piece)] if index else [_json(piece)]
    return pieces


def _spoken(key: str, english: str, given: str) -> str:
    return f"((e)=>globalThis.cassoT?.({Me.lang!s},{key},e,{given})??e)({english})"


def _var(expression: str, *used: Var[Any]) -> Var[str]:
    data = VarData.merge(Me.lang._get_all_var_data(), *(one._get_all_var_data() for one in used))
    return Var(_js_expr=expression, _var_type=str, _var_data=data).to(str)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
