"""What the receiving server said of a mail's sender, read from Authentication-Results (RFC 8601).

Anybody can write that header, so only the topmost one naming the mailbox's own
receiver counts; without a configured receiver, or without its header, the
answer is unknown. Nothing is checked here: Casso believes its mail server or nobody.
"""

import re

from casso.enums import AuthResult

_RESULT = re.compile(r"([a-z0-9-]+)\s*=\s*([a-z]+)")
_PROPERTY = re.compile(r"([a-z0-9-]+\.[a-z0-9-]+)\s*=\s*([^\s;]+)")
_FAILED = frozenset({"fail", "hardfail", "permerror"})
_HEADER_LIMIT = 10_000


def read_authentication(headers: tuple[str, ...], *, trusted_receiver: str, sender_domain: str) -> AuthResult:
    """The verdict for a sender of that domain; `headers` are the Authentication-Results, topmost first."""
    receiver = trusted_receiver.strip().lower()
    if not receiver or not sender_domain:
        return AuthResult.UNKNOWN
    for header in headers:
        server, _, results = _without_comments(header[:_HEADER_LIMIT].lower()).partition(";")
        if server.split()[:1] == [receiver]:
            return _verdict(results, sender_domain.lower())
    return AuthResult.UNKNOWN


def _verdict(results: str, sender_domain: str) -> AuthResult:
    """DMARC decides when it was checked; else an aligned DKIM or SPF pass, else a plain failure."""
    found: list[tuple[str, str, dict[str, str]]] = []
    for part in results.split(";"):
        match = _RESULT.match(part.strip())
        if match:
            found.append((match[1], match[2], dict(_PROPERTY.findall(part))))
    dmarc = [(result, details) for method, result, details in found if method == "dmarc"]
    for result, details in dmarc:
        if result in _FAILED:
            return AuthResult.FAIL
        if result == "pass":
            is_about_sender = details.get("header.from", sender_domain) == sender_domain
            return AuthResult.PASS if is_about_sender else AuthResult.FAIL
    if any(result == "pass" and _is_aligned(details, sender_domain) for _, result, details in found):
        return AuthResult.PASS
    failed = {method for method, result, _ in found if method in ("spf", "dkim") and result in _FAILED}
    passed = {method for method, result, _ in found if method in ("spf", "dkim") and result == "pass"}
    return AuthResult.FAIL if failed and not passed else AuthResult.UNKNOWN


def _is_aligned(details: dict[str, str], sender_domain: str) -> bool:
    """Whether the checked name is the sender's domain or one above or below it."""
    names = [details.get("header.d", ""), details.get("header.i", ""), details.get("smtp.mailfrom", "")]
    for name in names:
        checked = name.strip('"').rpartition("@")[2]
        if checked and "." in checked and _is_same_or_below(checked, sender_domain):
            return True
    return False


def _is_same_or_below(one: str, other: str) -> bool:
    return one == other or other.endswith("." + one) or one.endswith("." + other)


def _without_comments(text: str) -> str:
    """The header without (nested) comments and quoted text, in which anything could be claimed."""
    kept: list[str] = []
    depth = 0
    is_quoted = False
    is_escaped = False
    for character in text:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and (depth or is_quoted):
            is_escaped = True
        elif character == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(character)
    return "".join(kept)
