"""`casso prepare`: bring the schema up, refuse a wrong key, print the one-time code while no owner exists.

What an older listed key sealed is sealed anew with the newest, so the older one can be taken out.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from casso.clock import now
from casso.config import settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = parser_group.add_parser("prepare", help="what `serve` does first: schema and one-time code")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the database is ready, 1 when it is away, belongs to a newer version or has another key."""
    from sqlalchemy.exc import OperationalError

    from casso.services.schema import NewerSchema, upgrade
    from casso.services.sealing import require_key, turn_keys
    from casso.services.setup import is_set_up, setup_code

    try:
        upgrade()
    except NewerSchema as error:
        print(f"casso: {error}", file=sys.stderr)
        return 1
    except OperationalError as error:
        reason = str(error.orig).partition("\n")[0]
        print(f"casso: the database of CASSO_DATABASE_URL does not answer: {reason}", file=sys.stderr)
        return 1
    require_key()
    _warn_of_certificate()
    turned = turn_keys()
    if turned:
        print(f"{turned} stored secrets were sealed anew with the newest key of CASSO_SECRET_KEY.")
    if not is_set_up():
        print(f"First visit: {settings().url}/set-up — the one-time code is {setup_code()}")
    return 0


def _warn_of_certificate() -> None:
    """An expired certificate is told, not refused: mail still comes in, a renewed one loads by itself."""
    from casso.gateways.certificates import read_certificate

    if settings().tls_cert:
        ended = read_certificate(settings().tls_cert).valid_until
        if ended < now():
            said = (
                f"the certificate of CASSO_TLS_CERT ended on {ended:%Y-%m-%d}: browsers refuse it. Renew it"
            )
            print(f"casso: {said}", file=sys.stderr)
