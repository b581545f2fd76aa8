"""`casso retry-unrouted`: route all mail that found no mailbox once more, however old.

What finds one now goes back into the queue, where the worker (or `casso drain`) takes it in.
"""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("retry-unrouted", help="route mail that found no mailbox once more")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0, whatever was found."""
    from casso.services.unrouted import try_all_again

    done = try_all_again()
    said = f"{done.looked_at} mails looked at, {done.found} found a mailbox"
    print(json.dumps(asdict(done)) if args.json else said)
    return 0
