"""Which CSS a mail's style attribute keeps: looks, never addresses, never a place outside the flow.

Decided by a list of properties and by the characters of the value: no url(), no
escapes, no comments, no functions but colours, so nothing is fetched or hidden behind another spelling.
"""

import re

PROPERTIES = frozenset(
    "background-color border border-bottom border-bottom-color border-bottom-style border-bottom- "
    "width border-collapse border-color border-left border-left-color border-left-style border-left- "
    "width border-radius border-right border-right-color border-right-style border-right-width "
    "border-spacing border-style border-top border-top-color border-top-style border-top-width "
    "border-width color direction display font font-family font-size font-style font-variant font- "
    "weight height letter-spacing line-height list-style-type margin margin-bottom margin-left "
    "margin-right margin-top max-height max-width min-height min-width overflow-wrap padding "
    "padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration "
    "text-indent text-transform vertical-align white-space width word-break word-spacing word-wrap".split()
)
MAX_STYLE = 4000
_COLOUR = r"(?:rgb|rgba|hsl|hsla)\([0-9.,%\s/]{1,60}\)"
_VALUE = re.compile(rf"(?:{_COLOUR}|[a-zA-Z0-9#.,%!\s\"'_+-]){{1,300}}")
_DISPLAYS = frozenset(
    "block inline inline-block none table table-row table-cell list-item inline-table flex".split()
)


def kept_style(style: str) -> str:
    """The declarations that may stay, as `name:value;name:value`."""
    kept = [found for part in style[:MAX_STYLE].split(";") if (found := _declaration(part))]
    return ";".join(kept)


def _declaration(part: str) -> str:
    name, colon, value = part.partition(":")
    name, value = name.strip().lower(), value.strip()
    if name == "background":  # shorthand; with nothing but a colour in it, it is one
        name = "background-color"
    if not colon or name not in PROPERTIES or not _VALUE.fullmatch(value):
        return ""
    if name == "display" and value.split("!")[0].strip().lower() not in _DISPLAYS:
        return ""
    return f"{name}:{value}"
