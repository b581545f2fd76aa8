"""Bytes to text: the declared charset in its wider form, then UTF-8, then a guess.

Mail lies about charsets: gb2312 is written as gb18030, iso-8859-1 as cp1252, iso-2022-jp
with NEC signs. The guess loads charset-normalizer late, since most mail never needs it.
"""

import codecs
import re
from functools import lru_cache

GUESS_BYTES = 16_384
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "windows1252": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso-8859-8": "cp1255",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "tis620": "cp874",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc-jp",
    "koi8-ru": "koi8-u",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "iso-2022-jp": "iso-2022-jp",
    "iso-2022-jp-ms": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
}
_UNDECLARED = {
    "",
    "unknown",
    "unknown-8bit",
    "x-unknown",
    "8bit",
    "binary",
    "x-user-defined",
    "none",
    "default",
}
_GUESSES = [
    "utf_8", "cp1252", "cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1250",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
]  # fmt: skip
_JIS_ESCAPE = re.compile(rb"\x1b(\$\([BDO@]|\$[@B]|\([BJIH])")


def decode(data: bytes, declared: str = "") -> str:
    """The bytes as text; never raises. `declared` may be empty, unknown or a lie."""
    name = declared.strip().strip("\"'").lower().replace(" ", "")
    if data.isascii() and not _is_shifted(name):
        return data.decode("ascii")
    if name in _UNDECLARED or "ascii" in name:
        return _guess(data)
    codec = find_codec(name)
    if not codec:
        return _guess(data)
    if codec == "iso-2022-jp":
        return _decode_jis(data)
    if codec == "cp1252":
        return _try(data, "utf-8") or _try(data, "cp1252") or data.decode("latin-1")
    text = _try(data, codec)
    return text if text is not None else _rescue(data, codec)


@lru_cache(maxsize=256)
def find_codec(name: str) -> str:
    """The Python codec that reads this charset, or empty when there is none that is safe."""
    name = _WIDER.get(name, name)
    if len(name) > 40 or not name.isascii() or "\0" in name:
        return ""
    if name == "iso-2022-jp":
        return name
    try:
        info = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if info.name.replace("-", "_") in _REFUSED else name


def _is_shifted(name: str) -> bool:
    """Whether 7-bit bytes of this charset may mean other signs than ASCII's."""
    return name.startswith(("iso-2022", "iso2022", "cp5022", "csiso2022", "hz", "utf-7", "utf7", "utf-16",
                            "utf-32", "unicode", "ucs", "x-utf-7"))  # fmt: skip


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None


def _rescue(data: bytes, codec: str) -> str:
    """A charset that nearly fits is kept when few signs are lost; else it was a lie."""
    better = _try(data, "utf-8")
    if better is not None:
        return better
    text = data.decode(codec, "replace")
    lost = text.count("\ufffd")
    read = sum(sign > "\x7f" for sign in text) - lost
    return text if lost * 3 <= read else _guess(data)


def _guess(data: bytes) -> str:
    text = _try(data, "utf-8-sig")
    if text is not None:
        return text
    if b"\x1b$" in data:
        return _decode_jis(data)
    from charset_normalizer import from_bytes

    try:
        best = from_bytes(data[:GUESS_BYTES], cp_isolation=_GUESSES, threshold=0.4).best()
        codec = best.encoding if best else "cp1252"
    except (ValueError, LookupError, ArithmeticError):
        codec = "cp1252"
    return data.decode(codec, "replace")


def _decode_jis(data: bytes) -> str:
    """ISO-2022-JP as vendors write it: JIS X 0208 rows read by cp932, which has the NEC signs."""
    pieces: list[str] = []
    mode, start = b"(B", 0
    for found in _JIS_ESCAPE.finditer(data):
        if found.start() > start:
            pieces.append(_decode_run(data[start : found.start()], mode))
        mode, start = found.group(1), found.end()
    pieces.append(_decode_run(data[start:], mode))
    return "".join(pieces)


def _decode_run(run: bytes, mode: bytes) -> str:
    if mode == b"(I":
        return bytes(sign | 0x80 for sign in run).decode("cp932", "replace")
    if not mode.startswith(b"$") or mode in (b"$(D", b"$(O"):
        return run.decode("cp932", "replace")
    shifted = bytearray()
    place = 0
    while place < len(run):
        high = run[place] & 0x7F
        if high < 0x21 or place + 1 >= len(run):
            shifted.append(high)
            place += 1
            continue
        shifted += _jis_to_shift_jis(high, run[place + 1] & 0x7F)
        place += 2
    return shifted.decode("cp932", "replace")


def _jis_to_shift_jis(high: int, low: int) -> bytes:
    """One JIS X 0208 pair as Shift JIS (the usual arithmetic, JIS X 0208 annex 1)."""
    low += (0x1F if low < 0x60 else 0x20) if high & 1 else 0x7E
    high = ((high - 0x21) >> 1) + 0x81
    if high > 0x9F:
        high += 0x40
    return bytes((high & 0xFF, low & 0xFF))
