"""`casso migrate`: bring the database's schema up; running it again changes nothing."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from casso.services.schema import NewerSchema, schema_state, upgrade

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("migrate", help="bring the database's schema up")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 at head, 1 when the database is newer than this version."""
    before = schema_state()
    try:
        after = upgrade()
    except NewerSchema as error:
        print(f"casso migrate: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({"before": before.current, "after": after.current}))
    elif before.is_current:
        print(f"The schema is at {after.current} already.")
    else:
        print(f"The schema is now at {after.current}.")
    return 0
