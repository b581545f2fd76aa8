"""What a sender newly wrote, apart from what was quoted below it. Nothing is deleted:
the whole body is kept elsewhere, this is the part to show first.

The text decides; HTML is asked when there is no text, or when the text shows no quote.
"""

from casso.rules.quoting.trimming import has_mark, trim_text

TEXT_LIMIT = 100_000
HTML_LIMIT = 300_000


def split_reply(text: str, html: str) -> str:
    """The newly written text. Longer text than the limit is shown as it is beyond it."""
    text = text.replace("\r\n", "\n").replace("\ufeff", "")
    if text.strip() and (not html.strip() or len(text) > TEXT_LIMIT or has_mark(text)):
        return trim_text(text[:TEXT_LIMIT])
    if not html.strip():
        return text.strip()
    from casso.rules.quoting.htmlquotes import has_containers, quoted_text

    if text.strip() and not has_containers(html):
        return trim_text(text)
    return trim_text(quoted_text(html[:HTML_LIMIT])[:TEXT_LIMIT])
