"""Makes one finished build serve any address: the socket opens where the page came from.

Reflex bakes an absolute address into the bundle, so a build for one port or
name would not work on another. After the build the baked addresses become
expressions on `location`, before the files are compressed.
"""

from pathlib import Path
from typing import Any

from reflex_base.plugins import Plugin

BAKED_HTTP = "http://localhost:3000"
BAKED_SOCKET = "ws://localhost:3000"
_SCHEME_OF_SOCKET = '(location.protocol==="https:"?"wss://":"ws://")+location.host+'


class SameOriginPlugin(Plugin):
    """Rewrites the baked addresses in the built scripts."""

    def post_build(self, **context: Any) -> None:
        """Called by Reflex between build and compression."""
        changed = [path for path in Path(context["static_dir"]).rglob("*.js") if rewrite(path)]
        if not changed:
            raise RuntimeError("no baked address found in the build: Reflex changed how it stores them")


def rewrite(path: Path) -> bool:
    """Rewrite one script in place; True when it held a baked address."""
    text = path.read_text()
    if BAKED_SOCKET not in text:
        return False
    for quote in ('"', "`", "'"):
        text = text.replace(quote + BAKED_SOCKET, _SCHEME_OF_SOCKET + quote)
        text = text.replace(quote + BAKED_HTTP, "location.origin+" + quote)
    path.write_text(text)
    return True
