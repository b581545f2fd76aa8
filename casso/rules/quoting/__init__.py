"""What a sender newly wrote, apart from what was quoted below it. Nothing is deleted:
the whole body is kept elsewhere, this is the part to show first.

The text decides; HTML is asked when there is no text, or when the text shows no quote.
"""

import re

from casso.rules.mailtext import html_to_text
from casso.rules.quoting.trimming import has_mark, trim_text

TEXT_LIMIT = 100_000
HTML_LIMIT = 300_000
_CONTAINER = re.compile(
    r"(?i)gmail_quote|gmail_extra|yahoo_quoted|divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|"
    r"moz-cite-prefix|"
    r"<blockquote|border-top:\s{0,3}(?:solid|none)|OutlookMessageHeader|protonmail_quote|tutanota_quote|"
    r"zmail_extra|isReplyContent|reference-message|stopSpelling|reply-intro|originalMessage"
)


def split_reply(text: str, html: str, *, laid_out: str = "") -> str:
    """The newly written text; beyond the limits a mail is not read.

    `laid_out` is the text of the HTML when the caller has it already.
    """
    text = text.replace("\r\n", "\n").replace("\ufeff", "")[:TEXT_LIMIT]
    if text.strip() and (not has_containers(html) or has_mark(text)):
        return trim_text(text)
    if not has_containers(html):
        return trim_text((laid_out or html_to_text(html))[:TEXT_LIMIT])
    from casso.rules.quoting.htmlquotes import quoted_text

    return trim_text(quoted_text(html[:HTML_LIMIT])[:TEXT_LIMIT])


def has_containers(html: str) -> bool:
    """Whether any client's quote element may be in the HTML that is read: cheap, before parsing."""
    return bool(_CONTAINER.search(html, 0, HTML_LIMIT))
