"""The privacy policy and the terms of use: the text, with the operator's names in it, and its version.

An operator's own text in the data folder (`policies/privacy.txt`, `policies/terms.txt`) goes
before ours. The version holds a digest of the text as it is shown, names filled in, so it
says exactly what somebody agreed to; a text changed by a letter has another one.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from casso.config import settings

_SHIPPED = Path(__file__).parent
_UPDATED = re.compile(r"^Last updated:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
# Whose texts the product ships: they stand in them until the operator is named in the settings.
_OPERATOR = "Auditech Consulting LLC, doing business as Casso"
_COMPANY = "Auditech Consulting LLC (DBA Casso)"
_EMAIL = "support@casso.app"


class PolicyKind(StrEnum):
    """What there is a text of; also its address and its file's name."""

    PRIVACY = "privacy"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Policy:
    """One text. `updated_on` is None when it does not say it; an own text's language is not known."""

    kind: PolicyKind
    text: str
    version: str
    updated_on: date | None
    language: str


def policy(kind: PolicyKind) -> Policy:
    """The text as it is shown today. Raises OSError or UnicodeError when an own one cannot be read."""
    own = settings().data_dir / "policies" / f"{kind}.txt"
    path = own if own.is_file() else _SHIPPED / f"{kind}.txt"
    text = _with_names(path.read_text(encoding="utf-8"))
    updated_on = _updated_on(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    version = f"{updated_on}.{digest}" if updated_on else digest
    return Policy(kind, text, version, updated_on, language="" if path == own else "en")


def contact_email() -> str:
    """The operator's address for questions about the texts."""
    return settings().operator_email or _EMAIL


def _with_names(text: str) -> str:
    name = settings().operator_name
    for gap, value in (
        ("{operator}", name or _OPERATOR),
        ("{company}", name or _COMPANY),
        ("{email}", contact_email()),
    ):
        text = text.replace(gap, value)
    return text


def _updated_on(text: str) -> date | None:
    """From the line `Last updated: November 25, 2024`, or with the date as 2024-11-25."""
    found = _UPDATED.search(text)
    for form in ("%B %d, %Y", "%Y-%m-%d") if found else ():
        try:
            return datetime.strptime(found[1], form).date()  # type: ignore[index]  # noqa: DTZ007 (a day)
        except ValueError:
            continue
    return None
