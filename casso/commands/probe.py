"""`casso probe`: try to get from one made-up organization into another, in a scratch folder.

`casso doctor --isolation` calls this in a process of its own and keeps the outcome.
"""

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import _SubParsersAction

OWN_APP = "casso.casso:app"


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("probe", help="try to get from one made-up organization into another")
    parser.add_argument("--surface", action="store_true", help="only list every handler and route as JSON")
    parser.add_argument("--app", default=OWN_APP, help="the program to try (casso.casso:app)")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when nothing leaked, 1 when something did or the probe could not see."""
    if args.surface:
        print(json.dumps(surface(args.app)))
        return 0
    return run_probe(args.app, is_json=args.json)


def run_probe(app: str, *, is_json: bool) -> int:
    """Try everything and print the outcome; the exit code."""
    from casso.services.probe.run import probe
    from casso.services.probe.scratch import ProbeFailed

    try:
        outcome = probe(app)
    except ProbeFailed as error:
        print(f"casso probe: {error}", file=sys.stderr)
        return 1
    if is_json:
        print(json.dumps(asdict(outcome)))
    else:
        print(outcome.summary)
        for leak in outcome.leaks:
            print(f"LEAK  {leak.sentence}")
    return 1 if outcome.leaks else 0


def surface(app: str) -> dict[str, list[dict[str, Any]]]:
    """Every handler of ours with the schema of its arguments, and every route, from the live registries."""
    importlib.import_module(app.partition(":")[0])
    from casso.ui import policy
    from casso.web.router import all_routes

    return {
        "handlers": [
            {"name": name, "short": short, "arguments": found.arguments.model_json_schema()}
            for name, short, found in policy.own_handlers()
        ],
        "routes": [{"method": method, "path": one.path} for one in all_routes() for method in one.methods],
    }
