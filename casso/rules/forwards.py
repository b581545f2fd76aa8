"""A mail forwarded inside another: its sender, subject and text, and the note above it.

The labels of 14 clients come from email-forward-parser. Its patterns are not linear, so it
only sees lines that can matter, and few of them; all others stand in as short tokens.
A separator such as "Begin forwarded message" tells by itself; a quote header or a rule of
underscores, which replies have too, counts only when the subject does not speak against it.
"""

import re
from dataclasses import dataclass

from casso.rules.quoteheaders import FROM_LABEL, ORIGINAL_TITLE, is_label
from casso.values.mail import Forward, MailAddress

TEXT_LIMIT = 100_000
LINE_LIMIT = 300
LABEL_LIMIT = 800
LABEL_COUNT = 12
LINE_COUNT = 3_000
FORWARD_SUBJECT = re.compile(
    r"^\s*(?:fwd?|vs|wg|rv|tr|i|pd|enc|redir\.|vb|vl|videresend|i̇lt|ilt|doorst|trs|tov|pf|pr|πρθ|пер|"
    r"転送|转发|轉寄|전달)\s*[:\uff1a]",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"^[>\s]{0,20}(?:\*{0,2}-{3,12}\s{0,5}(?P<title>[^\s-][^\n]{3,60}?)\s{0,5}-{3,12}|(?P<apple>"
    "Begin forwarded message|Začátek přeposílané zprávy|Start på videresendt besked|"
    "Anfang der weitergeleiteten Nachricht|Inicio del mensaje reenviado|Välitetty viesti alkaa|"
    "Début du message (?:réexpédié|transféré)|Započni proslijeđenu poruku|Továbbított levél kezdete|"
    "Inizio (?:del )?messaggio inoltrato|Begin doorgestuurd bericht|Videresendt melding|"
    "Początek przekazywanej wiadomości|Início da mensagem (?:reencaminhada|encaminhada)|"
    "Începe mesajul redirecționat|Начало переадресованного сообщения|Начало переадресованного письма|"
    "Začiatok preposlanej správy|Vidarebefordrat mejl|İleti başlangıcı|Початок листа, що пересилається)"
    r"\s{0,5}[:\uff1a])"
)
_REPLY_TITLE = re.compile(ORIGINAL_TITLE, re.IGNORECASE)
_RULE = re.compile(r"^[>\s]{0,20}(?:_{32}|-{5,12} ?Original Message ?-{5,12})\s{0,5}$")
_TOKEN = re.compile("§§(\\d{1,6})§")
_PREFIX = re.compile(r"^(?:>+\s?|\s{1,8})*")


@dataclass(frozen=True, slots=True)
class _Shortened:
    """The text as the library sees it, and the lines that its tokens stand for."""

    text: str
    lines: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Put the lines back in the place of their tokens."""
        return _TOKEN.sub(lambda found: self._line(int(found.group(1))), text)

    def _line(self, number: int) -> str:
        return self.lines[number] if number < len(self.lines) else ""


def is_forward_subject(subject: str) -> bool:
    """Whether the subject begins with a client's forward prefix."""
    return bool(FORWARD_SUBJECT.match(subject))


def without_forward_prefix(subject: str) -> str:
    """The subject as it was before somebody forwarded the mail."""
    return FORWARD_SUBJECT.sub("", subject).strip()


def read_forward(subject: str, text: str) -> Forward | None:
    """The outermost forwarded mail in the text, or None; linear in the text's length."""
    text = text[:TEXT_LIMIT].replace("\r\n", "\n").replace("\ufeff", "")
    says_forward = is_forward_subject(subject)
    lines = text.split("\n")
    start = _find_start(lines, says_forward or not subject.strip(), says_forward)
    if start is None:
        return None
    note = "\n".join(lines[:start]).strip()
    return _ask_library(_shorten(lines[start:]), subject if says_forward else "", note)


def _find_start(lines: list[str], weak_counts: bool, block_counts: bool) -> int | None:
    """The line at which the outermost forwarded mail begins."""
    for number, line in enumerate(lines):
        line = line[:LABEL_LIMIT]
        if not line.strip():
            continue
        found = _STRONG.match(line[:LINE_LIMIT])
        if found and (found.group("apple") or not _REPLY_TITLE.search(found.group("title"))):
            return number
        if weak_counts and len(line) <= LINE_LIMIT and (_RULE.match(line) or _is_attribution(line)):
            return number
        if block_counts and FROM_LABEL.match(line):
            return number
    return None


def _is_attribution(line: str) -> bool:
    """Outlook for Mac heads a forward like a reply: `On date, "Name" <address> wrote:`."""
    return line.rstrip()[-1:] in (":", "\uff1a") and "@" in line and any(sign in line for sign in "<[(")


def _shorten(lines: list[str]) -> _Shortened:
    """Keep the separator and the header block below it; every other line becomes a token.

    Beyond LINE_COUNT one token holds all the rest: the library's time grows with the lines.
    """
    kept: list[str] = []
    stored: list[str] = []
    blanks, labels, is_open = 0, 0, True
    for number, line in enumerate(lines[:LINE_COUNT]):
        bare = line.strip("> \t\xa0")
        blanks = 0 if bare else blanks + 1
        if blanks:
            kept += [line.strip()] if blanks <= 2 else []
            continue
        if is_open and labels < LABEL_COUNT:
            if number == 0 or is_label(line[:LABEL_LIMIT]):
                labels += number > 0
                kept.append(line[:LABEL_LIMIT].replace("=?", "= ?"))
                continue
            is_open = not (labels >= 2 and kept[-1].strip("> \t") == "")
        found = _PREFIX.match(line[:40])
        cut = found.end() if found else 0
        kept.append(f"{line[:cut]}§§{len(stored)}§")
        stored.append(line[cut:])
    if rest := "\n".join(lines[LINE_COUNT:]):
        kept.append(f"§§{len(stored)}§")
        stored.append(rest)
    return _Shortened("\n".join(kept), tuple(stored))


def _ask_library(shortened: _Shortened, subject: str, note: str) -> Forward | None:
    """The body alone first: given a subject without its prefix, the library drops a forward."""
    from emailforwardparser.forward_parser import get_forwarded_metadata

    try:
        found = get_forwarded_metadata(shortened.text, None)
        if subject and not found.email.from_.address:
            with_subject = get_forwarded_metadata(shortened.text, subject)
            found = with_subject if with_subject.email.from_.address or not found.forwarded else found
    except (IndexError, ValueError, LookupError):  # the library on a header block without a body
        return None
    if not found.forwarded or not (found.email.from_.address or found.email.from_.name):
        return None
    title = found.email.subject or FORWARD_SUBJECT.sub("", subject)
    return Forward(
        sender=MailAddress(found.email.from_.address.lower(), found.email.from_.name),
        subject=shortened.restore(title).strip(),
        body=shortened.restore(found.email.body).strip(),
        message=note,
    )
