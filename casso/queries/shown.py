"""How stored values appear in rows: names, initials, moments and files."""

from datetime import datetime

from casso.models import Attachment
from casso.queries.rows import FileRow

LARGEST_ID = 2**31 - 1  # PostgreSQL refuses to compare an id with more; SQLite would just not find it


def is_id(number: int) -> bool:
    """Whether a row could have this id or number; anything else exists nowhere."""
    return 0 < number <= LARGEST_ID


def iso(moment: datetime | None) -> str:
    """UTC in ISO 8601 ending in Z, to the millisecond; empty for none."""
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def full_name(first_name: str | None, last_name: str | None, email: str | None) -> str:
    """A person's name; without one, what stands before the @."""
    return f"{first_name or ''} {last_name or ''}".strip() or (email or "").partition("@")[0]


def initials(name: str) -> str:
    """One or two letters for the round mark."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper()


def picture(account_id: int | None, key: str | None) -> str:
    """Where the account's picture is fetched, below /pictures/ (a new one elsewhere); empty for none."""
    return f"{account_id}/{key[-8:]}" if account_id and key else ""


def file_row(found: Attachment) -> FileRow:
    """An attachment as a screen sees it; `is_image` only when its bytes were checked to be one."""
    return FileRow(
        id=found.public_id,
        name=found.filename,
        size=found.size,
        content_type=found.content_type,
        is_image=found.may_show,
    )
