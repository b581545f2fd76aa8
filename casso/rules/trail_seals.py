"""How the trail is sealed: one SHA-256 over each entry and the seal before it.

What is sealed are numbers, the action, the time and a digest. The digest stands for
two parts of detail, each through a salted mark, so that either can be erased and
the chain still verifies. Changing a format here breaks every chain that exists:
give it a new FORM instead.
"""

import hashlib
import json
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

FORM = "casso trail 1"
IPV4_KEPT, IPV6_KEPT = 24, 48


def mark_of(salt: str, *parts: str) -> str:
    """The salted digest of one part of detail; empty for a part that says nothing."""
    return _sha256(salt, *parts) if any(parts) else ""


def digest_of(who_mark: str, what_mark: str) -> str:
    """What the chain keeps of an entry's detail."""
    return _sha256(who_mark, what_mark)


def seal_of(
    previous: str,
    *,
    organization_id: int,
    number: int,
    ticket_id: int | None,
    account_id: int | None,
    action: str,
    digest: str,
    created_at: datetime,
) -> str:
    """The seal of an entry on top of the one before; the first one stands on an empty seal."""
    at = created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256(FORM, previous, organization_id, number, ticket_id, account_id, action, digest, at)


def statement_of(organization_id: int, number: int, seal: str, at: datetime) -> str:
    """The text that is signed: the chain of this organization held this seal at this number and time."""
    at_text = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([FORM, organization_id, number, seal, at_text])


def shortened(ip: str) -> str:
    """The network an address lies in: /24, or /48 for IPv6. What is no address becomes nothing."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    kept = IPV4_KEPT if address.version == 4 else IPV6_KEPT
    return str(ip_network(f"{address}/{kept}", strict=False)) if "%" not in str(address) else ""


def is_shortened(text: str) -> bool:
    """Whether it is what shortened() leaves of an address: a whole /24 or /48 in its own spelling."""
    try:
        network = ip_network(text)
    except ValueError:
        return False
    kept = IPV4_KEPT if network.version == 4 else IPV6_KEPT
    return network.prefixlen == kept and str(network) == text


def _sha256(*parts: str | int | None) -> str:
    """Hex digest of the parts as a JSON list, so that no two lists of parts read the same."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
