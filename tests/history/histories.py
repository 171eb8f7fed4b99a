"""Histories of another system, row by row, and what becomes of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from servicedesk.history.replay import NEEDED, OPTIONAL, Replayed, replay
from servicedesk.incidents.models import Incident
from tests.cast import Desk, at

LATER = "2027-01-15 10:00"


@dataclass
class History:
    """A file of changes for the cast's desk."""

    desk: Desk
    path: Path
    rows: list[dict[str, str]] = field(default_factory=list)

    def row(self, when: str, incident: str = "a", **cells: str) -> None:
        """Add a row; the first of an incident is about the internet, unless it says otherwise."""
        if not any(row["incident"] == incident for row in self.rows):
            cells = {"service": "internet", "requester": "emi", "state": "new", **cells}
        self.rows.append({"incident": incident, "at": at(when).isoformat(), **cells})

    def write(self) -> Path:
        """Write the file."""
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*NEEDED, *OPTIONAL])
            writer.writeheader()
            writer.writerows(self.rows)
        return self.path

    def number(self, key: str = "a") -> int:
        """Give the number of an imported incident."""
        with self.desk.session() as session:
            query = sa.select(Incident.number).where(Incident.external_id == key)
            return session.scalars(query).one()

    def replay(self, now: str = LATER) -> Replayed:
        """Import the file."""
        with self.desk.session():
            return replay(self.write(), now=at(now))
