"""A free loopback port, for programs that cannot be asked to choose one."""

import socket


def free_port() -> int:
    """A port nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
