"""Fetching new mail from one IMAP account, blocking, for a worker thread.

The cursor is UIDVALIDITY and the last UID; a mail is stored before the cursor passes
it, flags are never touched (the folder is opened read-only). A mail that cannot be
read twice is passed only once a later one could be read: else it is the network.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from casso import clock
from casso.errors import GatewayError
from casso.gateways.deadline import Deadline
from casso.gateways.imap_session import ImapSession, ImapTarget, MailHead
from casso.gateways.spool import Store

_FOLDER_CHANGED = "folder_changed"


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One account. `source` and `recipient` go into the spool with each mail.

    Mail that reached the server before `since` is passed over, also when the folder is
    read anew from its beginning; None takes everything in it.
    """

    target: ImapTarget
    source: str
    recipient: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImapCursor:
    """How far a folder was read; all zero before the first fetch."""

    uid_validity: int = 0
    last_uid: int = 0


@dataclass(frozen=True, slots=True)
class SkippedMail:
    """A mail that was passed without being stored; `code` is too_large or unreadable."""

    uid: int
    size: int
    code: str


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What one fetch did. Save `cursor` even when there was a `problem`: it is right up to there."""

    cursor: ImapCursor
    stored: int = 0
    skipped: tuple[SkippedMail, ...] = ()
    has_more: bool = False
    problem: GatewayError | None = None


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """Whether an account works: `code` is ok or what is wrong, `detail` the server's own words."""

    code: str
    detail: str = ""
    message_count: int = 0

    @property
    def is_ok(self) -> bool:
        """Whether mail can be fetched."""
        return self.code == "ok"


def fetch_new(
    account: ImapAccount,
    cursor: ImapCursor,
    *,
    store: Store,
    limit: int = 100,
    size_limit: int = 30 * 1024 * 1024,
    timeout_seconds: float = 30,
    budget_seconds: float = 300,
) -> FetchReport:
    """Store up to `limit` mails that came after the cursor. Problems are in the report, not raised."""
    with Deadline(budget_seconds) as deadline:
        fetch = _Fetch(account, cursor, store, size_limit, timeout_seconds, deadline)
        try:
            fetch.run(limit, stop_at=clock.ticks() + budget_seconds / 2)
        except GatewayError as error:
            fetch.problem = error
        finally:
            fetch.close()
    return FetchReport(fetch.cursor, fetch.stored, tuple(fetch.skipped), fetch.has_more, fetch.problem)


def check_connection(
    target: ImapTarget, *, timeout_seconds: float = 15, budget_seconds: float = 40
) -> ConnectionReport:
    """Connect, sign in, open the folder, and say what is wrong if anything is."""
    with Deadline(budget_seconds) as deadline:
        try:
            session = ImapSession(target, timeout_seconds, deadline)
        except GatewayError as error:
            return ConnectionReport(error.code, error.text)
        session.close()
        return ConnectionReport("ok", message_count=session.message_count)


@dataclass
class _Fetch:
    """One run: the session, how far it came, and the mail that may be unreadable."""

    account: ImapAccount
    cursor: ImapCursor
    store: Store
    size_limit: int
    timeout_seconds: float
    deadline: Deadline
    stored: int = 0
    has_more: bool = False
    problem: GatewayError | None = None
    skipped: list[SkippedMail] = field(default_factory=list)
    _session: ImapSession | None = None
    _suspect: tuple[SkippedMail, GatewayError] | None = None

    def run(self, limit: int, *, stop_at: float) -> None:
        session = self._connected()
        self._settle_validity(session)
        uids = session.uids_after(self.cursor.last_uid, limit + 1)
        self.has_more = len(uids) > limit
        heads = session.heads(uids[:limit])
        for uid in uids[:limit]:
            if clock.ticks() > stop_at:
                self.has_more = True
                break
            self._take(uid, heads.get(uid))
        if self._suspect:
            raise self._suspect[1]

    def close(self) -> None:
        if self._session:
            self._session.close()

    def _settle_validity(self, session: ImapSession) -> None:
        """Start again when the folder was made anew; duplicates are recognised further on."""
        if self.cursor.uid_validity == session.uid_validity:
            return
        since = self.account.since
        begin = session.first_uid_since(since) - 1 if since else 0
        self.cursor = ImapCursor(session.uid_validity, begin)

    def _take(self, uid: int, head: MailHead | None) -> None:
        if head is None:  # somebody else removed it since the search
            return self._pass(uid)
        if self.account.since and head.arrived_at and head.arrived_at < self.account.since:
            return self._pass(uid)
        if head.size > self.size_limit:
            self.skipped.append(SkippedMail(uid, head.size, "too_large"))
            return self._pass(uid)
        try:
            raw = self._read_twice(uid)
        except GatewayError as error:
            if self._suspect or error.code == _FOLDER_CHANGED:
                raise
            self._suspect = SkippedMail(uid, head.size, "unreadable"), error
            return None
        if raw is not None:
            self._keep(uid, raw)
            self._clear_suspect()
        return self._pass(uid)

    def _read_twice(self, uid: int) -> bytes | None:
        """The mail, with a fresh connection for the second try; None when it is gone."""
        try:
            return self._connected().raw(uid, self.size_limit)
        except GatewayError:
            return self._reconnected().raw(uid, self.size_limit)

    def _keep(self, uid: int, raw: bytes) -> None:
        """Store the mail; when that fails the cursor stays before it and the fetch ends."""
        self.store(
            raw,
            source=self.account.source,
            recipient=self.account.recipient,
            sender="",
            detail=f"uid {self.cursor.uid_validity}/{uid}",
            received_at=clock.now(),
        )
        self.stored += 1

    def _clear_suspect(self) -> None:
        if self._suspect:
            self.skipped.append(self._suspect[0])
            self._suspect = None

    def _pass(self, uid: int) -> None:
        if not self._suspect:
            self.cursor = replace(self.cursor, last_uid=uid)

    def _connected(self) -> ImapSession:
        if not self._session or self._session.is_closed:
            self._session = ImapSession(self.account.target, self.timeout_seconds, self.deadline)
        return self._session

    def _reconnected(self) -> ImapSession:
        """A fresh connection to the same folder; the UIDs in hand mean nothing in another one."""
        self.close()
        self._session = None
        session = self._connected()
        if session.uid_validity != self.cursor.uid_validity:
            raise GatewayError("The folder was made anew meanwhile", permanent=False, code=_FOLDER_CHANGED)
        return session
