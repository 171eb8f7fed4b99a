"""Imports a planned ledger in a thread: all of it or nothing, seen from every process."""

from __future__ import annotations

import fcntl
import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from time import sleep
from typing import IO

import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from servicedesk import times
from servicedesk.db import db, transaction
from servicedesk.errors import DeskError, Refused
from servicedesk.history import replay
from servicedesk.spreadsheet import drafts
from servicedesk.spreadsheet.drafts import Draft
from servicedesk.spreadsheet.models import MoveIn

PATIENCE = 2.0  # seconds that a request waits for a short import

# One import at a time. The lock is the operating system's: it ends with the process that has it.


def _lock(how: int) -> IO[str] | None:
    """Take the lock, alone or with others who only look; None if an import has it."""
    file = (drafts.root() / "importing").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def own_lock() -> IO[str] | None:
    """Take the lock alone; who only looks lets go of it at once."""
    for _try in range(20):
        lock = _lock(fcntl.LOCK_EX)
        if lock is not None or running():
            return lock
        sleep(0.05)
    return None


def running() -> str:
    """Give the token of the draft that is being imported, in whichever process; "" for none."""
    lock = _lock(fcntl.LOCK_SH)
    if lock is not None:
        lock.close()
        return ""
    return (drafts.root() / "importing").read_text(encoding="utf-8")


def status(draft: Draft) -> str:
    """Say how far a draft is: draft, running, done, failed, or interrupted.

    Once the lock is free, what the database says is final: so it is asked before and after.
    """
    if done(draft.token):
        return "done"
    if running() == draft.token:
        return "running"
    if done(draft.token):
        return "done"
    if not draft.started_at:
        return "draft"
    return "failed" if draft.failed else "interrupted"


def done(token: str) -> MoveIn | None:
    """Give the record of an import that was done."""
    db.session.rollback()  # see what was committed meanwhile
    return db.session.scalar(sa.select(MoveIn).where(MoveIn.token == token))


def progress(draft: Draft) -> int:
    """Give how many rows of the history have been read."""
    with suppress(OSError, ValueError):
        return int((draft.folder / drafts.PROGRESS).read_text())
    return 0


def start(app: Flask, draft: Draft, now: datetime) -> None:
    """Begin to import what is planned, and wait a moment for it; raises Refused."""
    lock = own_lock()
    if lock is None:
        if running() == draft.token:
            return
        raise Refused(_("Another ledger is being imported: please wait until it is done."))
    lock.truncate(0)
    lock.write(draft.token)
    lock.flush()
    (draft.folder / drafts.PROGRESS).unlink(missing_ok=True)
    draft.started_at, draft.failed = times.iso(now) or "", ""
    draft.save()
    db.session.rollback()  # or this thread's snapshot would wait beside the other's writing
    thread = Thread(target=_run, args=(app, draft, now, lock), daemon=True)
    thread.start()
    thread.join(PATIENCE)


def _run(app: Flask, draft: Draft, now: datetime, lock: IO[str]) -> None:
    with lock, app.app_context():
        try:
            bring_in(draft, now)
        except DeskError as error:
            _fail(draft, str(error))
        except (SQLAlchemyError, OSError, ValueError, LookupError, TypeError) as error:
            logging.getLogger(__name__).exception("move-in: %s", type(error).__name__)
            _fail(draft, _("Something went wrong here."))
        finally:
            db.session.remove()


def _fail(draft: Draft, why: str) -> None:
    draft.failed = why
    draft.save()


def bring_in(draft: Draft, now: datetime) -> MoveIn:
    """Import the planned history and note it, in one transaction; raises DeskError."""
    path = draft.folder / drafts.PROGRESS
    with transaction() as session:
        came = replay.bring_in(
            session,
            draft.folder / drafts.HISTORY,
            now=now,
            up_to=now,
            progress=lambda rows: _note(path, rows),
        )
        row = MoveIn(
            token=draft.token,
            person_id=draft.person or None,
            file_name=draft.name,
            at=now,
            imported=came.incidents,
            **{name: draft.counts[name] for name in ("rows", "there", "left_out", "passed_over")},
        )
        session.add(row)
    draft.forget_cells()
    return row


def _note(path: Path, rows: int) -> None:
    path.write_text(str(rows))
