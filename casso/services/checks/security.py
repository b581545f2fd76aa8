"""The whole look at the desk's own security, check by check; one that breaks is itself a finding."""

from collections.abc import Callable

from casso import db
from casso.config import settings
from casso.services.checks.findings import Found, fine, wrong
from casso.services.checks.of_files import check_files
from casso.services.checks.of_headers import check_headers
from casso.services.checks.of_packages import check_packages
from casso.services.checks.of_settings import check_mailboxes, check_settings
from casso.services.doctor_trail import check_trail
from casso.services.doctor_walls import check_walls

Check = Callable[[], list[Found]]


def look() -> list[Found]:
    """Every finding, in the order of the checks."""
    chosen = settings()
    checks: dict[str, Check] = {
        "settings": lambda: check_settings(chosen),
        "mailboxes": check_mailboxes,
        "files": lambda: check_files(chosen),
        "headers": lambda: check_headers(chosen),
        "packages": check_packages,
        "walls": _walls,
        "trail": _trail,
    }
    found: list[Found] = []
    for name, check in checks.items():
        try:
            found += check()
        except Exception as error:
            found.append(wrong("broken", name=name, error=type(error).__name__))
    return found


def _walls() -> list[Found]:
    if db.engine().dialect.name != "postgresql":
        return [fine("walls_sqlite")]
    return [fine("walls_fine") if one.is_fine else wrong("walls_wrong") for one in check_walls()]


def _trail() -> list[Found]:
    return [
        fine("trail_fine", chains=str(one.values.get("chains", 0))) if one.is_fine else wrong("trail_wrong")
        for one in check_trail()
    ]
