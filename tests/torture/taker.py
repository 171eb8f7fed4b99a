"""Takes mails in, for being killed: from a folder as a pipe brings them, or by IMAP."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import OperationalError

from servicedesk import times
from servicedesk.app import create_app
from servicedesk.bridge.fetching import fetch
from servicedesk.bridge.taking import take


def spooled(spool: Path, n: int, content: bytes) -> None:
    """Leave a mail where the pipe's worker finds it."""
    (spool / f"{n}.eml").write_bytes(content)


def work(settings: dict[str, str], spool: str | None) -> None:
    """Take what is there, until killed; what was taken is gone only after the commit."""
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        while True:
            with suppress(OperationalError):  # as the scheduler: again the next time
                fetch(times.now()) if spool is None else _empty(Path(spool))
            time.sleep(0.05)


def _empty(spool: Path) -> None:
    for path in sorted(spool.iterdir()):
        with suppress(FileNotFoundError):  # another worker was quicker
            take(path.read_bytes(), now=times.now(), recipient="desk@desk.example")
            path.unlink()
