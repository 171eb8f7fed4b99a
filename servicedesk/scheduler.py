"""What the desk does by itself: its jobs, in code, and what runs them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from servicedesk import times
from servicedesk.db import transaction
from servicedesk.incidents.files import sweep_orphans
from servicedesk.incidents.sweep import end_holds
from servicedesk.people.commands import WINDOW
from servicedesk.people.models import SignInAttempt

UNFINISHED = timedelta(days=1)  # younger files may belong to a transaction under way
FIRST = timedelta(minutes=1)  # after the start; a desk that restarts daily gets all its jobs too


@dataclass(frozen=True)
class Job:
    """A piece of work that comes round; done twice at once it does no harm."""

    key: str
    every: timedelta
    run: Callable[[datetime], object]


def jobs() -> tuple[Job, ...]:
    """List what is to be done, and how often."""
    return (
        Job("end-holds", timedelta(minutes=1), end_holds),
        Job("forget-sign-in-attempts", timedelta(minutes=15), forget_sign_in_attempts),
        Job("sweep-files", timedelta(hours=6), sweep_files),
    )


def forget_sign_in_attempts(now: datetime) -> None:
    """Throw away the failed sign-ins that no longer count."""
    with transaction() as session:
        session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at <= now - WINDOW))


def sweep_files(now: datetime) -> None:
    """Remove files on disk that nothing names."""
    with transaction() as session:
        sweep_orphans(session, now - UNFINISHED)


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
        with app.app_context():
            job.run(times.now())

    return run
