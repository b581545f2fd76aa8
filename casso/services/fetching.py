"""Fetches due IMAP accounts into the spool. A lease keeps two workers from fetching the same one.

The cursor is saved after the mails are safe in the spool; a crash between the two
fetches some of them again, and the spool recognises them. Failures wait longer and
longer, because a refused sign-in repeated every few seconds locks accounts.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import ChangeKind, MailSource
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import imap, processes, secrets, spool
from casso.models import ImapAccount, Mailbox
from casso.services.mailboxes import target_of
from casso.services.trail import announce, record

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than one fetch may take
BUDGET_SECONDS = 60.0
POLL_EVERY = timedelta(seconds=20)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to fetch one account until that moment."""

    account: ImapAccount
    address: str
    until: datetime

    @property
    def actor(self) -> Actor:
        """Who fetches: the organization's jobs."""
        return Actor.system(self.account.organization_id)


def claim_due(limit: int = 20) -> list[Claim]:
    """Claim accounts whose time has come, the longest waiting first."""
    moment = now()
    with reading() as session, across_organizations(session, "claims on IMAP accounts"):
        due = session.exec(
            select(ImapAccount.id, ImapAccount.organization_id)
            .where(col(ImapAccount.is_enabled).is_(True))
            .where(col(ImapAccount.next_poll_at).is_(None) | (col(ImapAccount.next_poll_at) <= moment))
            .where(col(ImapAccount.lease_until).is_(None) | (col(ImapAccount.lease_until) <= moment))
            .order_by(col(ImapAccount.next_poll_at), col(ImapAccount.id))
            .limit(limit)
        ).all()
    claims = [_claim(organization_id, account_id or 0) for account_id, organization_id in due]
    return [claim for claim in claims if claim]


def fetch(claim: Claim) -> int:
    """Fetch what is new; returns how many mails were stored. The outcome is kept with the account."""
    account = claim.account
    cursor = imap.ImapCursor(account.uid_validity, account.last_uid)
    try:
        password = secrets.decrypt(account.password_sealed)
    except GatewayError as error:
        report = imap.FetchReport(cursor, problem=error)
    else:
        source = imap.ImapAccount(
            target_of(account, password),
            source=MailSource.IMAP,
            recipient=claim.address,
            since=account.take_from,
        )
        report = imap.fetch_new(
            source, cursor, store=spool.store, limit=AT_ONCE, budget_seconds=BUDGET_SECONDS
        )
    failpoint("fetching.stored")
    _save(claim, report)
    return report.stored


def _claim(organization_id: int, account_id: int) -> Claim | None:
    """The account, now leased to us; None when another worker was faster."""
    moment = now()
    until = moment + LEASE
    with transaction(organization_id) as session:
        claimed = session.execute(
            update(ImapAccount)
            .where(
                col(ImapAccount.organization_id) == organization_id,
                col(ImapAccount.id) == account_id,
                col(ImapAccount.lease_until).is_(None) | (col(ImapAccount.lease_until) <= moment),
                col(ImapAccount.next_poll_at).is_(None) | (col(ImapAccount.next_poll_at) <= moment),
            )
            .values(lease_until=until, lease_owner=processes.new_mark())
        )
        if not claimed.rowcount:  # type: ignore[attr-defined]
            return None
        account, address = session.exec(
            select(ImapAccount, Mailbox.address).where(
                ImapAccount.organization_id == organization_id,
                ImapAccount.id == account_id,
                Mailbox.organization_id == organization_id,
                Mailbox.id == ImapAccount.mailbox_id,
            )
        ).one()
    return Claim(account, address, until)


def _save(claim: Claim, report: imap.FetchReport) -> None:
    """Keep cursor and outcome, unless the settings were changed or the lease passed on meanwhile."""
    problem = report.problem
    failures = claim.account.failures + 1 if problem else 0
    with transaction(claim.actor.organization_id) as session:
        saved = session.execute(
            update(ImapAccount)
            .where(
                col(ImapAccount.organization_id) == claim.actor.organization_id,
                col(ImapAccount.id) == claim.account.id,
                col(ImapAccount.lease_until) == claim.until,
            )
            .values(
                uid_validity=report.cursor.uid_validity,
                last_uid=report.cursor.last_uid,
                lease_until=None,
                next_poll_at=_next_poll(report, failures),
                checked_at=now(),
                failures=failures,
                error_code=(problem.code or "other") if problem else "",
            )
        )
        if saved.rowcount != 1:  # type: ignore[attr-defined]
            log.warning("fetch overtaken", extra={"imap_account_id": claim.account.id})
            return
        _note(session, claim, report)


def _note(session: Session, claim: Claim, report: imap.FetchReport) -> None:
    """What a person should see: mails that were passed over, and a change between well and not well."""
    for skipped in report.skipped:
        record(session, claim.actor, "mail.skipped", before=f"{skipped.uid}", after=skipped.code)
    if bool(report.problem) != bool(claim.account.error_code):
        announce(session, claim.actor, ChangeKind.SETTINGS)
    if report.problem:
        code = report.problem.code
        log.warning("mail not fetched: %s", code, extra={"imap_account_id": claim.account.id})


def _next_poll(report: imap.FetchReport, failures: int) -> datetime:
    if report.problem:
        doubled: int = 2 ** min(failures - 1, 10)
        return now() + min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return now() if report.has_more else now() + POLL_EVERY
