"""The command line: one module a command in casso/commands, found by its file name.

A module has `add_to(parser_group)` and sets `run` as default; its first line of
documentation is the help text. Only the module that is called is imported, so
that the overview and a wrong word answer at once. Exit codes: 0 done, 1 failed,
2 misused.
"""

import argparse
import ast
import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from casso.config import SettingError
from casso.errors import CassoError, GatewayError
from casso.logs import set_up_logging

FOLDER = Path(__file__).parent / "commands"


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    known = command_modules()
    called = next((word for word in arguments if not word.startswith("-")), "")
    parser = argparse.ArgumentParser(prog="casso", description="Casso, a customer-support desk.")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in known.items():
        if name == called:
            importlib.import_module(f"casso.commands.{module}").add_to(group)
        elif called not in known:
            group.add_parser(name, help=summary(module))
    return _run(parser.parse_args(arguments), called)


def command_modules() -> dict[str, str]:
    """Module name by command name: mail_in.py is `mail-in`."""
    stems = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    return {stem.replace("_", "-"): stem for stem in stems}


def summary(module: str) -> str:
    """The first line of a command's documentation, without importing it."""
    text = ast.get_docstring(ast.parse((FOLDER / f"{module}.py").read_text())) or ""
    return text.partition("\n")[0].partition(": ")[2]


def _run(parsed: argparse.Namespace, called: str) -> int:
    set_up_logging(called, logging.WARNING)
    try:
        code: int = parsed.run(parsed)
    except SettingError as error:
        return _failed(called, str(error))
    except CassoError as error:
        from casso.words import word

        return _failed(called, word("en", error.key, **error.values))
    except GatewayError as error:
        return _failed(called, error.text)
    except KeyboardInterrupt:
        return 1
    return code


def _failed(called: str, text: str) -> int:
    print(f"casso {called}: {text}", file=sys.stderr)
    return 1
