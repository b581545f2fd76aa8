"""Which network an address belongs to: /24 for IPv4, /48 for IPv6, as providers hand them out.

One person gets a whole /48, so counting single IPv6 addresses would count nothing.
"""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

IPV4_PREFIX, IPV6_PREFIX = 24, 48


def network_of(ip: str) -> str:
    """The network in CIDR form; what is no address stands for itself, cut."""
    try:
        found = ip_address(ip.strip())
    except ValueError:
        return ip[:64]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(IPv6Network((int(found), IPV6_PREFIX), strict=False))
        found = found.ipv4_mapped
    return str(IPv4Network((int(found), IPV4_PREFIX), strict=False))
