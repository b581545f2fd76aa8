"""Notices that the files of a certificate were renewed, so that nobody has to restart the desk for it.

A renewal writes two files one after the other: a pair that does not fit yet is looked at again later.
"""

import os

from casso import clock
from casso.setting_checks import SettingError, tls_pair

LOOK_EVERY_SECONDS = 10.0


class CertificateWatch:
    """Begins with the files as they are now."""

    def __init__(self, certificate: str, key: str) -> None:
        self._paths = (certificate, key)
        self._known = self._stamp()
        self._due = clock.ticks() + LOOK_EVERY_SECONDS

    def is_renewed(self) -> bool:
        """Whether the pair changed since this last said so, and fits; looks every ten seconds."""
        if clock.ticks() < self._due:
            return False
        self._due = clock.ticks() + LOOK_EVERY_SECONDS
        found = self._stamp()
        if not found or found == self._known:
            return False
        try:
            tls_pair(*self._paths)
        except SettingError:
            return False
        self._known = found
        return True

    def _stamp(self) -> tuple[int, ...]:
        """What changes when a file does; empty while one is away."""
        try:
            seen = [os.stat(path) for path in self._paths]
        except OSError:
            return ()
        return tuple(value for one in seen for value in (one.st_mtime_ns, one.st_size, one.st_ino))
