"""Which lines of a mail's text are marks of a quote below: attributions, header blocks, separators.

An attribution ("On date, name wrote:") may be wrapped over several lines and is read from
its last line upwards. Every pattern is linear and sees a few hundred characters at most.
"""

import re
from dataclasses import dataclass

from casso.rules.quoteheaders import (
    ANY_LABEL,
    FROM_LABEL,
    ORIGINAL_TITLE,
    SENT_FROM,
    SENT_LABEL,
    SUBJECT_LABEL,
    TO_LABEL,
    WROTE_CJK,
    WROTE_LAST,
    WROTE_WITHIN,
)

LINE_LIMIT = 2_000
WINDOW_LINES = 6
WINDOW_CHARS = 600
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_COLONS = (":", "\uff1a")
_QUOTE = re.compile(r"^[ \t]{0,8}(?:>|\|(?: |$)|[A-Z][\w.-]{0,14}> )")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{1,2}[:.h]\d{2}(?!\d)|"
    r"\d{1,2}[.,]? {0,2}[^\W\d_]{3,12}|[^\W\d_]{3,12}\.? \d{1,2}\b|\d月"
)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)|(?:19|20)\d\d|\d月")
_DATED = re.compile(r"(?<!\d)20\d\d(?!\d)[^\n]{1,40}\d{1,2}[:.]\d{2}(?!\d)")
_NAMED = re.compile(r"[<(]\s?[^\s<>()\"]{1,80}@[^\s<>()\"]{2,120}\s?[>)]")
_NAMED_LAST = re.compile(_NAMED.pattern + r"\s?[:\uff1a]$")
_ADDRESS = re.compile(r"[^\s<>()\"]{1,80}@[^\s<>()\"]{2,120}")
_START = re.compile(
    r"^\W{0,8}(?:\d|(?:On|Am|Le|El|Il|Op|Em|Den|Dne|Dňa|Dnia|W dniu|Na|På|Pe|La|No dia|Vào|Pada|Tanggal|"
    r"Dana|U|"
    r"Στις|В|Ngày|Kuupäeval|At|Date|Quoting|Citando|Zitat von|Citeren|Citando a|Selon|Missatge de|"
    r"Kuupäev|Kuupäeval|Пише|На|U|V|Le lun|Le mar)\b|ในวันที่|在|于|於|ב|في|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|man|tir|tis|ons|tor|fre|lør|lör|søn|sön|pon|wto?|śr|czw|pią?t|sob|"
    r"ni?edz|po|út|"
    r"st|čt|pá|so|ne|ma|di|wo|do|vr|za|zo|lun|mar|mer|mié|jeu|jue|ven|vie|sam|sáb|dim|dom|пн|вт|ср|чт|пт|"
    r"сб|вс|"
    r"mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag)[a-zа-яé]{0,8}[.,]? )",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"(?:(?<!\w)(?:{WROTE_LAST})|{WROTE_CJK})[\s\u00a0]{{0,3}}[:\uff1a]?[\s*_-]{{0,8}}$", re.IGNORECASE
)
_WITHIN = re.compile(rf"(?<!\w)(?:{WROTE_WITHIN})(?!\w)(?! ich\b| jeg\b| jag\b| ik\b)", re.IGNORECASE)
_ISO_START = re.compile(
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\.?,? (?:\d{1,2}:\d{2}(?::\d{2})? )?(?P<zone>GMT[+-]\d{1,2}:?\d{2} |"
    r"UTC |[+-]\d{4} )?"
    r"\S[^\n]{0,200}$"
)
_ORIGINAL = re.compile(
    rf"^[>\s]{{0,20}}[*_]{{0,2}}[-_=*—–]{{2,40}}\s{{0,5}}(?:{ORIGINAL_TITLE})\s{{0,5}}[-_=*—–]{{2,40}}", re.I
)
_TITLED_RULE = re.compile(
    r"^[>\s]{0,20}[*_]{0,2}[-_=]{3,40}\s{0,5}[^\s\-_=][^\-_=\n]{2,60}[-_=]{3,40}[*_]{0,2}\s{0,9}$"
)
_FORWARDED = re.compile(
    "^[>\\s]{0,20}(?:Begin forwarded message|Začátek přeposílané zprávy|Start på videresendt besked|"
    "Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Inicio del mensaje reenviado|Välitetty viesti alkaa|"
    "Début du (?:message|courriel|mail) (?:réexpédié|transféré)|Továbbított levél kezdete|"
    "Inizio (?:del )?messaggio inoltrato|Begin doorgestuurd bericht|Videresendt melding|"
    "Początek przekazywanej wiadomości|Início da mensagem (?:reencaminhada|encaminhada)|"
    "Începe mesajul redirecționat|Начало (?:переадресованного|пересылаемого) \\w{4,12}|"
    "Započni proslijeđenu poruku|"
    "Začiatok preposlanej správy|Vidarebefordrat mejl|İleti başlangıcı|Початок листа, що пересилається|"
    "以下は転送されたメッセージです|开始转发的邮件|전달된 메시지 시작)\\s{0,5}[:\uff1a]",
    re.IGNORECASE,
)
_ABOVE_LINE = re.compile(
    r"(?:repl(?:y|ies)|type|respond|write|answer)[^\n]{0,40} above (?:this|the) line|"
    r"(?:oberhalb|über) diese[rs] (?:linie|zeile)|au-dessus de cette ligne|encima de esta línea|"
    r"boven deze (?:regel|lijn)|"
    r"acima desta linha|sopra questa (?:riga|linea)|ovanför den (?:här )?(?:linjen|raden)|over denne linje|"
    r"tämän (?:rivin|viivan) yläpuolelle|(?:powyżej|nad) t(?:ej|ą) lini|nad tento řádek|"
    r"выше этой (?:строки|линии)|"
    r"bu satırın üst|この行より上|在此行上方|이 줄 위에",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^[ \t\u00a0]{0,8}(?:--|—|__)[ \t\u00a0]{0,8}$")
_RULE = re.compile(r"^[\s\-_=+~#*—–.·•ᐧ`^]{1,200}$")
_SENT_FROM = re.compile(rf"^[\s*_(\[]{{0,6}}(?:{SENT_FROM})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """The first and last line of a mark, and whether it is an attribution (quotes may follow)."""

    first: int
    last: int
    is_attribution: bool


def is_quote(line: str) -> bool:
    """Whether the line itself is marked as quoted (`>`, `|`, `Bob> `)."""
    return bool(_QUOTE.match(line))


def is_delimiter(line: str) -> bool:
    """Whether a signature begins below."""
    return bool(_DELIMITER.match(line))


def is_rule(line: str) -> bool:
    """Whether the line is nothing but dashes, dots and the like."""
    return bool(_RULE.match(line)) and not line.isspace()


def is_device_footer(line: str) -> bool:
    """Whether a device or mail program advertises itself here."""
    if len(line) > 160 or not _SENT_FROM.match(line):
        return False
    words = len(line.split())
    return words <= (8 if ", " in line else 14)


def is_reply_above(line: str) -> bool:
    """Whether this is a help desk's own separator."""
    return len(line) <= 200 and bool(_ABOVE_LINE.search(line))


def find_mark(lines: list[str]) -> Mark | None:
    """The first mark within the first lines of the text, or None."""
    for number, line in enumerate(lines[:LINE_LIMIT]):
        bare = line.strip()
        if not bare or is_quote(line):
            continue
        found = (
            _read_attribution(lines, number) or _read_block(lines, number) or _read_separator(lines, number)
        )
        if found:
            return found
    return None


def _read_separator(lines: list[str], number: int) -> Mark | None:
    line = lines[number]
    if len(line) > 200:
        return None
    if (
        _ORIGINAL.match(line)
        or _FORWARDED.match(line)
        or (_TITLED_RULE.match(line) and _label_follows(lines, number))
    ):
        block = next((_read_block(lines, place) for place in range(number + 1, min(number + 4, len(lines)))
                      if lines[place].strip()), None)  # fmt: skip
        return Mark(number, block.last if block else number, False)
    return None


def _label_follows(lines: list[str], number: int) -> bool:
    following = [line for line in lines[number + 1 : number + 4] if line.strip()]
    return bool(following) and len(following[0]) <= WINDOW_CHARS and bool(ANY_LABEL.match(following[0]))


def _read_block(lines: list[str], number: int) -> Mark | None:
    """Three kinds of labels, or From with an address and one more; wrapped values allowed.

    Fewer would cut forms that customers paste: `No: 17`, `Date: 5.1.` are labels somewhere.
    """
    if not ANY_LABEL.match(lines[number][:WINDOW_CHARS]):
        return None
    kinds: set[str] = set()
    count, last, gap = 0, number, 0
    for place in range(number, min(number + 24, len(lines))):
        line = lines[place][:WINDOW_CHARS]
        if ANY_LABEL.match(line):
            kinds |= _label_kinds(line)
            count, last, gap = count + 1, place, 0
            continue
        gap += 1
        if gap > 2 or (not line.strip() and count >= 3):
            break
    has_address = bool(_ADDRESS.search(" ".join(lines[number : number + 3])[:WINDOW_CHARS]))
    is_block = len(kinds - {"other"}) >= 3 or (has_address and "from" in kinds and len(kinds) >= 2)
    return Mark(number, last, False) if is_block else None


def _label_kinds(line: str) -> set[str]:
    """One label can mean two things in two languages (Data, A, Do): all of them count once."""
    for kind, label in (
        ("from", FROM_LABEL),
        ("sent", SENT_LABEL),
        ("subject", SUBJECT_LABEL),
        ("to", TO_LABEL),
    ):
        if label.match(line):
            return {kind}
    return {"other"}


def _read_attribution(lines: list[str], number: int) -> Mark | None:
    """The attribution that begins at this line and ends within the next few."""
    head = lines[number][:WINDOW_CHARS]
    starts = bool(_START.match(head) or _DATED.search(head))
    window = ""
    for last in range(number, min(number + WINDOW_LINES, len(lines))):
        line = lines[last].strip()
        if not line:
            if _next_is_address(lines, last):
                continue
            return None
        if last > number and not starts and _START.match(line) and not _NAMED.search(window):
            return None
        if last > number and is_quote(lines[last]) and not line.startswith((">", "> wrote", "<")):
            return None
        window = _INVISIBLE.sub("", f"{window} {line}").strip()
        if len(window) > WINDOW_CHARS:
            return None
        if _is_attribution(window, lines, last, starts):
            return Mark(number, last, True)
        if not starts and last > number and not line.startswith("<"):
            return None
    return None


def _next_is_address(lines: list[str], place: int) -> bool:
    return place + 1 < len(lines) and lines[place + 1].lstrip().startswith("<")


def _is_attribution(window: str, lines: list[str], last: int, starts: bool) -> bool:
    has_address = bool(_ADDRESS.search(window))
    ends = window.endswith(_COLONS)
    has_date = bool(_DATE.search(window))
    if _LAST.search(window) and (ends or has_address):
        return has_address or (has_date and starts) or _quote_follows(lines, last)
    if ends and _WITHIN.search(window):
        return has_address or (starts and bool(_TIME.search(window))) or _quote_follows(lines, last)
    if ends and starts and has_date and _NAMED_LAST.search(window):
        return True
    iso = _ISO_START.match(window) if starts else None
    if iso and (last + 1 >= len(lines) or not lines[last + 1].strip() or is_quote(lines[last + 1])):
        return bool(iso.group("zone")) or (has_address and window.endswith((">", ":")))
    return False


def _quote_follows(lines: list[str], last: int) -> bool:
    following = next((line for line in lines[last + 1 : last + 4] if line.strip()), "")
    return is_quote(following)
