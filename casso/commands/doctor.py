"""`casso doctor`: check configuration, database, mail, storage, disk and clock, and say what to mend."""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("doctor", help="check everything and say what to mend")
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
    parser.add_argument(
        "--isolation", action="store_true",
        help="try every way from one made-up organization into another, in a scratch folder",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when all is well, 1 when something is to be mended."""
    if args.isolation:
        from casso.commands.probe import OWN_APP, run_probe

        return run_probe(OWN_APP, is_json=args.json)
    from casso.services.doctor import examine

    diagnosis = examine()
    if args.json:
        findings = {finding.name: asdict(finding) for finding in diagnosis.findings}
        print(json.dumps({"is_well": diagnosis.is_well, "findings": findings}))
    else:
        for finding in diagnosis.findings:
            print(f"{'ok   ' if finding.is_fine else 'WRONG'} {finding.name}: {finding.text}")
    return 0 if diagnosis.is_well else 1
