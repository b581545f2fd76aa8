"""`casso build`: build the front end when its sources changed."""

import argparse
import sys
from typing import TYPE_CHECKING

from casso import frontend

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("build", help="build the front end when its sources changed")
    parser.add_argument("--force", action="store_true", help="also when nothing changed")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when a finished build stands, 1 when it could not be made."""
    if frontend.is_current() and not args.force:
        return 0
    print("Building the front end …", file=sys.stderr)
    try:
        frontend.build()
    except frontend.BuildFailed as error:
        print(f"casso build: {error}", file=sys.stderr)
        return 1
    return 0
