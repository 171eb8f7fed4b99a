"""Makes a report's PDF in a child process that can reach nothing, in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from servicedesk.errors import DeskError
from servicedesk.reports import render
from servicedesk.times import iso

CHILD = Path(render.__file__)
STYLE = Path(__file__).with_name("print.css")
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # of a report on an empty journal


class NotRendered(DeskError):
    """The PDF could not be made."""

    status = 503


@dataclass(frozen=True)
class Attached:
    """A file that the PDF carries."""

    name: str
    text: str
    description: str
    relationship: str = "Data"


def make(
    html: str, attached: Sequence[Attached], at: datetime | None, style: Path | None = None
) -> bytes:
    """Put HTML on paper, with a style of its own besides the reports'; raises NotRendered.

    `at`: when what it says was so; the same content then gives the same bytes.
    """
    job = {
        "html": html,
        "assets": _styles(style),
        "attachments": [vars(each) for each in attached],
        "at": iso(at or NO_DATE),
        **_bounds(),
    }
    return run(job)


def _styles(more: Path | None = None) -> dict[str, str]:
    """Read the style sheets by the names that documents ask for: `own.css` is their own."""
    files = {"print.css": STYLE} | ({"own.css": more} if more else {})
    return {name: file.read_text(encoding="utf-8") for name, file in files.items()}


def _bounds() -> dict[str, int]:
    config = current_app.config
    return {"seconds": int(config["REPORT_SECONDS"]), "megabytes": int(config["REPORT_MB"])}


def installation() -> tuple[str, ...]:
    """F6: name the libraries and fonts that draw here, with versions; raises NotRendered.

    They are looked up once in the life of a process.
    """
    return _installation(**_bounds())


@cache
def _installation(seconds: int, megabytes: int) -> tuple[str, ...]:
    job = {"about": True, "assets": _styles(), "seconds": seconds, "megabytes": megabytes}
    return tuple(json.loads(_said(job)))


def run(job: Mapping[str, object]) -> bytes:
    """Run one job in a child process; raises NotRendered."""
    said = _said(job)
    if not said.startswith(b"%PDF"):
        raise NotRendered(_why(0, "", job))
    return said


def _said(job: Mapping[str, object]) -> bytes:
    seconds = int(str(job["seconds"]))
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        raise NotRendered(_("Making the PDF took longer than %(n)s seconds.", n=seconds)) from None
    if done.returncode or not done.stdout:
        raise NotRendered(_why(done.returncode, done.stderr.decode(errors="replace"), job))
    return done.stdout


def _environment() -> dict[str, str]:
    """Give the child nothing of ours but what finds programs and fonts."""
    kept = ("PATH", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LANG": "C.UTF-8"}


def _why(status: int, said: str, job: Mapping[str, object]) -> str:
    if status == render.NO_LIBRARY:
        return _(
            "The PDF needs system libraries that are missing here: sudo apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        )
    if status == render.NO_MEMORY or "MemoryError" in said:
        return _("Making the PDF needed more than %(n)s MB.", n=job["megabytes"])
    if status < 0:
        return _("Making the PDF took longer than %(n)s seconds.", n=job["seconds"])
    lines = said.strip().splitlines() or [""]
    return _("The PDF could not be made: %(why)s", why=lines[-1])
