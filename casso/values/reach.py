"""Where an address lies, seen from the desk's machine: out on the net, inside, or where no server is.

What carries another address inside it (IPv4-mapped, 6to4, NAT64, Teredo) lies where that one does.
Ranges: the special-purpose registries of RFC 6890.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
# Other forms that translators use: the old IPv4-compatible form, and the local translation prefix.
COMPATIBLE, NAT64_LOCAL = IPv6Network("::/96"), IPv6Network("64:ff9b:1::/48")
HANDED_OUT = IPv6Network("2000::/3")  # the only part of IPv6 that is handed out so far

LOOPBACK_NAMES = ("127.0.0.1", "::1", "localhost")
"""This machine, as settings name it: nothing on the way can listen."""


class Reach(StrEnum):
    """How far away an address is."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    NOWHERE = "nowhere"


def reach_of(ip: str) -> Reach:
    """Where this address lies; what is no address is nowhere."""
    try:
        found = ip_address(ip.partition("%")[0])
    except ValueError:
        return Reach.NOWHERE
    if isinstance(found, IPv6Address):
        carried = _carried(found)
        if carried is not None:
            return reach_of(str(carried))
    if _is_nowhere(found):
        return Reach.NOWHERE
    is_handed_out = isinstance(found, IPv4Address) or found in HANDED_OUT
    return Reach.OUTSIDE if found.is_global and is_handed_out else Reach.INSIDE


def _carried(found: IPv6Address) -> IPv4Address | None:
    if found.ipv4_mapped or found.sixtofour:
        return found.ipv4_mapped or found.sixtofour
    if found.teredo:
        return found.teredo[1]
    if found in NAT64 or found in NAT64_LOCAL or (found in COMPATIBLE and int(found) > 1):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return None


def _is_nowhere(found: IPv4Address | IPv6Address) -> bool:
    """Link-local (where clouds keep their secrets), many receivers at once, nobody, or never handed out."""
    is_odd = found.is_link_local or found.is_multicast or found.is_unspecified
    return is_odd or (isinstance(found, IPv4Address) and found.is_reserved)
