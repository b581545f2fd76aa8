"""The SMTP door for incoming mail: a mail is acknowledged when it lies in the spool, never before.

It runs its own event loop in its own thread and asks two callables, both called in
worker threads: is this address ours, and store this mail. One spool entry is made for
each accepted recipient; if one cannot be stored the sender is told to come again.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from casso import clock
from casso.errors import GatewayError
from casso.gateways.spool import Store

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log addresses and, in detail, bodies

_LONGEST_LINE = 1024 * 1024


class SmtpListener:
    """`start` and `stop` are called once each, from any thread; `stop` may be called without `start`."""

    def __init__(
        self,
        *,
        is_known: Callable[[str], bool],
        store: Store,
        hostname: str,
        size_limit: int = 30 * 1024 * 1024,
        recipient_limit: int = 100,
        connection_limit: int = 50,
        timeout_seconds: float = 300,
    ) -> None:
        self._handler = _Handler(is_known, store, recipient_limit, size_limit)
        self._hostname = hostname
        self._size_limit = size_limit
        self._connection_limit = connection_limit
        self._timeout_seconds = timeout_seconds
        self._open: set[_Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on; useful when it was started with port 0."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    def start(self, host: str, port: int) -> None:
        """Listen. Raises GatewayError when the address cannot be had."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-listener", daemon=True)
        self._thread.start()
        listening = self._loop.create_server(self._connection, host, port)
        try:
            self._server = asyncio.run_coroutine_threadsafe(_awaited(listening), self._loop).result(30)
        except OSError as error:
            self.stop()
            text = f"Cannot listen for mail on {host}:{port} ({error.strerror})"
            raise GatewayError(text, permanent=True, code="cannot_listen") from error

    def stop(self) -> None:
        """Close everything; a mail that was not yet acknowledged will be sent again by its sender."""
        if not self._loop or not self._thread:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()
        self._loop = self._thread = self._server = None

    def _connection(self) -> "_Connection":
        return _Connection(
            self._handler,
            opened=self._open,
            connection_limit=self._connection_limit,
            data_size_limit=self._size_limit,
            enable_SMTPUTF8=True,
            hostname=self._hostname,
            ident="Casso",
            timeout=self._timeout_seconds,
            loop=self._loop,
        )

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        for connection in list(self._open):
            connection.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()


class _Connection(SMTP):
    """One connection, bounded in time by aiosmtpd, in number and bytes here."""

    line_length_limit = _LONGEST_LINE  # real mail breaks the 998 of RFC 5322; refusing it loses mail

    def __init__(
        self, handler: "_Handler", *, opened: "set[_Connection]", connection_limit: int, **rest: Any
    ) -> None:
        super().__init__(handler, **rest)
        self._opened = opened
        self._connection_limit = connection_limit
        self.bytes_since_mail = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opened.add(self)
        if len(self._opened) > self._connection_limit and isinstance(transport, asyncio.Transport):
            transport.write(b"421 4.3.2 Too many connections, come again later\r\n")
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Hang up on a line without end, which aiosmtpd would collect for ever."""
        self.bytes_since_mail += len(data)
        if self.data_size_limit and self.bytes_since_mail > 2 * self.data_size_limit + _LONGEST_LINE:
            self.abort()
            return
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._opened.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Drop the connection without a word."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class _Handler:
    """aiosmtpd's hooks; each returns the reply to the client."""

    def __init__(
        self, is_known: Callable[[str], bool], store: Store, recipient_limit: int, size_limit: int
    ) -> None:
        self._is_known = is_known
        self._store = store
        self._recipient_limit = recipient_limit
        self._size_limit = size_limit

    async def handle_MAIL(
        self, server: _Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        server.bytes_since_mail = 0
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: _Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._recipient_limit:
            return "452 4.5.3 Too many recipients"
        try:
            known = await asyncio.to_thread(self._is_known, address)
        except Exception as error:  # a database that is down must not bounce mail
            log.error("smtp: recipient check failed with %s", type(error).__name__)
            return "451 4.3.0 Temporarily unable to check the address"
        if not known:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: _Connection, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        try:
            ids = await asyncio.to_thread(self._store_all, raw, session, envelope)
        except Exception as error:  # whatever it was, the mail is not stored and must stay with the sender
            log.error("smtp: storing failed with %s", type(error).__name__)
            return "451 4.3.0 Could not store the mail, come again later"
        more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        return f"250 2.0.0 Stored as {ids[0]}{more}"

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp: %s in a connection", type(error).__name__)
        return "451 4.3.0 Something went wrong here, come again later"

    def _store_all(self, raw: bytes, session: Session, envelope: Envelope) -> list[str]:
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        recipients = dict.fromkeys(address.lower() for address in envelope.rcpt_tos)
        return [
            self._store(
                raw,
                source="smtp",
                recipient=recipient,
                sender=sender,
                detail=str(session.peer[0]) if session.peer else "",
                received_at=clock.now(),
            )
            for recipient in recipients
        ]


async def _awaited(server: Any) -> asyncio.Server:
    found: asyncio.Server = await server
    return found
