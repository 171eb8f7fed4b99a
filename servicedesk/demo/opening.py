"""Opens the demo's desk: with the rules that it once had, and those of now from their day on."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from servicedesk import times
from servicedesk.db import db
from servicedesk.demo.stories import read_yaml
from servicedesk.people.models import Person
from servicedesk.setup import editing
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory

COMPANY = Path(__file__).with_name("company.yaml")
FORMER = Path(__file__).with_name("former_rules.yaml")
OPENED = timedelta(days=120)  # ago: before anything that is told
CHANGED = timedelta(days=14)  # ago
CHANGED_BY = "kubota"
AT = time(16, 20)


def open_desk(now: datetime) -> None:
    """Load the company as of long ago, and publish what has changed of its rules since."""
    company: dict[str, Any] = read_yaml(COMPANY)
    former = company | {"policies": company["policies"] | read_yaml(FORMER)}
    former.pop("reports")  # else its schedules make up for all months since
    load_text(yaml.safe_dump(former, sort_keys=False), COMPANY.name, now=now - OPENED)
    setup = directory(db.session())
    by = db.session.scalar(sa.select(Person.id).where(Person.key == CHANGED_BY))
    day = times.local_day(now - CHANGED, setup.zone)
    at = times.midnight(day, setup.zone) + timedelta(hours=AT.hour, minutes=AT.minute)
    editing.publish(company, at, setup.revision, by=by)
