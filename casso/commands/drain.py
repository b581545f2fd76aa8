"""`casso drain`: do all work that is due now, then return; for scripts and tests."""

import argparse
import json
from typing import TYPE_CHECKING

from casso import clock

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("drain", help="do all work that is due now, then return")
    parser.add_argument("--timeout", type=float, default=60, metavar="S", help="seconds to work at most")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when nothing is due any more, 1 when time ran out or a job failed."""
    from casso.jobs.schedule import DRAINED

    counts = {job.name: 0 for job in DRAINED}
    end = clock.ticks() + args.timeout
    is_finished = False
    while not is_finished and clock.ticks() < end:
        is_finished = True
        for job in DRAINED:
            done = job.run()
            counts[job.name] += done
            is_finished &= not done
    print(json.dumps(counts | {"finished": is_finished}) if args.json else _sentence(counts))
    return 0 if is_finished else 1


def _sentence(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
