"""One signed-in IMAP connection with a folder opened read-only; imap-tools on top of imaplib.

Every failure leaves as a GatewayError whose code says what is wrong. The client class
exists to put the deadline on the socket before the first byte is read.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from imap_tools import AND, BaseMailBox, ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from casso.errors import GatewayError
from casso.gateways.deadline import Deadline
from casso.gateways.egress import connect
from casso.gateways.unreachable import explain, later, plain_words

_HEAD = re.compile(rb"(?=.*\bUID (\d+))(?=.*\bRFC822\.SIZE (\d+))", re.DOTALL)
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LITERAL_SLACK = 64 * 1024


@dataclass(frozen=True, slots=True)
class ImapTarget:
    """Server, sign-in and folder. `none` sends the password in the clear."""

    host: str
    username: str
    password: str = field(repr=False)
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class MailHead:
    """What is asked of a mail before its bytes; `arrived_at` is None when the server does not say."""

    size: int
    arrived_at: datetime | None


class ImapSession:
    """Connects when made. Raises GatewayError, and so does every method."""

    def __init__(self, target: ImapTarget, timeout_seconds: float, deadline: Deadline) -> None:
        if _CONTROL.search(target.host + target.username + target.password + target.folder):
            raise GatewayError(
                "The mail account has control characters in it", permanent=True, code="bad_setting"
            )
        self.is_closed = False
        self._is_broken = False
        self._box = _connect(target, timeout_seconds, deadline)
        try:
            with self._translated():
                self._sign_in(target)
                self._open_folder(target.folder)
        except GatewayError:
            self.close()
            raise

    def uids_after(self, last_uid: int, limit: int) -> list[int]:
        """The next UIDs in order, asked for in growing ranges so that a huge folder costs little."""
        found: list[int] = []
        start, span = last_uid + 1, 1000
        while start < self.uid_next and len(found) < limit:
            end = min(start + span, self.uid_next) - 1
            with self._translated():
                uids = sorted(int(uid) for uid in self._box.uids(f"UID {start}:{end}", charset=None))
            found += [uid for uid in uids if start <= uid <= end]
            start, span = end + 1, min(span * 4, 100_000)
        return found[:limit]

    def first_uid_since(self, moment: datetime) -> int:
        """The smallest UID that may have arrived at that moment or later; the next one when there is none.

        IMAP searches by the server's own day, so a day of slack is left (RFC 3501, 6.4.4).
        """
        day = moment.astimezone(UTC) - timedelta(days=1)
        with self._translated():
            uids = [int(uid) for uid in self._box.uids(AND(date_gte=day.date()), charset=None)]
        return min(uids, default=self.uid_next)

    def heads(self, uids: list[int]) -> dict[int, MailHead]:
        """Size and arrival of each mail that is still there."""
        if not uids:
            return {}
        with self._translated():
            _, lines = self._box.client.uid(
                "FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)"
            )
        found = [(match, line) for line in lines if isinstance(line, bytes) and (match := _HEAD.match(line))]
        return {int(match[1]): MailHead(int(match[2]), _arrival(line)) for match, line in found}

    def raw(self, uid: int, size_limit: int) -> bytes | None:
        """The mail's bytes without marking it as seen; None when it is gone."""
        self._bound_literals(size_limit)
        with self._translated():
            status, parts = self._box.client.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
        if status != "OK":
            raise later(
                f"The mail server does not hand out a mail ({plain_words(_first(parts))})", "unreadable"
            )
        bodies = [part[1] for part in parts if isinstance(part, tuple) and b"BODY[]" in part[0].upper()]
        if bodies:
            return bytes(bodies[0])
        if any(isinstance(part, bytes) and b"BODY[]" in part.upper() for part in parts):
            raise later("The mail server hands out a mail without content", "unreadable")
        return None

    def close(self) -> None:
        """Sign out if the server still listens, and close the connection."""
        if self.is_closed:
            return
        self.is_closed = True
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            if not self._is_broken:
                self._box.client.sock.settimeout(2)
                self._box.logout()
        with suppress(OSError, imaplib.IMAP4.error):
            self._box.client.shutdown()

    def _sign_in(self, target: ImapTarget) -> None:
        try:
            if target.username.isascii() and target.password.isascii():
                self._box.login(target.username, target.password, initial_folder=None)
            else:
                self._box.login_utf8(target.username, target.password, initial_folder=None)
        except MailboxLoginError as error:
            words = plain_words(_first(error.command_result[1]))
            raise later(f"The mail server refused the sign-in ({words})", "login_refused") from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise later(
                f"The mail server refused the sign-in ({plain_words(str(error))})", "login_refused"
            ) from None

    def _open_folder(self, folder: str) -> None:
        try:
            answer = self._box.folder.set(folder, readonly=True)
        except MailboxFolderSelectError as error:
            words = plain_words(_first(error.command_result[1]))
            raise later(f"The mail server has no such folder ({words})", "folder_missing") from None
        self.message_count = _number(answer[1])
        self.uid_validity = _number(self._box.client.response("UIDVALIDITY")[1])
        self.uid_next = _number(self._box.client.response("UIDNEXT")[1])
        if not self.uid_next:
            self.uid_next = self._box.folder.status(folder, ["UIDNEXT"])["UIDNEXT"]

    def _bound_literals(self, size_limit: int) -> None:
        """Refuse a mail that is larger than the server said it was."""
        client = self._box.client

        def read(size: int) -> bytes:
            if size > size_limit + _LITERAL_SLACK:
                raise client.abort("literal too large")
            data = client.file.read(size)
            assert isinstance(data, bytes)
            return data

        client.read = read  # type: ignore[method-assign]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the libraries raise into GatewayError; the connection is of no use afterwards."""
        try:
            yield
        except (OSError, imaplib.IMAP4.abort) as error:
            self._is_broken = True
            raise _explained(error) from error
        except (imaplib.IMAP4.error, ImapToolsError, ValueError, IndexError, KeyError) as error:
            raise later("The mail server answers in a way that is not IMAP", "not_imap") from error


class _Client(imaplib.IMAP4):
    """imaplib's client with the deadline on its socket, and TLS from the first byte when asked."""

    def __init__(self, target: ImapTarget, timeout_seconds: float, deadline: Deadline) -> None:
        self._target = target
        self._deadline = deadline
        super().__init__(target.host, target.port, timeout_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = connect(self._target.host, self._target.port, timeout)
        self._deadline.watch(plain)
        if self._target.security != "tls":
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self._target.host)
        except (OSError, ValueError):
            plain.close()
            raise


class _Box(BaseMailBox):
    """imap-tools around a client that is already connected."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._given = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._given


def _connect(target: ImapTarget, timeout_seconds: float, deadline: Deadline) -> _Box:
    try:
        client = _Client(target, timeout_seconds, deadline)
        if target.security == "starttls":
            _start_tls(client)
    except (OSError, imaplib.IMAP4.abort, UnicodeError) as error:
        raise _explained(error) from error
    except imaplib.IMAP4.error as error:
        if "BYE" in str(error):
            raise later("The mail server does not take connections now", "server_busy") from error
        raise later("What answers there is not an IMAP server", "not_imap") from error
    return _Box(client)


def _explained(error: Exception) -> GatewayError:
    if isinstance(error, imaplib.IMAP4.abort) and "unexpected" in str(error):
        return later("What answers there is not an IMAP server", "not_imap")
    return explain(error)


def _start_tls(client: _Client) -> None:
    try:
        if "STARTTLS" not in client.capabilities:
            raise later("The mail server does not offer encryption", "encryption_missing")
        client.starttls(ssl.create_default_context())
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise


def _arrival(line: bytes) -> datetime | None:
    found = _ARRIVED.search(line)
    try:
        return datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
    except ValueError:
        return None


def _first(parts: list[bytes | None]) -> bytes:
    return next((part for part in parts if isinstance(part, bytes)), b"")


def _number(parts: list[bytes | None]) -> int:
    found = re.search(rb"\d+", _first(parts))
    return int(found[0]) if found else 0
