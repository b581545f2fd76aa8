"""Installed packages against the pins, and whether they fit one another.

Which of them have known holes cannot be found out without asking somebody outside,
and that is not done unasked: the finding says so.
"""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from casso.config import ROOT
from casso.services.checks.findings import Found, fine, notice, wrong

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*])?==(?P<version>[^\s;]+)\s*(?P<marker>;.*)?$")
PIP_SECONDS = 120


def check_packages(requirements: Path = ROOT / "requirements.txt") -> list[Found]:
    """Reads what is installed; asks nobody outside."""
    pins = [found for line in requirements.read_text().splitlines() if (found := PIN.match(line))]
    differing = [text for found in pins if (text := _difference(found))]
    if differing:
        return [wrong("packages_differ", names=", ".join(differing[:5])), *_pip_check(), _unknown()]
    return [fine("packages_fine", count=len(pins)), *_pip_check(), _unknown()]


def _difference(pin: re.Match[str]) -> str:
    """What is wrong with a pinned package, else empty."""
    try:
        installed = version(pin["name"])
    except PackageNotFoundError:
        return "" if pin["marker"] else f"{pin['name']} (-, {pin['version']})"
    return "" if installed == pin["version"] else f"{pin['name']} ({installed}, {pin['version']})"


def _pip_check() -> list[Found]:
    command = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PIP_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return [notice("packages_unchecked")]
    if "No module named pip" in done.stderr:
        return [notice("packages_unchecked")]
    conflicts = done.stdout.strip().splitlines() if done.returncode else []
    return [wrong("packages_conflict", text=line) for line in conflicts[:3]]


def _unknown() -> Found:
    return notice("packages_holes")
