"""Makes sure that the servers and the browser which the tests drive are there.

`make test` runs this first: as root on a Debian-like system it installs what is
missing; otherwise it says exactly what to install and stops. Standard library
only, because it runs before anything else is known to work.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Debian package → programs that show it is there (any of them is enough).
NEEDED: dict[str, tuple[str, ...]] = {
    "caddy": ("caddy",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "dovecot-imapd": ("dovecot", "/usr/sbin/dovecot"),
    "redis-server": ("redis-server",),
    "postgresql": ("initdb", "/usr/lib/postgresql/*/bin/initdb"),
}
FONTS = {"fonts-noto-core": "NotoSans-Regular", "fonts-noto-cjk": "NotoSansCJK-Regular"}


def is_there(program: str) -> bool:
    """Whether a program is on PATH, or at this place."""
    if program.startswith("/"):
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None


def missing_packages() -> list[str]:
    """Debian names of what is not installed."""
    missing = [name for name, programs in NEEDED.items() if not any(map(is_there, programs))]
    fonts = Path("/usr/share/fonts")
    return missing + [name for name, file in FONTS.items() if not any(fonts.rglob(file + "*"))]


def install(packages: list[str]) -> bool:
    """Install with apt-get; False when it could not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    # A package's own service must not be started by its installation: the tests start their own.
    policy = Path("/usr/sbin/policy-rc.d")
    is_ours = not policy.exists()
    if is_ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        subprocess.run([*apt, "update"], env=environment, stdout=subprocess.DEVNULL, check=False)
        command = [*apt, "install", "-y", "--no-install-recommends", *packages]
        return (
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
        )
    finally:
        if is_ours:
            policy.unlink()


def main() -> int:
    """0 when everything is there, 1 after saying what to do."""
    missing = missing_packages()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing for the tests:", " ".join(missing), flush=True)
        if install(missing) and not missing_packages():
            return 0
        missing = missing_packages()
    print(
        "The tests need programs that are not installed. On Debian or Ubuntu:\n\n"
        f"    sudo apt-get install {' '.join(missing)}\n\n"
        "On other systems install Caddy, Chromium, Dovecot, Redis, PostgreSQL and the Noto fonts,\n"
        "then run `make test` again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
