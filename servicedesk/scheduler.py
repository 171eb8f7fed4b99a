"""What the desk does by itself: its jobs, in code, and what runs them."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from servicedesk import logs, times
from servicedesk.bridge import store, taking
from servicedesk.bridge.fetching import fetch
from servicedesk.db import transaction
from servicedesk.escalation.sweep import sweep
from servicedesk.incidents import applying
from servicedesk.incidents.files import sweep_orphans
from servicedesk.mail.deliver import deliver
from servicedesk.mail.digest import summarize
from servicedesk.oncall.reminding import remind
from servicedesk.people import attempts, links
from servicedesk.reports import beforehand, keeping
from servicedesk.reports.schedules import running as reports
from servicedesk.selection import commands as selection
from servicedesk.signals import deliver as signals

UNFINISHED = timedelta(days=1)  # younger files may belong to a transaction under way
FIRST = timedelta(seconds=10)  # after the start; a desk that restarts daily gets all its jobs too


@dataclass(frozen=True)
class Job:
    """A piece of work that comes round; done twice at once it does no harm."""

    key: str
    every: timedelta
    run: Callable[[datetime], object]


def jobs() -> tuple[Job, ...]:
    """List what is to be done, and how often."""
    return (
        Job("sweep", timedelta(seconds=20), sweep),
        Job("catch-up", timedelta(seconds=5), applying.work_off),
        Job("chosen", timedelta(seconds=30), selection.finish),
        Job("duty-reminders", timedelta(minutes=5), remind),
        Job("summaries", timedelta(seconds=30), summarize),
        Job("mail", timedelta(seconds=15), deliver),
        Job("signals", timedelta(seconds=10), signals.deliver),
        Job("reports", timedelta(minutes=1), reports.run),
        Job("mail-in", timedelta(seconds=30), fetch),
        Job("forget-sign-in-attempts", timedelta(minutes=15), attempts.prune),
        Job("forget-links", timedelta(hours=6), links.prune),
        Job("take-kept-mail", timedelta(minutes=10), taking.retake),
        Job("forget-kept-mail", timedelta(hours=6), store.prune),
        Job("keep-facts", timedelta(seconds=30), keeping.work_off),
        Job("add-up-months", beforehand.EVERY, beforehand.work_off),
        Job("sweep-files", timedelta(hours=6), sweep_files),
        Job("sweep-sheets", timedelta(hours=1), sweep_sheets),
    )


def sweep_files(now: datetime) -> None:
    """Remove files on disk that nothing names."""
    with transaction() as session:
        sweep_orphans(session, now - UNFINISHED)


def sweep_sheets(now: datetime) -> int:
    """Throw away the ledgers that were uploaded a day ago to be moved in; gives how many."""
    before = (now - UNFINISHED).timestamp()
    uploads = Path(current_app.config["DESK_VAR"], "move-in").glob("*/made")
    old = [upload.parent for upload in uploads if upload.stat().st_mtime < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


@contextmanager
def running(app: Flask) -> Iterator[None]:
    """Do the jobs in a thread until the block ends; one that is under way is waited for."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it reports each single run
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs():
        scheduler.add_job(
            _within(app, job),
            "interval",
            seconds=job.every.total_seconds(),
            id=job.key,
            next_run_time=times.now() + FIRST,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def _within(app: Flask, job: Job) -> Callable[[], None]:
    """Give a job the desk around it; what fails is logged, and tried again the next time."""

    def run() -> None:
        with app.app_context(), logs.working(job.key) as said:
            said["done"] = job.run(times.now())

    return run
