"""`casso serve`: start everything: schema, front end, web process and worker.

The schema is brought up by another process, so that this one, which only
watches, stays small.
"""

import argparse
import errno
import socket
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from casso import frontend, logs
from casso.config import settings
from casso.renewals import CertificateWatch
from casso.supervisor import Child, Supervisor, command_line

if TYPE_CHECKING:
    from argparse import _SubParsersAction

# Listening on every interface, the process is reached at the loopback one.
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("serve", help="start everything")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl+C; 0 when everything stopped in time, 1 when it could not start."""
    logs.set_up_logging("serve")
    chosen = settings()
    prepared = subprocess.run(command_line("prepare"), stdout=subprocess.PIPE, text=True, check=False)
    if prepared.returncode:
        return prepared.returncode
    if not frontend.is_current():
        print("Building the front end (only when it changed) …", flush=True)
        try:
            frontend.build()
        except frontend.BuildFailed as error:
            print(f"casso serve: {error}", file=sys.stderr)
            return 1
    hindrance = _hindrance(chosen.host, chosen.port)
    if hindrance:
        print(f"casso serve: {hindrance}", file=sys.stderr)
        return 1
    own_address = WILDCARDS.get(chosen.host, chosen.host)
    has_tls = bool(chosen.tls_cert)
    web = Child("web", command_line("web"), health=(own_address, chosen.port), has_tls=has_tls)
    if has_tls:
        web.renewed = CertificateWatch(chosen.tls_cert, chosen.tls_key).is_renewed
    children = [web, Child("worker", command_line("worker"))]
    greeting = f"\nCasso runs at {chosen.url}\n{prepared.stdout}Ctrl+C stops it.\n"
    state_file = chosen.data_dir / "processes.json"
    return Supervisor(children, state_file=state_file, on_ready=partial(print, greeting, flush=True)).run()


def _hindrance(host: str, port: int) -> str:
    """Why the port cannot be taken, else empty; without SO_REUSEPORT a running Casso is noticed too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"CASSO_PORT {port} is in use by another program"
            return f"CASSO_HOST {host} with CASSO_PORT {port} cannot be used: {error.strerror}"
    return ""
