"""The socket between page and desk, in the test's hands: frames get lost, what the desk says is held.

page.route_web_socket(SOCKET, line.connect)
"""

from dataclasses import dataclass, field

from playwright.sync_api import WebSocketRoute

SOCKET = "**/_event/**"
SUBMIT = "composer.submit"


@dataclass
class Line:
    """`loses` frames that send an answer; `holds` every state that the desk sends."""

    loses: int = 0
    lost: list[str] = field(default_factory=list)
    holds: bool = False
    _held: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)

    def connect(self, page: WebSocketRoute) -> None:
        """Stand between the two."""
        desk = page.connect_to_server()
        page.on_message(lambda frame: self._from_page(desk, frame))
        desk.on_message(lambda frame: self._from_desk(page, frame))

    def release(self) -> None:
        """Let everything through that was held."""
        self.holds = False
        for page, frame in self._held:
            page.send(frame)
        self._held.clear()

    def _from_page(self, desk: WebSocketRoute, frame: str | bytes) -> None:
        if len(self.lost) < self.loses and SUBMIT in str(frame):
            self.lost.append(str(frame))
        else:
            desk.send(frame)

    def _from_desk(self, page: WebSocketRoute, frame: str | bytes) -> None:
        if self.holds and str(frame).startswith("42"):
            self._held.append((page, frame))
        else:
            page.send(frame)
