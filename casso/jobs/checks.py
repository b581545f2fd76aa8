"""Looks at the desk's own security: when a month has passed, and when an operator asks."""

from casso.jobs.stopping import stopping
from casso.services.checks.runs import run_due


def check_due() -> int:
    """Returns how many checks ended; what runs when the process stops is left to the next."""
    return run_due(stopping.is_set)
