"""How a report is marked: who makes it, with what to say, what was recorded since the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import Incident
from servicedesk.journal import EventRow
from servicedesk.people.models import Person
from servicedesk.reports import actions, approvals, remarks
from servicedesk.reports.document import Seal
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.remarks import Remarks
from servicedesk.reports.seals import Before, Since, Todo
from servicedesk.setup.directory import Directory
from servicedesk.times import local_day

MOST_EVENTS = 60  # of the page that says what changed
QUIET = ("comment.added", "file.attached", "watcher.added", "clocks.moved", "steps.passed")


@dataclass(frozen=True)
class Marks:
    """Who makes a report, with what to say to it."""

    author_id: int | None
    author: str
    said: Remarks
    day: date | None  # none of a report that the desk makes by itself with nothing to say
    why: str
    actions: tuple[Todo, ...]
    earlier: tuple[Todo, ...]
    approver_id: int | None
    approver: str

    def on(self, seal: Seal) -> Seal:
        """Put them on a seal; what is not sealed is not approved either."""
        return replace(
            seal,
            author=self.author,
            comment=self.said.comment,
            wanted=self.said.wanted,
            day=self.day,
            why=self.why,
            actions=self.actions,
            earlier=self.earlier,
            approver=self.approver if seal.revision else "",
        )


def read(
    session: Session,
    setup: Directory,
    period: Period,
    scope: str,
    *,
    at: datetime,
    author: Person | None = None,
    said: Remarks | None = None,
    why: str = "",
) -> Marks:
    """Step: read what is drafted for a report; `said` takes the place of the drafted remarks."""
    own = actions.printed(actions.own(session, period, scope))
    earlier = actions.printed(actions.earlier(session, period, scope))
    sealer = author.id if author else None
    approver = approvals.approver_of(session, setup, period.name, scope, sealer)
    dated = author or own or earlier
    return Marks(
        author.id if author else None,
        author.name if author else "",
        remarks.drafted(session, period.name, scope) if said is None else said,
        local_day(at, setup.zone) if dated else None,
        why,
        own,
        earlier,
        approver.id if approver else None,
        approver.name if approver else "",
    )


def since(
    session: Session, old: Report, known: Knowledge, touched: Sequence[int]
) -> tuple[tuple[Since, ...], int]:
    """Step: list what was recorded of some incidents after a revision's cut-off; how many more."""
    those = (
        EventRow.id > old.cutoff_event,
        EventRow.id <= known.event,
        EventRow.kind.not_in(QUIET),
        Incident.number.in_(touched[:MOST_EVENTS]),
    )
    query = sa.select(EventRow.id, Incident.number, EventRow.kind, EventRow.happened_at)
    query = query.join(Incident, Incident.id == EventRow.incident_id).where(*those)
    found = [Since(*row) for row in session.execute(query.order_by(EventRow.id))]
    return tuple(found[:MOST_EVENTS]), max(0, len(found) - MOST_EVENTS)


def before(session: Session, old: Report) -> Before:
    """Step: say what the revision before knew, who sealed it, and why it was not approved."""
    by = session.get(Person, old.sealed_by_id) if old.sealed_by_id else None
    asked = approvals.of(session, old)
    refused = asked.reason if asked and asked.state == approvals.REFUSED else ""
    return Before(old.cutoff_event, old.cutoff_at, by.name if by else "", refused)
