"""The addresses and ids we put into mail, and how to recognise them when they come back.

A signed reply address is `local+token@host`, where the token is the ticket's
stored secret (100 random bits), so it can be revoked. Our Message-IDs and the
bounce addresses carry ids and a keyed hash: a hit needs no stored row.
"""

import hmac
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass

LOCAL_PART_LIMIT = 64  # octets, RFC 5321 section 4.5.3.1.1
TOKEN_LENGTH = 20
MAC_LENGTH = 16  # base32 digits: 80 bits

_TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")
_MESSAGE_ID = re.compile(rf"casso\.(\d{{1,18}})\.(\d{{1,18}})\.([a-z2-7]{{{MAC_LENGTH}}})@.+")
_BOUNCE_TAG = re.compile(rf"b(\d{{1,18}})-([a-z2-7]{{{MAC_LENGTH}}})")
# The + as addresses, links and HTML write it.
_TAG_IN_TEXT = re.compile(
    rf"(?:\+|%2b|&#43;|&#x2b;|&plus;)([a-z2-7]{{{TOKEN_LENGTH}}}|b\d{{1,18}}-[a-z2-7]{{{MAC_LENGTH}}})(?![a-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnMessageId:
    """What one of our own Message-IDs says."""

    ticket_id: int
    message_id: int


def new_reply_token() -> str:
    """A ticket's secret: 100 random bits in lower-case base32."""
    return b32encode(secrets.token_bytes(13)).decode().lower()[:TOKEN_LENGTH]


def reply_address(mailbox_address: str, token: str) -> str:
    """`local+token@host`; the plain address when the local part has no room for the token."""
    return _tagged(mailbox_address, token)


def split_tag(address: str) -> tuple[str, str]:
    """The address without its `+tag`, and the tag (empty without one), both in lower case."""
    local, at, host = address.strip().lower().rpartition("@")
    plain, _, tag = local.partition("+")
    return (f"{plain}{at}{host}", tag) if plain else (address.strip().lower(), "")


def forms_of(address: str) -> tuple[str, ...]:
    """The address itself, then with one `+tag` after another taken off: where it may be known."""
    found = [address.strip().lower()]
    local, at, host = found[0].rpartition("@")
    while "+" in local[1:]:
        local = local.rpartition("+")[0]
        found.append(f"{local}{at}{host}")
    return tuple(found)


def reply_token_of(address: str) -> str:
    """The token of a signed reply address, or empty."""
    tag = split_tag(address)[1].rpartition("+")[2]
    return tag if _TOKEN.fullmatch(tag) else ""


def own_message_id(ticket_id: int, message_id: int, *, host: str, keys: tuple[str, ...]) -> str:
    """Our Message-ID for a message, without angle brackets; signed with the first key."""
    mac = _mac(keys[0], f"message-id {ticket_id} {message_id}")
    return f"casso.{ticket_id}.{message_id}.{mac}@{host}"


def read_own_message_id(value: str, keys: tuple[str, ...]) -> OwnMessageId | None:
    """What our Message-ID says, or None when none of our keys made it (any host: that may change)."""
    match = _MESSAGE_ID.fullmatch(value.strip().strip("<>").lower())
    if match is None:
        return None
    ticket_id, message_id = int(match[1]), int(match[2])
    if not _fits(keys, f"message-id {ticket_id} {message_id}", match[3]):
        return None
    return OwnMessageId(ticket_id, message_id)


def bounce_address(mailbox_address: str, message_id: int, keys: tuple[str, ...]) -> str:
    """The envelope sender that brings a bounce back to its message (VERP)."""
    return _tagged(mailbox_address, f"b{message_id}-{_mac(keys[0], f'bounce {message_id}')}")


def read_bounce_address(address: str, keys: tuple[str, ...]) -> int | None:
    """The message that a bounce to this address speaks of, or None."""
    return read_bounce_tag(split_tag(address)[1].rpartition("+")[2], keys)


def read_bounce_tag(tag: str, keys: tuple[str, ...]) -> int | None:
    """The message that a bounce address's tag names, or None when none of our keys made it."""
    match = _BOUNCE_TAG.fullmatch(tag)
    if match is None or not _fits(keys, f"bounce {int(match[1])}", match[2]):
        return None
    return int(match[1])


def signed_tags(text: str) -> frozenset[str]:
    """What in a text may be the tag of a reply or bounce address of ours, in lower case."""
    return frozenset(found.lower() for found in _TAG_IN_TEXT.findall(text))


def without_tags(text: str, tags: frozenset[str]) -> str:
    """The text with these tags taken out, so that the plain address stays."""
    if not tags:
        return text
    return _TAG_IN_TEXT.sub(lambda found: "" if found[1].lower() in tags else found[0], text)


def plain_text(text: str) -> str:
    """The text without anything that may be such a tag: for lists, where a cut-off foreign tag is no loss."""
    return without_tags(text, signed_tags(text))


def _tagged(address: str, tag: str) -> str:
    local, _, host = address.rpartition("@")
    tagged = f"{local}+{tag}"
    return f"{tagged}@{host}" if len(tagged.encode()) <= LOCAL_PART_LIMIT else address


def _mac(key: str, text: str) -> str:
    digest = hmac.new(key.encode(), f"casso {text}".encode(), "sha256").digest()
    return b32encode(digest).decode().lower()[:MAC_LENGTH]


def _fits(keys: tuple[str, ...], text: str, mac: str) -> bool:
    return any(hmac.compare_digest(_mac(key, text), mac) for key in keys)
