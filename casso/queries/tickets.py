"""What the screens read, in one place to import from; the statements live in the modules named below."""

from casso.queries.desk import get_organization, list_mailboxes
from casso.queries.people import get_me, list_accounts, list_teams
from casso.queries.quarantine import list_quarantine, list_unrouted
from casso.queries.queues import count_queues, get_row, list_queue, look_at_queue
from casso.queries.ticket_pages import MessageFrame, get_message_frame, get_ticket

__all__ = [
    "MessageFrame", "count_queues", "get_me", "get_message_frame", "get_organization", "get_row",
    "get_ticket", "list_accounts", "list_mailboxes", "list_quarantine", "list_queue", "list_teams",
    "list_unrouted", "look_at_queue",
]  # fmt: skip
