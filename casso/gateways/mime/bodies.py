"""Which parts are the body and which are files, in the order a reader would see them.

An alternative is one segment with its best text and best HTML; everything in a mixed
part is a segment of its own (Apple Mail splits bodies). When part of the mail exists as
HTML alone, `text` stays empty: then the joined HTML says more than the joined text.
"""

import html
import re
from dataclasses import dataclass, field

from casso.gateways.mime.attachments import File, take_uuencoded
from casso.gateways.mime.charset import decode
from casso.gateways.mime.structure import Part

TEXT_LIMIT = 2_000_000
_META_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})")
_NOT_BODY = {
    "text/calendar",
    "text/x-vcard",
    "text/vcard",
    "text/directory",
    "text/csv",
    "text/rfc822-headers",
    "text/x-amp-html",
    "text/x-patch",
    "text/xml",
    "text/rtf",
}
_HTML = ("text/html", "application/xhtml+xml")
_ENRICHED = re.compile(r"<(/?)[A-Za-z-]{1,30}>")


@dataclass(slots=True)
class Segment:
    """One stretch of the body, as text, as HTML or as both."""

    text: str = ""
    html: str = ""


@dataclass(slots=True)
class Content:
    """What the walk over the tree gathered."""

    segments: list[Segment] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def joined_text(self) -> str:
        """All text, or nothing when a segment exists as HTML alone."""
        if any(segment.html.strip() and not segment.text.strip() for segment in self.segments):
            return ""
        return "\n".join(segment.text for segment in self.segments if segment.text.strip())

    def joined_html(self) -> str:
        """All HTML, plain segments between it escaped; empty when the mail has no HTML."""
        if not any(segment.html.strip() for segment in self.segments):
            return ""
        if len(self.segments) == 1:
            return self.segments[0].html
        return "\n".join(
            segment.html
            if segment.html.strip()
            else f'<div style="white-space: pre-wrap">{html.escape(segment.text)}</div>'
            for segment in self.segments
        )


def gather(root: Part) -> Content:
    """Walk the tree once; never raises."""
    content = Content()
    _visit(root, content)
    return content


def _visit(part: Part, content: Content) -> None:
    if not part.content_type.startswith("multipart/"):
        if is_body(part):
            content.segments.append(_read_segment(part, content))
        elif part.end > part.start or part.filename or part.disposition == "attachment":
            content.files.append(File(part))
    elif part.content_type == "multipart/alternative":
        _visit_alternative(part, content)
    else:
        for child in part.children:
            _visit(child, content)


def _visit_alternative(part: Part, content: Content) -> None:
    """The last text and the last HTML win (RFC 2046 5.1.4); files of every branch are kept."""
    texts: list[str] = []
    htmls: list[str] = []
    for child in part.children:
        branch = Content()
        _visit(child, branch)
        content.files += branch.files
        content.defects += branch.defects
        for segment in branch.segments:
            if segment.html.strip():
                htmls.append(segment.html)
            elif segment.text.strip():
                (htmls if htmls and len(branch.segments) > 1 else texts).append(
                    segment.text if not htmls or len(branch.segments) == 1 else html.escape(segment.text)
                )
    if texts or htmls:
        content.segments.append(Segment("\n".join(dict.fromkeys(texts)), "\n".join(htmls)))


def is_body(part: Part) -> bool:
    """Whether a leaf is read as body (the rule of RFC 8621 4.1.4, read for text alone)."""
    if part.disposition == "attachment" or part.content_type in _NOT_BODY:
        return False
    if not part.content_type.startswith("text/") and part.content_type not in _HTML:
        return False
    if part.place == 0:
        return not (part.filename and part.parent_type and part.disposition)
    return part.parent_type != "multipart/related" and not part.filename


def _read_segment(part: Part, content: Content) -> Segment:
    data = part.content()
    if len(data) > TEXT_LIMIT * 4:
        data = data[: TEXT_LIMIT * 4]
        content.defects.append("body longer than the limit, cut")
    is_html = part.content_type in _HTML
    charset = part.parameters.get("charset", "")
    if not charset and is_html and not data.isascii() and (found := _META_CHARSET.search(data[:4096])):
        charset = found.group(1).decode("ascii")
    text = decode(data, charset)
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
        content.defects.append("body longer than the limit, cut")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if is_html:
        return Segment(html=text)
    if part.content_type in ("text/enriched", "text/richtext"):
        return Segment(text=_ENRICHED.sub("", text).replace("<<", "<"))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    if "\nbegin " in text or text.startswith("begin "):
        text, files = take_uuencoded(text)
        content.files += files
    return Segment(text=text)


def unflow(text: str, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676)."""
    lines: list[list[str]] = []
    quoted_before, soft_before = 0, False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare
        is_soft = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if is_soft and delete_space else bare
        if soft_before and depth == quoted_before and bare != "-- ":
            lines[-1].append(piece)
        else:
            lines.append([">" * depth + " " if depth else "", piece])
        soft_before, quoted_before = is_soft, depth
    return "\n".join("".join(pieces) for pieces in lines)
