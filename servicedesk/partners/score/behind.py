"""F7: what is behind a figure of a score: its cases, narrowed as an address says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import HandOff, Incident, WorkRequest
from servicedesk.incidents.spans import between
from servicedesk.partners.score import spans
from servicedesk.partners.score.score import Score
from servicedesk.reports.cases import Case
from servicedesk.reports.periods import Period, fiscal_from, month_of
from servicedesk.setup.directory import Directory

AT_ONCE = 50


@dataclass(frozen=True)
class Behind:
    """A figure's cases, narrowed to a priority and to what counts or does not."""

    cases: Sequence[Case]
    show: str
    priority: str
    counts: Mapping[str, int]
    start: int

    @property
    def shown(self) -> Sequence[Case]:
        """Give one page of them."""
        return self.cases[self.start : self.start + AT_ONCE]

    @property
    def before(self) -> int | None:
        """Give where the page before begins."""
        return max(0, self.start - AT_ONCE) if self.start else None

    @property
    def after(self) -> int | None:
        """Give where the page after begins."""
        return self.start + AT_ONCE if self.start + AT_ONCE < len(self.cases) else None


def read_period(args: Mapping[str, str], setup: Directory, now: datetime) -> Period:
    """Read the period of an address: the month under way where it says nothing that makes sense."""
    fiscal = fiscal_from(setup)
    typed = between(args.get("from", ""), args.get("to", ""))
    try:
        if typed.first and typed.last:
            return spans.read(f"{typed.first}..{typed.last}", setup.zone, fiscal)
        return spans.read(args["period"], setup.zone, fiscal)
    except (KeyError, ValueError):
        return month_of(now, setup.zone, fiscal)


def narrowed(score: Score, id: str, args: Mapping[str, str]) -> Behind:
    """Give a figure's cases, the newest first, as an address narrows them."""
    priority = args.get("priority", "")
    of = {fact.number: fact.priority for fact in score.facts}
    every = [c for c in score.cases[id] if not priority or of[c.number] == priority]
    every.sort(key=lambda case: (case.number, case.handoff or 0), reverse=True)
    kept = {
        "all": every,
        "yes": [case for case in every if case.value],
        "no": [case for case in every if not case.value],
    }
    show = args.get("show", "all")
    show = show if show in kept else "all"
    start = max(0, min(_place(args.get("after", "")), max(0, len(kept[show]) - 1)))
    counts = {name: len(cases) for name, cases in kept.items()}
    return Behind(kept[show], show, priority, counts, start)


def _place(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def was_handed(ref: str) -> sa.ColumnElement[bool]:
    """H8: give the condition on Incident for what was handed to a company."""
    theirs = sa.exists().where(HandOff.incident_id == Incident.id, HandOff.receiver == ref)
    return theirs.correlate(Incident)


def requests(
    session: Session, ref: str, numbers: Sequence[int] | None = None
) -> dict[tuple[int, int], str]:
    """Step: give the titles of a company's own work requests: of some incidents, or of all."""
    query = sa.select(Incident.number, WorkRequest.n, WorkRequest.title).join(WorkRequest.incident)
    query = query.where(WorkRequest.receiver == ref)
    if numbers is not None:
        query = query.where(Incident.number.in_(numbers))
    return {(number, n): title for number, n, title in session.execute(query)}
