"""Makes large reports in a thread, so that no request waits for one: seen from every process.

What is known of one lies in a folder. Whoever makes it holds the folder's lock, which ends with its
process: what is not held and not over was interrupted.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale, get_locale
from sqlalchemy.orm import Session

from servicedesk.db import db
from servicedesk.errors import DeskError
from servicedesk.incidents.models import Incident
from servicedesk.reports import commands
from servicedesk.reports.periods import Period

LARGE = 5_000  # incidents logged in the period
PATIENCE = 1.0  # seconds that a request waits for one that is quick after all
KEPT = 16  # of all that were made
RUNNING, DONE, FAILED, INTERRUPTED = "running", "done", "failed", "interrupted"
STEPS = 2

Work = Callable[[Callable[[int], None]], bytes]  # is given how to say which step it is at


def is_large(session: Session, period: Period) -> bool:
    """Say whether a period's report takes longer than somebody should wait for an answer."""
    logged = sa.select(sa.func.count()).where(
        Incident.logged_at >= period.start, Incident.logged_at < period.end
    )
    return (session.scalar(logged) or 0) > LARGE


@dataclass(frozen=True)
class Making:
    """Something large that is made for somebody, or was."""

    folder: Path

    @classmethod
    def of(cls, *what: object) -> Making:
        """Give what is made of the same for the same person."""
        name = hashlib.sha256("\0".join(map(str, what)).encode()).hexdigest()[:32]
        return cls(commands.folder() / "making" / name)

    @property
    def state(self) -> str:
        """Say whether it is running, done, failed, or interrupted: also what never began."""
        if self._is_held():
            return RUNNING
        if self.result is not None:
            return DONE
        return FAILED if self.failed else INTERRUPTED

    @property
    def result(self) -> bytes | None:
        """Give what was made, once it is."""
        with suppress(OSError):
            return (self.folder / "result").read_bytes()
        return None

    @property
    def step(self) -> int:
        """Say which of its steps it is at."""
        return int(self._said("step") or 1)

    @property
    def failed(self) -> str:
        """Say why it could not be made."""
        return self._said("failed")

    def begin(self, app: Flask, work: Work) -> None:
        """Have it made, unless that is under way; wait for a moment."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock(fcntl.LOCK_EX)
        if lock is None:
            return
        for name in ("result", "failed", "step"):
            (self.folder / name).unlink(missing_ok=True)
        self._tidy()
        db.session.rollback()  # or this request's snapshot would be held while the thread works
        thread = Thread(target=self._run, args=(app, work, str(get_locale()), lock), daemon=True)
        thread.start()
        thread.join(PATIENCE)

    def _run(self, app: Flask, work: Work, language: str, lock: IO[str]) -> None:
        with lock, app.app_context(), force_locale(language):
            try:
                self._keep("result", work(lambda n: self._keep("step", str(n).encode())))
            except DeskError as error:
                self._keep("failed", str(error).encode())
            finally:
                db.session.remove()

    def _keep(self, name: str, said: bytes) -> None:
        commands.write_file(self.folder / name, said)

    def _said(self, name: str) -> str:
        with suppress(OSError):
            return (self.folder / name).read_text(encoding="utf-8")
        return ""

    def _lock(self, how: int) -> IO[str] | None:
        """Take the lock; None if somebody has it, in whichever process."""
        file = (self.folder / "lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _is_held(self) -> bool:
        if not self.folder.exists():
            return False
        lock = self._lock(fcntl.LOCK_SH)
        if lock:
            lock.close()
        return lock is None

    def _tidy(self) -> None:
        """Throw away what was made longest ago."""
        there = [path for path in self.folder.parent.iterdir() if path != self.folder]
        there.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in there[KEPT - 1 :]:
            if not Making(path)._is_held():
                shutil.rmtree(path, ignore_errors=True)
