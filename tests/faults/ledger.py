"""What was handed to the desk, and how each attempt ended; inventory.py compares it with what is there.

An attempt is acknowledged, refused, or unknown: the connection broke after the last byte.
What is not acknowledged stays with its sender, who tries again with the same bytes.
"""

import hashlib
import smtplib
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from casso.gateways import spool

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
TRY_AGAIN_SECONDS = 0.05


@dataclass
class Handed:
    """One mail and how the attempts to hand it over ended."""

    number: int
    raw: bytes
    outcomes: list[str] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        """Whether its sender may forget it."""
        return ACKNOWLEDGED in self.outcomes

    @property
    def sender(self) -> str:
        """A customer of its own for every mail."""
        return f"customer{self.number}@lotus.example"


@dataclass
class Ledger:
    """All mails to one address, by the key under which the desk knows them."""

    address: str
    mails: dict[str, Handed] = field(default_factory=dict)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def new_mail(self) -> Handed:
        """The next mail, not handed over yet; every fifth has no Message-ID, every third no file."""
        with self._writing:
            return self._new_mail(len(self.mails) + 1)

    def _new_mail(self, number: int) -> Handed:
        made = EmailMessage(policy=SMTP)
        made["From"], made["To"] = f"Customer {number} <customer{number}@lotus.example>", self.address
        made["Subject"] = f"Order {number}"
        key = f"order-{number}@lotus.example" if number % 5 else ""
        if key:
            made["Message-ID"] = f"<{key}>"
        made.set_content(f"Where is order {number}?\n.\n.. and the rest\n")
        if number % 3:
            content = number.to_bytes(4, "big") * 700
            made.add_attachment(content, maintype="application", subtype="zip", filename=f"{number}.zip")
        handed = Handed(number, made.as_bytes())
        self.mails[key or f"sha256:{hashlib.sha256(handed.raw).hexdigest()}"] = handed
        return handed

    def spool_one(self, received_at: datetime) -> None:
        """Hand a mail over as a door inside the desk does: it is acknowledged when this returns."""
        handed = self.new_mail()
        spool.store(handed.raw, source="test", recipient=self.address, received_at=received_at)
        handed.outcomes.append(ACKNOWLEDGED)

    def attempt(self, handed: Handed, port: int) -> str:
        """One try over SMTP with a connection of its own; the outcome."""
        outcome = REFUSED
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                smtp.ehlo()
                smtp.mail(handed.sender)
                if smtp.rcpt(self.address)[0] == 250:
                    outcome = UNKNOWN
                    outcome = ACKNOWLEDGED if smtp.data(handed.raw)[0] == 250 else REFUSED
        except (OSError, smtplib.SMTPException):
            pass  # before DATA nothing was handed over; after it nobody knows
        handed.outcomes.append(outcome)
        return outcome

    def try_again(self, port: int) -> None:
        """What a mail server does with what is still in its queue."""
        for handed in list(self.mails.values()):
            if not handed.is_acknowledged:
                self.attempt(handed, port)

    def count_outcomes(self) -> Counter[str]:
        """How often each outcome was seen."""
        return Counter(outcome for handed in self.mails.values() for outcome in handed.outcomes)


class Customers(threading.Thread):
    """A mail server with mails for the desk: each is tried, every now and then, until it is acknowledged."""

    def __init__(self, ledger: Ledger, port: int, *, every_seconds: float = 0) -> None:
        super().__init__(daemon=True)
        self._ledger, self._port, self._pause = ledger, port, every_seconds
        self._wanted = threading.Semaphore(0)
        self._ending = threading.Event()

    def write(self, count: int) -> None:
        """So many customers write a mail each."""
        self._wanted.release(count)

    def run(self) -> None:
        """One mail after the other."""
        while self._wanted.acquire() and not self._ending.wait(self._pause):
            handed = self._ledger.new_mail()
            while self._ledger.attempt(handed, self._port) != ACKNOWLEDGED:
                if self._ending.wait(TRY_AGAIN_SECONDS):
                    return

    def end(self) -> None:
        """Write no more; what is not acknowledged by now is left to `try_again`."""
        self._ending.set()
        self._wanted.release()
        self.join(30)
