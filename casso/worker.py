"""The second process: takes mail at the SMTP door and runs the timetable until SIGTERM.

On SIGTERM no new work begins; what runs has a few seconds to end. What does not
end in time is left to its lease: another worker takes it over. It never loads
the web framework.
"""

import logging
import os
import signal
import threading
from types import FrameType
from urllib.parse import urlsplit

from apscheduler.schedulers.background import BackgroundScheduler

from casso import clock
from casso.config import settings
from casso.errors import GatewayError
from casso.gateways import spool
from casso.gateways.smtp_listener import SmtpListener
from casso.jobs import schedule
from casso.jobs.stopping import stopping
from casso.services.intake_routing import route

log = logging.getLogger(__name__)

DRAIN_SECONDS = 6.0
LOOK_EVERY_SECONDS = 1.0
LISTEN_AGAIN_SECONDS = 10.0
CLOCK_SET_BACK_SECONDS = 2.0


def run() -> int:
    """Work until SIGTERM or SIGINT; 0 when all work ended in time."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    scheduler = schedule.make_scheduler()
    door = SmtpDoor()
    door.open()
    scheduler.start()
    log.info("worker started", extra={"event": "worker.started"})
    drift = ClockWatch()
    while not stopping.wait(LOOK_EVERY_SECONDS):
        door.open()
        if drift.was_set_back():
            log.warning("the clock was set back; all jobs run now")
            schedule.run_now(scheduler)
    door.close()
    return _drain(scheduler)


class SmtpDoor:
    """The SMTP listener; when its port is taken (another worker has it), tried again every ten seconds."""

    def __init__(self) -> None:
        self._listener: SmtpListener | None = None
        self._not_before = 0.0

    def open(self) -> None:
        """Listen, unless it does already, is switched off, or has just been refused."""
        chosen = settings().smtp_listen
        if self._listener or not chosen or clock.ticks() < self._not_before:
            return
        address = urlsplit(f"//{chosen}")
        listener = SmtpListener(is_known=is_known, store=spool.store, hostname=settings().mail_host)
        try:
            listener.start(address.hostname or "127.0.0.1", address.port or 25)
        except GatewayError as error:
            self._not_before = clock.ticks() + LISTEN_AGAIN_SECONDS
            log.error("no mail is taken over SMTP: %s", error.code, extra={"event": "smtp.not_listening"})
            return
        self._listener = listener

    def close(self) -> None:
        """Stop listening; a mail not yet acknowledged stays with its sender."""
        if self._listener:
            self._listener.stop()
            self._listener = None


class ClockWatch:
    """Compares the machine's clock with one that never goes back."""

    def __init__(self) -> None:
        self._offset = clock.now().timestamp() - clock.ticks()

    def was_set_back(self) -> bool:
        """Whether the clock went back since the last look."""
        before, self._offset = self._offset, clock.now().timestamp() - clock.ticks()
        return self._offset < before - CLOCK_SET_BACK_SECONDS


def is_known(address: str) -> bool:
    """Whether some organization here has that address."""
    return route(address) is not None


def _drain(scheduler: BackgroundScheduler) -> int:
    """Let running jobs end, but not for ever: what still runs then is cut off and its lease runs out."""
    ending = threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}, daemon=True)
    ending.start()
    ending.join(DRAIN_SECONDS)
    if ending.is_alive():
        log.warning("a job did not end in time", extra={"event": "worker.cut_off"})
        logging.shutdown()
        os._exit(1)
    log.info("worker stopped", extra={"event": "worker.stopped"})
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    stopping.set()
