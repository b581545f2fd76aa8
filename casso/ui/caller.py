"""Who is at the other end of a socket: address, browser and device cookie of its handshake.

The address is what the server saw (through the configured number of proxies), never what
an event claims.
"""

from reflex.state import BaseState

from casso.config import settings
from casso.ui.guard import cookie_of
from casso.values.caller import Caller


def caller_of(state: BaseState) -> Caller:
    """The caller behind a running handler."""
    data = state.router_data
    return Caller(
        ip=str(data.get("ip", "")),
        browser=str(data.get("headers", {}).get("user-agent", "")),
        device=cookie_of(state, settings().device_cookie),
    )
