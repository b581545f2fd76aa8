"""`casso mail-in`: take one raw mail on standard input, as a mail server's pipe hands it over.

Exit code 0 means safely stored. Everything else is 75 (EX_TEMPFAIL, sysexits.h):
the mail server keeps the mail and comes again.
"""

import argparse
import json
import logging
import sys
from typing import TYPE_CHECKING

from casso import clock
from casso.config import SettingError
from casso.enums import MailSource
from casso.gateways import spool

if TYPE_CHECKING:
    from argparse import _SubParsersAction

log = logging.getLogger(__name__)

TRY_AGAIN_LATER = 75
SIZE_LIMIT = 50 * 1024 * 1024


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("mail-in", help="take one raw mail on standard input")
    parser.add_argument(
        "--to", default="", help="the envelope recipient; without it the mail's headers decide"
    )
    parser.add_argument("--from", dest="sender", default="", help="the envelope sender")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 stored (the spool id is printed), 75 try again later."""
    try:
        raw = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        if not raw or len(raw) > SIZE_LIMIT:
            print("casso mail-in: the mail is empty or too large", file=sys.stderr)
            return TRY_AGAIN_LATER
        spool_id = spool.store(
            raw,
            source=MailSource.PIPE,
            recipient=args.to.strip().lower(),
            sender=args.sender,
            received_at=clock.now(),
        )
    except SettingError as error:
        print(f"casso mail-in: {error}", file=sys.stderr)
        return TRY_AGAIN_LATER
    except Exception as error:  # any other exit code would make the mail server give the mail up
        log.error("mail not stored", exc_info=error)
        return TRY_AGAIN_LATER
    print(json.dumps({"spool_id": spool_id}) if args.json else spool_id)
    return 0
