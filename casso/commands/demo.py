"""`casso demo`: fill an organization with realistic, varied tickets."""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("demo", help="fill an organization with realistic, varied tickets")
    parser.add_argument("--tickets", type=_count, default=400, help="how many (400)")
    parser.add_argument("--seed", default="1", help="the same seed tells the same stories")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the tickets are there."""
    from casso.services import demo, schema

    schema.upgrade()
    result = demo.fill(tickets=args.tickets, seed=args.seed)
    if args.json:
        print(json.dumps(asdict(result)))
        return 0
    print(
        f"{result.organization}: {result.tickets} tickets, {result.messages} messages in {result.seconds} s."
    )
    if result.password:
        print(f"Sign in as {result.email} with the password {result.password}")
    return 0


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 20_000:
        raise argparse.ArgumentTypeError("must be from 1 to 20,000")
    return number
