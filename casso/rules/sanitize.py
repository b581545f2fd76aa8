"""Makes the HTML of a mail harmless: an allow-list of tags, attributes, styles and URL schemes.

It runs before HTML is stored; `for_frame` runs when it is shown. Neither is the only
wall: the frame's own content security policy forbids scripts and forms as well.
"""

import re
from dataclasses import dataclass

import nh3

from casso.rules.html_frame import for_frame
from casso.rules.html_limits import FORMATTING, KEPT, bounded, formatting_back
from casso.rules.html_style import PROPERTIES, kept_style

__all__ = ["CleanHtml", "clean_html", "for_frame"]

SCHEMES = {"http", "https", "mailto", "tel", "cid"}
IMAGE_SCHEMES = ("http://", "https://", "cid:")
QUOTE_CLASSES = frozenset(
    "gmail_quote gmail_attr gmail_extra yahoo_quoted moz-cite-prefix moz-forward-container protonmail_quote "
    "zmail_extra tutanota_quote ms-outlook-mobile-reference-message".split()
)
QUOTE_IDS = frozenset(
    "divRplyFwdMsg appendonsend OLK_SRC_BODY_SECTION mail-editor-reference-message-container "
    "isForwardContent isReplyContent".split()
)
_TAGS = {f"x-{name}" if name in FORMATTING else name for name in KEPT}
_GENERAL = {"style", "dir", "lang", "title", "class", "id", "align"}
_CELL = {"width", "height", "valign", "bgcolor", "colspan", "rowspan", "nowrap", "scope", "headers"}
_ATTRIBUTES = {
    "*": _GENERAL,
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "border", "hspace", "vspace"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor", "summary"},
    "tr": {"valign", "bgcolor", "height"},
    "td": _CELL,
    "th": _CELL,
    "col": {"width", "span"},
    "colgroup": {"width", "span"},
    "x-font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value", "type"},
    "blockquote": {"type"},
    "hr": {"width", "size", "color", "noshade"},
    "time": {"datetime"},
}
_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")


@dataclass(frozen=True, slots=True)
class CleanHtml:
    """A harmless document; `has_remote_images` says that showing all of it would call other servers."""

    html: str
    has_remote_images: bool


def clean_html(html: str) -> CleanHtml:
    """Sanitise a mail's HTML. Takes linear time; what lies beyond a million characters is left out."""
    seen = _Attributes()
    cleaned = nh3.clean(
        bounded(html),
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=seen.filter,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=SCHEMES,
        url_relative="deny",
        filter_style_properties=set(PROPERTIES),
    )
    return CleanHtml(html=formatting_back(cleaned).strip(), has_remote_images=seen.has_remote_images)


class _Attributes:
    """Decides each attribute's value, and notes whether an image lives on another server."""

    def __init__(self) -> None:
        self.has_remote_images = False

    def filter(self, tag: str, name: str, value: str) -> str | None:
        """The value to keep, or None to drop the attribute."""
        match name:
            case "style":
                return kept_style(value) or None
            case "class":
                return " ".join(found for found in value.split()[:50] if found in QUOTE_CLASSES) or None
            case "id":
                return value if value in QUOTE_IDS else None
            case "href":
                return _BLANKS.sub("", value)[:4000]
            case "src":
                return self._image(value)
            case "type" if tag == "blockquote":
                return "cite" if value.lower() == "cite" else None
            case _:
                return value[:1000]

    def _image(self, value: str) -> str | None:
        address = _BLANKS.sub("", value)[:4000]
        if not address.lower().startswith(IMAGE_SCHEMES):
            return None
        self.has_remote_images |= not address.lower().startswith("cid:")
        return address
