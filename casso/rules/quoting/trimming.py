"""The decision what of a text is new: above the quote, below it, or between its pieces.

Answers between quoted lines are shown with everything around them; when nothing would
remain, everything is shown. Trailing quotes, signature and device footer go; a closing
formula ("Regards, X") stays, since many corpora count it as part of the reply.
"""

import re

from casso.rules.quoting.marks import (
    Mark,
    find_mark,
    is_delimiter,
    is_device_footer,
    is_quote,
    is_reply_above,
    is_rule,
)

_PGP_HEAD = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash:[^\n]{0,80}\n)?\n?")
_PGP_TAIL = re.compile(r"-----BEGIN PGP SIGNATURE-----[\s\S]*")


def trim_text(text: str) -> str:
    """What the sender newly wrote in this text; the text itself when that cannot be told."""
    lines = _PGP_TAIL.sub("", _PGP_HEAD.sub("", text)).split("\n")
    reply = _strip_end(_choose(_above_own_separator(lines)))
    return "\n".join(reply).strip("\n") if _has_text(reply) else text.strip()


def has_mark(text: str) -> bool:
    """Whether the text itself shows where the quote begins."""
    lines = text.split("\n")
    return find_mark(lines) is not None or any(is_quote(line) for line in lines)


def _above_own_separator(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if is_reply_above(line) and _has_text(lines[:number]):
            return lines[:number]
    return lines


def _choose(lines: list[str]) -> list[str]:
    mark = find_mark(lines)
    if mark is None:
        return lines
    above = lines[: mark.first]
    below = lines[mark.last + 1 :]
    if not mark.is_attribution or not _begins_quoted(below):
        return above if _has_text(_strip_end(above)) else _below_header(below)
    answers = _answers(below)
    if not answers:
        return above if _has_text(above) else lines
    if _has_text(above) or len(answers) > 1:
        return _without_signature(lines, mark)
    return answers[0]


def _below_header(below: list[str]) -> list[str]:
    """Nothing above a header: the mail is what stands below it, judged in the same way."""
    following = find_mark(below)
    if following and _has_text(below[: following.first]):
        return _choose(below)
    return below


def _begins_quoted(lines: list[str]) -> bool:
    return is_quote(next((line for line in lines if line.strip()), ""))


def _answers(lines: list[str]) -> list[list[str]]:
    """The stretches of new text below and between quoted lines, signature left out."""
    found: list[list[str]] = []
    current: list[str] = []
    previous = ""
    for line in lines:
        if is_delimiter(line):
            break
        wrapped = _continues_quote(previous, line)
        previous = line
        if is_quote(line) or wrapped:
            if _has_text(current):
                found.append(current)
            current = []
        else:
            current.append(line)
    if _has_text(_strip_end(current)):
        found.append(current)
    return found


def _continues_quote(previous: str, line: str) -> bool:
    """Whether a mailer broke a long quoted line and lost the sign: no sentence ended, none begins."""
    return (
        is_quote(previous)
        and len(previous) >= 60
        and previous.rstrip()[-1:] not in tuple(".?!:;")
        and line[:1].islower()
    )


def _without_signature(lines: list[str], mark: Mark) -> list[str]:
    """Everything but the signature, for answers between the quotes."""
    for number in range(mark.last + 1, len(lines)):
        if is_delimiter(lines[number]) and not any(is_quote(line) for line in lines[number:]):
            return lines[:number]
    return lines


def _strip_end(lines: list[str]) -> list[str]:
    """Cut the signature, then trailing blanks, rules, quotes and device footers until none is left."""
    for number, line in enumerate(lines):
        if is_delimiter(line) and _has_text(lines[:number]):
            lines = lines[:number]
            break
    end = len(lines)
    while end:
        line = lines[end - 1]
        if not line.strip() or is_quote(line) or is_rule(line) or is_device_footer(line):
            end -= 1
        else:
            break
    return lines[:end]


def _has_text(lines: list[str]) -> bool:
    return any(
        line.strip() and not is_quote(line) and not is_rule(line) and not is_device_footer(line)
        for line in lines
    )
