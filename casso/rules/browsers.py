"""What a person calls the program behind a User-Agent header: `Firefox 144 on Windows`.

The header is whatever the caller wrote, so it is cut before it is read, and a name
of our own table comes out or nothing. The table is loaded at the first use: it
costs a third of a second and 7 MB, which only the web process should pay.
"""

from functools import lru_cache

LONGEST = 400
NAME_LIMIT = 80


def browser_name(user_agent: str) -> str:
    """Name and major version, with the system; empty when the header names nothing known."""
    family, major, system = _read(user_agent[:LONGEST])
    program = f"{family} {major}" if family and major else family
    return (f"{program} on {system}" if program and system else program or system)[:NAME_LIMIT]


def browser_kind(user_agent: str) -> str:
    """The same without the version: what stays when a browser updates itself."""
    family, _, system = _read(user_agent[:LONGEST])
    return f"{family} on {system}"[:NAME_LIMIT]


@lru_cache(maxsize=256)
def _read(user_agent: str) -> tuple[str, str, str]:
    """Program, its major version and system, each possibly empty."""
    from ua_parser import parse

    found = parse(user_agent)
    program, system = found.user_agent, found.os
    return (
        program.family if program else "",
        (program.major or "") if program else "",
        system.family if system else "",
    )
