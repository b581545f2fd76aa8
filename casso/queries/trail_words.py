"""What an entry of the trail says in words: one sentence an action, from the catalogue.

Made on the server, for the page and for the export alike. An action without a
sentence is shown as it is stored, with what was before and after.
"""

import re

from casso.words import has_word, word

SENTENCE, KIND = "web.trail.", "web.trail_kind."
# Stored values that have a word of their own.
_SPOKEN = {"ticket.status": "status.", "ticket.priority": "priority.", "ticket.work_type": "work_type."}
# Values that begin with what they are about: `ben@example.test: agent`, `help@example.test; port: 993`.
_ABOUT = {"mailbox.changed": "; ", "mailbox.imap_changed": "; ", "member.role": ": ", "member.view": ": "}
_GAP = re.compile(r"\{\w+\}")


def sentence(
    locale: str, action: str, *, account_id: int | None, who: str, ticket: int, before: str, after: str
) -> str:
    """The sentence in the reader's language."""
    if not has_word(SENTENCE + action):
        values = " → ".join(filter(None, (before, after)))
        return f"{action}: {values}" if values else action
    key = SENTENCE + action
    if not after and has_word(f"{key}_none"):
        key = f"{key}_none"
    of, was, became = _apart(action, before, after)
    return word(
        locale,
        key,
        who=who or _nobody(locale, account_id),
        ticket=_ticket(locale, ticket),
        of=of,
        before=_value(locale, action, was),
        after=_value(locale, action, became),
    )


def kind_of(action: str) -> str:
    """The kind of thing that an action is about."""
    return action.partition(".")[0]


def kind_name(locale: str, kind: str) -> str:
    """The kind in words; one without a word as it is."""
    return word(locale, KIND + kind) if has_word(KIND + kind) else kind


def speaks_of(locale: str, action: str, kind: str, words: str) -> bool:
    """Whether an action is of that kind, and the words stand in its name or in its sentence."""
    if kind and kind_of(action) != kind:
        return False
    said = _GAP.sub("", word(locale, SENTENCE + action)) if has_word(SENTENCE + action) else ""
    wanted = words.strip().casefold()
    return wanted in action.casefold() or wanted in said.casefold()


def _nobody(locale: str, account_id: int | None) -> str:
    """Who acted, when no name is kept: the desk itself, or a person whose name was erased."""
    if account_id is None:
        return word(locale, "web.trail.casso")
    return word(locale, "web.trail.a_person", id=account_id)


def _ticket(locale: str, number: int) -> str:
    return word(locale, "ticket.number", number=number) if number else word(locale, "web.trail.no_ticket")


def _apart(action: str, before: str, after: str) -> tuple[str, str, str]:
    """What the values are about, and the values without it."""
    mark = _ABOUT.get(action, "")
    if not mark or mark not in before or mark not in after:
        return "", before, after
    of, _, was = before.partition(mark)
    now_of, _, became = after.partition(mark)
    return (of, was, became) if of == now_of else (now_of, was, became)


def _value(locale: str, action: str, value: str) -> str:
    if not value:
        return word(locale, "web.trail.nothing")
    key = _SPOKEN.get(action, "") + value
    return word(locale, key) if action in _SPOKEN and has_word(key) else value
