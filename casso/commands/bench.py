"""`casso bench`: measure this machine with a filled desk in a scratch folder, never in the real data."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("bench", help="measure this machine in a scratch folder")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tickets", type=int, default=10_000, help="how many made-up tickets (10,000)")
    what.add_argument("--corpus", type=Path, help="a file of one JSON ticket a line instead")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database instead of SQLite")
    parser.add_argument("--agents", type=int, default=50, help="how many open inboxes (50)")
    parser.add_argument("--no-desk", action="store_true", help="only database figures; start no processes")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 with the figures on standard output, 1 when they could not be taken."""
    from casso.services.bench import desk
    from casso.services.bench.run import BenchOptions, NotEmpty
    from casso.services.bench.run import run as measure

    if args.corpus is not None and not args.corpus.is_file():
        print(f"casso bench: {args.corpus} is not a file", file=sys.stderr)
        return 2
    options = BenchOptions(
        tickets=args.tickets,
        agents=args.agents,
        corpus=args.corpus.resolve() if args.corpus else None,
        database=args.database,
        with_desk=not args.no_desk,
    )
    try:
        figures = measure(options)
    except (NotEmpty, desk.DeskFailed, ValueError) as error:
        print(f"casso bench: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:22} {'–' if value is None else value}")
    return 1 if "failed" in figures else 0
