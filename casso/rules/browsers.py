"""What a person calls the program behind a User-Agent header: `Firefox 144 on Windows`.

The header is whatever the caller wrote, so it is cut before it is read, and a name
of our own table comes out or nothing. The table is loaded at the first use: it
costs a third of a second and 7 MB, which only the web process should pay.
"""

from functools import lru_cache

LONGEST = 400
NAME_LIMIT = 80


@lru_cache(maxsize=256)
def browser_name(user_agent: str) -> str:
    """Name and major version, with the system; empty when the header names nothing known."""
    from ua_parser import parse

    found = parse(user_agent[:LONGEST])
    program = ""
    if found.user_agent is not None:
        program = " ".join(filter(None, (found.user_agent.family, found.user_agent.major)))
    system = found.os.family if found.os is not None else ""
    return (f"{program} on {system}" if program and system else program or system)[:NAME_LIMIT]
