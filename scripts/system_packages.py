"""Install the Debian packages the desk needs, and only those that are missing.

`python3 scripts/system_packages.py run` for running the desk, `… test` for its tests as well. Runs
on the bare system's Python, before anything else is there.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def library(name: str) -> bool:
    """Tell whether the dynamic loader finds a library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def program(*names: str) -> bool:
    """Tell whether one of these programs is on the PATH."""
    return any(shutil.which(name) for name in names)


def font(pattern: str) -> bool:
    """Tell whether a font file of that name is installed."""
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return any(next(folder.rglob(pattern), None) for folder in folders)


def browser() -> bool:
    """Tell whether the tests find a Chromium."""
    return "CHROMIUM" in os.environ or program("chromium", "chromium-browser", "google-chrome")


def postgresql() -> bool:
    """Tell whether the server programs are there; Debian keeps them off the PATH."""
    return program("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def dovecot() -> bool:
    """Tell whether the IMAP server is there; Debian keeps it off people's PATHs."""
    return program("dovecot") or Path("/usr/sbin/dovecot").exists()


@dataclass(frozen=True)
class Package:
    """A Debian package and how to see that what it brings is there."""

    name: str
    present: Callable[[], bool]


RUN = (
    Package("python3-venv", lambda: importlib.util.find_spec("ensurepip") is not None),
    Package("libpango-1.0-0", lambda: library("libpango-1.0.so.0")),
    Package("libpangoft2-1.0-0", lambda: library("libpangoft2-1.0.so.0")),
    Package("libharfbuzz-subset0", lambda: library("libharfbuzz-subset.so.0")),
    Package("fonts-morisawa-bizud-gothic", lambda: font("BIZUDGothic*")),
)
TEST = (
    Package("chromium", browser),
    Package("dovecot-imapd", dovecot),
    Package("libatomic1", lambda: library("libatomic.so.1")),  # Playwright's driver loads it
    Package("postgresql", postgresql),
    Package("poppler-utils", lambda: program("pdftoppm")),
)


def missing(packages: tuple[Package, ...]) -> list[str]:
    """Name the packages that are not there yet."""
    return [package.name for package in packages if not package.present()]


def done(command: list[str]) -> bool:
    """Run a command and tell whether it went well; what it says of errors is shown."""
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def administrator() -> list[str] | None:
    """Give the words that run a command as root, or None where we may not."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    if not program("sudo"):
        return None
    asked = subprocess.run([*sudo, "true"], check=False, capture_output=True)
    return sudo if asked.returncode == 0 else None


def install(names: list[str]) -> bool:
    """Install packages through apt; False where that is not possible or fails."""
    prefix = administrator()
    if prefix is None or not program("apt-get"):
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    apt += ["--option", "DPkg::Lock::Timeout=120", "--option", "Dpkg::Use-Pty=0"]
    print(f"Installing {' '.join(names)} …", flush=True)
    done([*apt, "update"])
    return done([*apt, "install", "--yes", "--no-install-recommends", *names])


def main(what: str) -> int:
    """Bring the system up to what is asked for; 1 where something needed cannot be had."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the bare system's Python may be older
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    needed = missing(RUN)
    wanted = missing(TEST) if what == "test" else []
    if not needed + wanted or install(needed + wanted):
        return 0
    names = " ".join(missing(RUN) + (missing(TEST) if what == "test" else []))
    purpose = "The desk needs" if needed else "Tests are skipped without"
    print(f"{purpose} packages that are not here: sudo apt-get install {names}", file=sys.stderr)
    return 1 if missing(RUN) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
