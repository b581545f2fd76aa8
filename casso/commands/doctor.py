"""`casso doctor`: check configuration, database, mail, storage, disk and clock, and say what to mend."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from casso.enums import CheckKind
    from casso.services.checks.findings import Found


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("doctor", help="check everything and say what to mend")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--isolation",
        action="store_true",
        help="try every way from one made-up organization into another (some minutes)",
    )
    what.add_argument(
        "--security",
        action="store_true",
        help="the same, then settings, headers, packages, rights of files, database role and trail",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when all is well, 1 when something is to be mended."""
    if args.isolation or args.security:
        return run_checks(is_whole=args.security, is_json=args.json)
    from casso.services.doctor import examine

    diagnosis = examine()
    if args.json:
        findings = {finding.name: asdict(finding) for finding in diagnosis.findings}
        print(json.dumps({"is_well": diagnosis.is_well, "findings": findings}))
    else:
        for finding in diagnosis.findings:
            print(f"{'ok   ' if finding.is_fine else 'WRONG'} {finding.name}: {finding.text}")
    return 0 if diagnosis.is_well else 1


def run_checks(*, is_whole: bool, is_json: bool) -> int:
    """Do and keep the checks; notices alone are no reason to fail."""
    from casso.enums import CheckKind, Level

    kinds = tuple(CheckKind) if is_whole else (CheckKind.ISOLATION,)
    found = {kind: _found(kind) for kind in kinds}
    everything = [one for findings in found.values() for one in findings or ()]
    is_well = None not in found.values() and all(one.level is not Level.WRONG for one in everything)
    if is_json:
        told = {kind.value: [one.as_json() for one in findings or ()] for kind, findings in found.items()}
        print(json.dumps({"is_well": is_well, "findings": told}))
    else:
        marks = {Level.FINE: "ok   ", Level.NOTICE: "note ", Level.WRONG: "WRONG"}
        for one in everything:
            print(f"{marks[one.level]} {one.sentence()}")
    return 0 if is_well else 1


def _found(kind: "CheckKind") -> "list[Found] | None":
    """What a check found; None when another process is at it, or nothing can be kept."""
    from sqlalchemy.exc import SQLAlchemyError

    from casso.services.checks import runs

    try:
        found = runs.run_now(kind)
    except SQLAlchemyError as error:
        advice = "see `casso doctor`, perhaps run `casso migrate` first"
        print(f"casso doctor: nothing can be kept ({type(error).__name__}): {advice}", file=sys.stderr)
        return None
    if found is None:
        print(f"casso doctor: the check {kind} runs already", file=sys.stderr)
    return found
