"""What a person may write about themselves: a name of one line, a phone number of any country.

Neither is turned into a form of ours: people know how their name is spelled and how their
number is dialled. Only what would break a line, or let one name pose as another, goes.
"""

import re

from casso.rules.headers import clean_header

NAME_LIMIT = 60
PHONE_LIMIT = 40
# They turn the reading direction of what follows, so that a name could look like another.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# E.164 has at most 15 digits; an extension of six may follow.
_PHONE = re.compile(r"[+(]{0,2}\d[\d ()/.\-]*(?: ?(?:x|ext\.?|#) ?\d{1,6})?", re.IGNORECASE)
_LEAST_DIGITS, _MOST_DIGITS = 3, 21


def person_name(typed: str) -> str:
    """A first or last name in one line, at most NAME_LIMIT letters; empty when nothing is left."""
    return " ".join(clean_header(_TURNING.sub("", typed)).split())[:NAME_LIMIT].rstrip()


def phone_number(typed: str) -> str | None:
    """The number as it was typed, without blanks around it; None when it cannot be one."""
    number = typed.strip()
    if not number:
        return ""
    digits = sum(letter.isdecimal() for letter in number)
    is_one = len(number) <= PHONE_LIMIT and _PHONE.fullmatch(number) is not None
    return number if is_one and _LEAST_DIGITS <= digits <= _MOST_DIGITS else None


def shown_phone(number: str) -> str:
    """What the trail keeps of a number: that there is one, and how it ends."""
    return f"…{number[-2:]}" if number else ""
