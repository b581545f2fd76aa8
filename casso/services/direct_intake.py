"""A raw mail through the real intake, but not through the spool: for the demo and for measuring.

The worker cannot see such a mail, so nothing competes for it and its moment is the caller's.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import insert

from casso.access import Actor
from casso.clock import now
from casso.db import transaction
from casso.enums import MailSource, SpoolState
from casso.models import SpooledMail
from casso.services import intake_files
from casso.services.intake import Arrival, Lease, Received, receive
from casso.services.reading import read_mail
from casso.values.mail import Envelope

LEASE = timedelta(minutes=5)


def take_in(actor: Actor, mailbox_id: int, raw: bytes, *, recipient: str, sender: str = "") -> Received:
    """Take a mail in for a mailbox of the actor's organization, now (as casso.clock says)."""
    moment = now()
    envelope = Envelope(
        source=MailSource.TEST,
        recipient=recipient,
        sender=sender,
        digest=hashlib.sha256(raw).hexdigest(),
        received_at=moment,
    )
    lease = Lease(spool_id=secrets.token_hex(32), until=moment + LEASE)
    with transaction(actor.organization_id) as session:
        session.execute(
            insert(SpooledMail).values(
                spool_id=lease.spool_id,
                source=envelope.source,
                recipient=envelope.recipient,
                digest=envelope.digest,
                state=SpoolState.CLAIMED,
                lease_until=lease.until,
                received_at=moment,
            )
        )
    arrival = Arrival.of(envelope, raw, read_mail(raw))
    return receive(actor, mailbox_id, arrival, intake_files.store(actor, arrival), lease)
