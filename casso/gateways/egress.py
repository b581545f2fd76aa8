"""Connections to hosts that an organization chose: into the desk's own network only when the operator allows.

The name is looked up once, every address it has is judged, and the connection goes to a judged
address: a name that answers differently the second time gains nothing.
"""

import socket
from urllib.parse import urlsplit

from casso.config import settings
from casso.errors import GatewayError
from casso.gateways.unreachable import later
from casso.values.reach import Reach, reach_of

_DEFAULT_PORTS = {"postgresql+psycopg": 5432, "redis": 6379, "rediss": 6379, "http": 80, "https": 443}


def connect(host: str, port: int, timeout: float | None) -> socket.socket:
    """A TCP connection. Raises OSError as sockets do, and GatewayError (host_inside) when forbidden."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        _require_allowed(str(address[0]), port)
    problem: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, address in found:
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(timeout)
            made.connect(address)
        except OSError as error:
            made.close()
            problem = error
        else:
            return made
    raise problem


def _require_allowed(ip: str, port: int) -> None:
    reach = reach_of(ip)
    if reach is Reach.OUTSIDE:
        return
    if reach is Reach.NOWHERE or not settings().private_mail_hosts or port in _own_ports():
        raise _inside()


def _own_ports() -> set[int]:
    """Where the desk itself and its services listen: no mail server is there, whoever asks."""
    chosen = settings()
    addresses = [chosen.database_url, chosen.redis_url, chosen.s3_endpoint, f"smtp://{chosen.smtp_listen}"]
    parts = [urlsplit(address) for address in addresses if address]
    ports = {part.port or _DEFAULT_PORTS.get(part.scheme, 0) for part in parts}
    return ports | {chosen.port}


def _inside() -> GatewayError:
    return later("The mail server's address lies inside this desk's own network", "host_inside")
