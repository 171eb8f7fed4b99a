"""What the desk does by itself."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from servicedesk import scheduler
from servicedesk.db import transaction
from servicedesk.people import attempts
from servicedesk.people.models import SignInAttempt
from servicedesk.scheduler import Job


def test_each_job_has_a_name_of_its_own() -> None:
    keys = [job.key for job in scheduler.jobs()]
    assert len(set(keys)) == len(keys) >= 2


def test_old_sign_in_attempts_are_forgotten(session: Session, now: datetime) -> None:
    ages = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=2))
    with transaction() as writing:
        writing.add_all(SignInAttempt(key="k", address="a", at=now - age) for age in ages)
    attempts.prune(now)
    assert session.scalars(sa.select(SignInAttempt.at)).all() == [now - ages[0]]


@pytest.mark.backends("sqlite")
def test_files_that_nothing_names_are_swept(
    session: Session, settings: dict[str, Any], now: datetime
) -> None:
    folder = Path(settings["DESK_VAR"]) / "files" / "ab"
    folder.mkdir(parents=True)
    old, young = folder / ("ab" + "0" * 30), folder / ("ab" + "1" * 30)
    for path, age in ((old, timedelta(days=2)), (young, timedelta(hours=1))):
        path.write_bytes(b"x")
        os.utime(path, ((now - age).timestamp(),) * 2)
    scheduler.sweep_files(now)
    assert list(folder.iterdir()) == [young]


@pytest.mark.backends("sqlite")
def test_a_job_runs_inside_the_desk_and_again_after_it_failed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done, names = Event(), []

    def work(now: datetime) -> None:
        names.append(current_app.name)
        if len(names) == 1:
            raise ValueError("the first time it fails")
        done.set()

    monkeypatch.setattr(scheduler, "FIRST", timedelta())
    monkeypatch.setattr(scheduler, "jobs", lambda: (Job("work", timedelta(seconds=0.1), work),))
    with scheduler.running(app):
        assert done.wait(20)
    assert set(names) == {app.name}
    assert "the first time it fails" in caplog.text
