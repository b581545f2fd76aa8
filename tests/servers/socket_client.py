"""A browser's event socket without a browser: any cookie, any Origin, any token, any event.

Speaks what Reflex 0.10 speaks: path `_event`, namespace `/_event`, the token in
the query, messages `{name, payload, router_data}`.
"""

import asyncio
import json
import secrets
import ssl
from types import TracebackType
from typing import Any, Self

import aiohttp
import socketio

ROOT = "reflex___state____state"
NAMESPACE = "/_event"


def handler_name(module: str, state: str, handler: str) -> str:
    """The name under which a State's handler is called: module and class in Reflex's spelling."""
    snake = "".join("_" + letter.lower() if letter.isupper() else letter for letter in state).lstrip("_")
    return f"{ROOT}.{module.replace('.', '___')}____{snake}.{handler}"


class SocketClient:
    """One connected tab; `frames` holds every update it was sent."""

    def __init__(
        self,
        url: str,
        *,
        cookie: str = "",
        origin: str | None = "own",
        token: str = "",
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._headers = {"Cookie": cookie} if cookie else {}
        if origin is not None:
            self._headers["Origin"] = url if origin == "own" else origin
        self._trusted = trusted
        self.token = token or secrets.token_hex(16)
        self.frames: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._session: aiohttp.ClientSession
        self._client: socketio.AsyncClient

    async def __aenter__(self) -> Self:
        """Connect; raises socketio's ConnectionError when the handshake is refused."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self._trusted or True))
        # Its own JSON: an imported Reflex app changes the library's for the whole process.
        self._client = socketio.AsyncClient(reconnection=False, http_session=self._session, json=json)
        self._client.on("event", self._take, namespace=NAMESPACE)
        try:
            await self._client.connect(
                f"{self._url}/?token={self.token}",
                headers=self._headers,
                transports=["websocket"],
                namespaces=[NAMESPACE],
                socketio_path="_event",
            )
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.disconnect()
        await self._client.shutdown()
        await self._session.close()

    async def send(self, name: str, payload: Any = None, path: str = "/") -> None:
        """Call a handler; the answer, if any, arrives in `frames`."""
        message = {"name": name, "payload": payload or {}, "router_data": {"pathname": path, "asPath": path}}
        await self._client.emit("event", message, namespace=NAMESPACE)

    async def hydrate(self) -> dict[str, dict[str, Any]]:
        """What the state tree holds, as a fresh page is told."""
        before = len(self.frames)
        await self.send(f"{ROOT}.hydrate_and_load")
        await self.until(
            lambda: any("is_hydrated_rx_state_" in self._root(frame) for frame in self.frames[before:])
        )
        return self.frames[before].get("delta", {})

    async def until(self, is_there: Any, seconds: float = 5.0) -> None:
        """Wait for frames until the condition holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_there():
                self._changed.clear()
                await self._changed.wait()

    def seen(self) -> str:
        """Everything this tab was ever sent, for canaries."""
        return repr(self.frames)

    async def _take(self, update: dict[str, Any]) -> None:
        self.frames.append(update)
        self._changed.set()

    @staticmethod
    def _root(frame: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = frame.get("delta", {}).get(ROOT, {})
        return found
