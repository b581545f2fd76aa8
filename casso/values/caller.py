"""Who knocks, before anything is proved: what the connection and the browser say of themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`ip` from web.router.client_ip(); `browser` is the User-Agent header; `device` the device cookie."""

    ip: str = ""
    browser: str = ""
    device: str = ""
