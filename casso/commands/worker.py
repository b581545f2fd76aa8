"""`casso worker`: only the jobs: mail in, mail out, and everything the timetable says."""

import argparse
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("worker", help="only the jobs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Works until SIGTERM or Ctrl+C; 0 when everything ended in time. Raises SettingError for a wrong key."""
    from contextlib import suppress

    from sqlalchemy.exc import DBAPIError

    from casso import worker
    from casso.logs import set_up_logging
    from casso.services.sealing import require_key

    with suppress(DBAPIError):  # a database that is away now comes back while the worker waits
        require_key()
    set_up_logging("worker", logging.INFO)
    return worker.run()
