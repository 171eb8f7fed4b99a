"""A process that makes and sends scheduled reports without a pause, for being killed."""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pikepdf
from sqlalchemy.exc import OperationalError

from servicedesk import times
from servicedesk.app import create_app
from servicedesk.errors import DeskError
from servicedesk.reports import pdf
from servicedesk.reports.schedules import running

LEASE = timedelta(seconds=5)  # half an hour would make a long test
FAILS = 0.05  # of all PDFs


def blank(job: Mapping[str, Any]) -> bytes:
    """Make a PDF of no pages with the data in it, slowly and sometimes not."""
    time.sleep(random.uniform(0, 0.05))
    if random.random() < FAILS:
        raise DeskError("No fonts today.")
    made = pikepdf.new()
    made.add_blank_page()
    for each in job["attachments"]:
        data, name = each["text"].encode(), each["name"]
        file = pikepdf.AttachedFileSpec(
            made, data, filename=name, description="", mime_type="text/plain", creation_date="",
            mod_date="",
        )  # fmt: skip
        made.attachments[name] = file
    out = io.BytesIO()
    made.save(out, deterministic_id=True)
    return out.getvalue()


def report(settings: dict[str, str], since: float, start: str) -> None:
    """Do the scheduler's job from an instant on, until killed."""
    random.seed()
    running.LEASE, running.PAUSES = LEASE, (timedelta(seconds=1),)
    vars(pdf)["run"] = blank
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        while True:
            with suppress(OperationalError):  # as the scheduler: logged, and again the next time
                running.run(times.parse(start) + timedelta(seconds=int(time.time() - since)))
            time.sleep(random.uniform(0, 0.05))
