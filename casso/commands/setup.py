"""`casso setup`: the first organization, its owner and its mailbox, from the command line.

The password comes on standard input, so that it stands in no process list and no history.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from casso.errors import CassoError
from casso.services import schema, setup
from casso.words import word

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("setup", help="create the first organization, its owner and its mailbox")
    parser.add_argument("--organization", required=True, help="the organization's name")
    parser.add_argument("--email", required=True, help="the owner signs in with it")
    parser.add_argument("--name", default="", help="the owner's first and last name")
    parser.add_argument("--password-stdin", action="store_true", required=True, help="read the password")
    parser.add_argument("--mailbox", default="", help="the address customers write to")
    parser.add_argument("--another", action="store_true", help="one more organization beside the first")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 done, 1 refused (with the reason on standard error)."""
    schema.upgrade()
    first, _, last = args.name.strip().partition(" ")
    form = setup.SetupForm(
        organization=args.organization,
        email=args.email,
        password=sys.stdin.readline().rstrip("\r\n"),
        first_name=first,
        last_name=last,
        mailbox=args.mailbox,
    )
    try:
        actor = setup.set_up(form, another=args.another)
    except CassoError as error:
        print(f"casso setup: {word('en', error.key, **error.values)}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({"organization_id": actor.organization_id, "account_id": actor.account_id}))
    else:
        print(f"{args.organization} is set up; sign in as {actor.email}.")
    return 0
