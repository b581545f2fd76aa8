"""A real Dovecot of one's own: a scratch folder, a free port, one password for any user.

    with dovecot(tmp_path) as server:
        server.port, server.tls_port, server.password
        server.deliver("anna", raw)              # a new mail in her INBOX
        server.deliver("anna", raw, "Archive")   # in another folder
        server.seen_flags("anna")                # flags Dovecot stored, for "never touched"
        server.forget_validity("anna")           # the INBOX is made anew: other UIDVALIDITY

Works as root (mail then belongs to `nobody`) and as an ordinary user. Raises
FileNotFoundError with what to install when Dovecot is absent.
"""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from tests.servers.certificates import Certificate, make_certificate

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server; users exist as soon as mail is delivered to them or they sign in."""

    folder: Path
    port: int
    tls_port: int
    password: str
    certificate: Certificate
    owner: tuple[int, int]
    _numbers: Iterator[int] = field(default_factory=count)

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put a mail into a folder, as a delivery agent does it: written aside, then moved in.

        `at` is when the server says that it arrived.
        """
        box = self._maildir(user, folder)
        name = f"{int(time.time())}.M{next(self._numbers):06d}P{os.getpid()}.test"
        (box / "tmp" / name).write_bytes(raw)
        os.chown(box / "tmp" / name, *self.owner)
        if at:
            os.utime(box / "tmp" / name, (at.timestamp(), at.timestamp()))
        (box / "tmp" / name).rename(box / "new" / name)

    def seen_flags(self, user: str) -> str:
        """All flag letters that stand on the user's mails in INBOX."""
        return "".join(path.name.partition(":2,")[2] for path in self._maildir(user, "INBOX").rglob("*:2,*"))

    def forget_validity(self, user: str) -> None:
        """Make the INBOX look recreated: the same mails under another UIDVALIDITY."""
        box = self._maildir(user, "INBOX")
        uids = box / "dovecot-uidlist"
        lines = uids.read_text().splitlines(keepends=True)
        first = lines[0].split()
        first[1] = f"V{int(first[1][1:]) + 1000}"
        uids.write_text(" ".join(first) + "\n" + "".join(lines[1:]))
        for index in box.glob("dovecot.index*"):
            index.unlink()

    def _maildir(self, user: str, folder: str) -> Path:
        box = self.folder / "mail" / user / ("" if folder == "INBOX" else f".{folder}")
        for part in (box.parent, box, box / "tmp", box / "new", box / "cur"):
            if not part.is_dir():
                part.mkdir(parents=True)
                os.chown(part, *self.owner)
        return box


@contextmanager
def dovecot(folder: Path | None = None, *, password: str = "secret") -> Iterator[Dovecot]:
    """Run the server until the block ends."""
    binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if not binary:
        raise FileNotFoundError("Dovecot is missing: apt-get install dovecot-imapd")
    # its sockets need a short path, so it never lives below pytest's long one
    home = Path(tempfile.mkdtemp(prefix="casso-dovecot-", dir="/tmp"))
    home.chmod(0o755)
    server = _configured(home, password)
    process = subprocess.Popen([binary, "-F", "-c", str(home / "dovecot.conf")], stderr=subprocess.DEVNULL)
    try:
        _wait_until_listening(server.port, process, home)
        yield server
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _configured(home: Path, password: str) -> Dovecot:
    is_root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid())
    owner = pwd.getpwnam("nobody") if is_root else me
    port, tls_port = _free_ports()
    (home / "mail").mkdir()
    os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
    certificate = make_certificate(home)
    text = CONFIG.format(
        folder=home,
        certificate=certificate.certificate,
        key=certificate.key,
        password=password,
        port=port,
        tls_port=tls_port,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        internal="dovecot" if is_root else me.pw_name,
        internal_group="dovecot" if is_root else _group_name(me.pw_gid),
        login="dovenull" if is_root else me.pw_name,
    )
    (home / "dovecot.conf").write_text(text)
    return Dovecot(home, port, tls_port, password, certificate, (owner.pw_uid, owner.pw_gid))


def _group_name(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


def _wait_until_listening(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    for _ in range(400):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        time.sleep(0.05)
    log = home / "dovecot.log"
    raise RuntimeError("Dovecot did not start: " + (log.read_text() if log.is_file() else "no log"))


if __name__ == "__main__":
    with dovecot() as running:
        print(running.port, running.tls_port, running.password, flush=True)
        for line in sys.stdin:  # each line is a user; the mail is made up
            running.deliver(line.strip(), b"Subject: Hello\r\n\r\nbody\r\n")
        threading.Event().wait()
