"""Makes sanitised HTML ready for its frame: inline images found, remote ones held back, history folded.

Works on what the sanitiser wrote (every attribute in double quotes, every element
closed), so plain patterns are exact here and would not be on anybody else's HTML.
"""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_TAG = re.compile(r'<(/?)([a-z][a-z0-9-]*)((?: [a-zA-Z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-zA-Z-]+)="([^"]*)"')
_IMAGE = re.compile(r'<img((?: [a-zA-Z-]+="[^"]*")*)>')
_VOID = frozenset("br hr img col wbr".split())
_WHOLE_CLASSES = frozenset(
    "gmail_quote yahoo_quoted protonmail_quote zmail_extra tutanota_quote moz-forward-container".split()
)
_TO_THE_END_IDS = frozenset(
    "divRplyFwdMsg appendonsend OLK_SRC_BODY_SECTION mail-editor-reference-message-container".split()
)
_OUTLOOK_BORDER = re.compile(r"border-top:\s*solid #[0-9a-f]{6} 1\.0pt", re.IGNORECASE)


def for_frame(
    html: str, *, cid_urls: Mapping[str, str], show_remote: bool, summary: str = "…", fold: bool = True
) -> str:
    """The document body to show. `cid_urls` maps Content-Ids (without brackets) to our own file addresses.

    Unless `show_remote`, an image on another server keeps its address in `data-src`, which loads nothing.
    `summary` is the word on the fold; it is escaped here.
    """
    shown = _IMAGE.sub(lambda match: _image(match[1], cid_urls, show_remote), html)
    return _fold(shown, entities.escape(summary)) if fold else shown


def _image(attributes: str, cid_urls: Mapping[str, str], show_remote: bool) -> str:
    def place(match: re.Match[str]) -> str:
        if match[1] != "src":
            return match[0]
        address = entities.unescape(match[2])
        if address.lower().startswith("cid:"):
            found = cid_urls.get(unquote(address[4:])) or cid_urls.get(address[4:])
            return f' src="{entities.escape(found)}"' if found else ""
        return match[0] if show_remote else f' data-src="{match[2]}"'

    return f"<img{_ATTRIBUTE.sub(place, attributes)}>"


@dataclass(frozen=True, slots=True)
class _Element:
    """An element's place in the text, and where its parent's content ends."""

    start: int
    end: int
    parent_end: int
    attributes: dict[str, str]
    name: str


def _fold(html: str, summary: str) -> str:
    """Wrap quoted history; leave it open when nothing else would remain, or when answers stand between."""
    ranges = _quoted_ranges(html)
    if not ranges:
        return html
    outside = [
        html[a:b]
        for a, b in zip(
            [0] + [end for _, end in ranges], [start for start, _ in ranges] + [len(html)], strict=True
        )
    ]
    if not any(_says_something(part) for part in outside) or any(map(_says_something, outside[1:-1])):
        return html
    pieces: list[str] = []
    at = 0
    for start, end in ranges:
        pieces += [
            html[at:start],
            f'<details class="quote"><summary>{summary}</summary>',
            html[start:end],
            "</details>",
        ]
        at = end
    return "".join([*pieces, html[at:]])


def _quoted_ranges(html: str) -> list[tuple[int, int]]:
    """Places of the outermost quotations, in order, not overlapping."""
    elements = sorted(_elements(html), key=lambda found: found.start)
    ranges: list[tuple[int, int]] = []
    prefix_at = -1
    for found in elements:
        if ranges and found.start < ranges[-1][1]:
            continue
        if "moz-cite-prefix" in found.attributes.get("class", ""):
            prefix_at = found.start
            prefix_end = found.end
        elif found.name == "blockquote" and found.attributes.get("type") == "cite":
            is_near = prefix_at >= 0 and not _says_something(html[prefix_end : found.start])
            ranges.append((prefix_at if is_near else found.start, found.end))
            prefix_at = -1
        elif set(found.attributes.get("class", "").split()) & _WHOLE_CLASSES:
            ranges.append((found.start, found.end))
        elif _runs_to_the_end(found):
            ranges.append((found.start, found.parent_end))
    return ranges


def _runs_to_the_end(found: _Element) -> bool:
    """Outlook marks only where history begins; everything after it in the same parent is history."""
    is_border = found.name == "div" and bool(_OUTLOOK_BORDER.search(found.attributes.get("style", "")))
    return found.attributes.get("id", "") in _TO_THE_END_IDS or is_border


def _elements(html: str) -> list[_Element]:
    """Every div and blockquote with its extent."""
    found: list[_Element] = []
    stack: list[tuple[int, str, str]] = []
    waiting: list[tuple[int, int, int, str, str]] = []
    for match in _TAG.finditer(html):
        closing, name, attributes = match[1], match[2], match[3]
        if name in _VOID:
            continue
        if not closing:
            stack.append((match.start(), name, attributes))
            continue
        if not stack or stack[-1][1] != name:
            continue
        start, _, opened = stack.pop()
        depth = len(stack)
        while waiting and waiting[-1][0] == depth + 1:
            _, child_start, child_end, child_name, child_attributes = waiting.pop()
            found.append(_Element(child_start, child_end, match.start(), _read(child_attributes), child_name))
        if name in ("div", "blockquote", "span") and opened:
            waiting.append((depth, start, match.end(), name, opened))
    found += [
        _Element(start, end, len(html), _read(attributes), name)
        for _, start, end, name, attributes in waiting
    ]
    return found


def _read(attributes: str) -> dict[str, str]:
    return {match[1]: entities.unescape(match[2]) for match in _ATTRIBUTE.finditer(attributes)}


def _says_something(html: str) -> bool:
    """Whether a person would see anything in this piece."""
    return "<img" in html or bool(_TAG.sub("", html).replace("&nbsp;", " ").replace("\xa0", " ").strip())
