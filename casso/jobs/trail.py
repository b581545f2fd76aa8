"""Once a day: shorten and prune the trail as each organization has set, then verify and sign every chain."""

from casso.services.trail_checking import note_checks
from casso.services.trail_keeping import keep_to_rules


def look_after_trail() -> int:
    """Returns how many rows went or were shortened, and how many chains do not hold."""
    return keep_to_rules() + note_checks()
