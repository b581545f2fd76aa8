"""`casso web`: only the web process, from a finished build; needs no Node."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casso import frontend
from casso.config import settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction

# Open sockets are closed after this long when the process has to stop.
STOP_SECONDS = 3


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("web", help="only the web process")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.chdir(frontend.ROOT)
    os.environ.update(frontend.serve_environment())
    chosen = settings()
    chosen.scratch_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(chosen.scratch_dir)
    Server(
        "casso.casso:app",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=_log_settings(),
        ssl_cert=Path(chosen.tls_cert) if chosen.tls_cert else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
    ).serve()
    return 0


def _log_settings() -> dict[str, Any]:
    """Granian's own lines in our format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": "casso.logs.JsonFormatter", "process": "web"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}
        },
        "loggers": {
            "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "granian.access": {"handlers": [], "level": "WARNING", "propagate": False},
        },
    }
