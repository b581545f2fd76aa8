"""Which handlers count as the use of a page or a feature, and the task that writes the counts now and then.

The guard tells every event it let through; what is not in the list is never counted, and
arguments are never looked at.
"""

import asyncio
import logging
from functools import cache

from casso.access import Actor
from casso.enums import Use
from casso.services import usage
from casso.ui import policy
from casso.ui.bridge import in_thread

logger = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 20.0
COUNTED: dict[str, Use] = {
    "OpenTicket.leave": Use.INBOX,
    "OpenTicket.arrive": Use.TICKET,
    "Desk.search": Use.SEARCH,
    "Composer.submit": Use.WRITE,
    "Composer.undo": Use.UNDO,
    "Properties.assign": Use.ASSIGN,
    "Properties.assign_team": Use.ASSIGN,
    "Properties.set_status": Use.STATUS,
    "Properties.set_priority": Use.PROPERTIES,
    "Properties.set_work_type": Use.PROPERTIES,
    "Properties.write_category": Use.PROPERTIES,
    "Properties.write_tags": Use.PROPERTIES,
    "General.arrive": Use.GENERAL,
    "Members.arrive": Use.MEMBERS,
    "Teams.arrive": Use.TEAMS,
    "Roles.arrive": Use.ROLES,
    "Mailboxes.arrive": Use.MAILBOXES,
    "Quarantine.arrive": Use.QUARANTINE,
    "Activity.arrive": Use.ACTIVITY,
    "Profile.arrive": Use.PROFILE,
    "Appearance.arrive": Use.APPEARANCE,
    "Password.arrive": Use.SECURITY,
    "Sessions.arrive": Use.SESSIONS,
}


def note_event(actor: Actor, name: str) -> None:
    """An event of that registered name was let through."""
    if actor.usage_agreed_at is not None and (used := _by_name().get(name)) is not None:
        usage.note(actor, used)


async def keep_usage() -> None:
    """Write what was noted until the process stops; counts that cannot be written are lost, no more."""
    while True:
        await asyncio.sleep(WRITE_EVERY_SECONDS)
        try:
            await in_thread(usage.keep_noted)
        except Exception:
            logger.exception("usage could not be written", extra={"event": "usage.failed"})


@cache
def _by_name() -> dict[str, Use]:
    return {name: COUNTED[short] for name, short, _ in policy.own_handlers() if short in COUNTED}
