"""A small IMAP server that misbehaves on request, for what a real one never does.

    with scripted_imap({1: b"raw", 2: b"raw"}) as server:
        server.faults[2] = "hang"    # in mid-literal; also: drop, drip, no, empty, huge, lost
        server.greeting = b""        # never greets; or b"* BYE busy\\r\\n", or nonsense
        server.replies["LOGIN"] = "NO [AUTHENTICATIONFAILED] wrong"
        server.uid_validity = 8      # the folder was made anew
        server.commands              # every command line it got

`faults` are per UID and act when that mail's body is fetched: hang (half of it, then
silence), drop (half, then reset), drip (byte by byte), no (refused), empty (NIL), huge
(announces a terabyte), lost (gone since the search).
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers.loops import hang, serving


@dataclass
class ScriptedImap:
    """The folder and what goes wrong with it; set the attributes at any time."""

    mails: dict[int, bytes]
    port: int = 0
    uid_validity: int = 7
    uid_next: int = 0
    greeting: bytes = b"* OK ready\r\n"
    capabilities: str = "IMAP4rev1"
    replies: dict[str, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            writer.write(self.greeting)
            while line := await reader.readline():
                tag, _, command = line.decode().strip().partition(" ")
                self.commands.append(command)
                name = " ".join(command.upper().split()[: 2 if command.upper().startswith("UID") else 1])
                reply = self.replies.get(name) or await self._answer(name, command, writer)
                writer.write(f"{tag} {reply}\r\n".encode())
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, name: str, command: str, writer: asyncio.StreamWriter) -> str:
        match name:
            case "CAPABILITY":
                writer.write(f"* CAPABILITY {self.capabilities}\r\n".encode())
            case "EXAMINE":
                following = self.uid_next or max(self.mails, default=0) + 1
                head = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uid_validity}] x\r\n"
                writer.write(f"{head}* OK [UIDNEXT {following}] x\r\n".encode())
                return "OK [READ-ONLY] opened"
            case "UID SEARCH":
                low, high = map(int, re.findall(r"(\d+):(\d+)", command)[0])
                found = [str(uid) for uid in self.mails if low <= uid <= high]
                writer.write(f"* SEARCH {' '.join(found)}\r\n".encode())
            case "UID FETCH" if "SIZE" in command:
                for uid in map(int, command.split()[2].split(",")):
                    if self.faults.get(uid) != "lost":
                        writer.write(
                            f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])})\r\n".encode()
                        )
            case "UID FETCH":
                return await self._body(int(command.split()[2]), writer)
            case "LOGOUT":
                writer.write(b"* BYE bye\r\n")
        return "OK done"

    async def _body(self, uid: int, writer: asyncio.StreamWriter) -> str:
        raw, fault = self.mails[uid], self.faults.get(uid, "")
        head = f"* {uid} FETCH (UID {uid} BODY[] "
        match fault:
            case "no":
                return "NO [SERVERBUG] cannot read that one"
            case "empty":
                writer.write(f"{head}NIL)\r\n".encode())
                return "OK done"
            case "huge":
                writer.write(f"{head}{{1000000000000}}\r\nhalf".encode())
                await hang()
            case "hang" | "drop" | "drip":
                writer.write(f"{head}{{{len(raw)}}}\r\n".encode() + raw[: len(raw) // 2])
                await writer.drain()
                if fault == "drop":
                    raise ConnectionError
                while fault == "drip":
                    writer.write(b"x")
                    await asyncio.sleep(0.02)
                await hang()
        writer.write(f"{head}{{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        return "OK done"


@contextmanager
def scripted_imap(mails: dict[int, bytes] | None = None) -> Iterator[ScriptedImap]:
    """Run the server on a free port."""
    server = ScriptedImap(dict(mails or {}))
    with serving(lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), server.talk)) as port:
        server.port = port
        yield server
