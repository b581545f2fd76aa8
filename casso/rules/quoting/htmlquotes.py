"""HTML mail as text in which quotes are marked with `>`, so that one set of rules serves both.

Mail clients wrap quotes in elements of their own; what follows Outlook's header element is
quoted to the end of the mail, so that element becomes a separator line.
"""

import re
from itertools import islice

from lxml import etree

from casso.rules.mailtext import lay_out, read_tree

_OPEN, _CLOSE, _STOP = "\ue000", "\ue001", "\ue002"
_OWN_SIGNS = dict.fromkeys(map(ord, (_OPEN, _CLOSE, _STOP)))
_SEPARATOR = "-----Original Message-----"
_QUOTE_CLASSES = {
    "gmail_quote", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "x_gmail_quote",
    "mail_quote", "email-quote", "moz-forward-container", "freebirdformviewerviewfooterquote",
}  # fmt: skip
_QUOTE_IDS = {
    "olk_src_body_section", "isreplycontent", "isforwardcontent", "mail-editor-reference-message-container",
    "yahoo_quoted", "x_yahoo_quoted", "originalmessage",
}  # fmt: skip
_STOP_IDS = {
    "divrplyfwdmsg",
    "x_divrplyfwdmsg",
    "appendonsend",
    "x_appendonsend",
    "stopspelling",
    "replysplit",
}
_STOP_CLASSES = {"outlookmessageheader", "ms-outlook-mobile-reference-message", "gmail_attr_forward"}
_BORDER = re.compile(
    r"border:\s{0,3}none;\s{0,3}border-top:\s{0,3}solid\s{1,3}(?:#[0-9a-f]{3,6}|windowtext)|"
    r"border-top:\s{0,3}(?:#[0-9a-f]{3,6}\s{1,3}1(?:\.0)?p[tx]\s{1,3}solid|"
    r"1(?:\.0)?p[tx]\s{1,3}solid\s{1,3}#(?:b5c4df|e1e1e1))",
    re.IGNORECASE,
)


def quoted_text(html: str) -> str:
    """The HTML's text, each line of a quote element prefixed with `> `."""
    tree = read_tree(html)
    if tree is None:
        return ""
    elements = list(tree.iter())
    _drop_own_signs(elements)
    for element in elements:
        if _is_stop(element):
            _put_before(element, _STOP)
        elif _is_quote(element):
            _wrap(element)
    return _mark_lines(lay_out(tree))


def _drop_own_signs(elements: list[etree._Element]) -> None:
    """A sender's text must not contain the signs that mark quotes here."""
    for element in elements:
        for name in ("text", "tail"):
            content = getattr(element, name)
            if content and not content.isascii():
                setattr(element, name, content.translate(_OWN_SIGNS))


def _words(element: etree._Element, name: str) -> set[str]:
    return set((element.get(name) or "").lower().split()[:20])


def _is_stop(element: etree._Element) -> bool:
    if (element.get("id") or "").lower() in _STOP_IDS or _words(element, "class") & _STOP_CLASSES:
        return True
    style = element.get("style") or ""
    if element.tag == "div" and "border" in style.lower() and _BORDER.search(style[:500]):
        return _names_a_label(element)
    return bool(element.tag == "hr" and element.get("tabindex") == "-1")


def _names_a_label(element: etree._Element) -> bool:
    """Whether a colon stands in the first few pieces of text, as in `From: Bob`."""
    return any(":" in piece or "\uff1a" in piece for piece in islice(element.itertext(), 12))


def _is_quote(element: etree._Element) -> bool:
    if element.tag == "blockquote":
        return True
    return bool(_words(element, "class") & _QUOTE_CLASSES) or (element.get("id") or "").lower() in _QUOTE_IDS


def _put_before(element: etree._Element, sign: str) -> None:
    marker = etree.Element("p")
    marker.text = sign
    if element.getparent() is None:
        element.insert(0, marker)
    else:
        element.addprevious(marker)  # asking for its place among thousands of siblings takes seconds


def _wrap(element: etree._Element) -> None:
    opening, closing = etree.Element("p"), etree.Element("p")
    opening.text, closing.text = _OPEN, _CLOSE
    opening.tail, element.text = element.text, None
    element.insert(0, opening)
    element.append(closing)


def _mark_lines(text: str) -> str:
    """Turn the signs into line prefixes; an attribution inside a quote element is put above it."""
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare == _OPEN:
            depth += 1
        elif bare == _CLOSE:
            depth = max(0, depth - 1)
        elif bare == _STOP:
            lines.append(_SEPARATOR if not depth else "> ")
        else:
            clean = line.replace(_OPEN, "").replace(_CLOSE, "").replace(_STOP, "")
            lines.append(f"> {clean.strip()}" if depth else clean)
    return "\n".join(lines)
