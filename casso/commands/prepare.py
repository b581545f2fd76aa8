"""`casso prepare`: bring the schema up; print the one-time code while no owner exists."""

import argparse
import sys
from typing import TYPE_CHECKING

from casso.config import settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("prepare", help="what `serve` does first: schema and one-time code")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the database is ready, 1 when it is away or belongs to a newer version."""
    from sqlalchemy.exc import OperationalError

    from casso.services.schema import NewerSchema, upgrade
    from casso.services.setup import is_set_up, setup_code

    try:
        upgrade()
    except NewerSchema as error:
        print(f"casso: {error}", file=sys.stderr)
        return 1
    except OperationalError as error:
        reason = str(error.orig).partition("\n")[0]
        print(f"casso: the database of CASSO_DATABASE_URL does not answer: {reason}", file=sys.stderr)
        return 1
    if not is_set_up():
        print(f"First visit: {settings().url}/set-up — the one-time code is {setup_code()}")
    return 0
