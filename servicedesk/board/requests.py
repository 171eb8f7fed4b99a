"""Work requests that are open (H6), of all or of one party."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.board.flow import AT_ONCE, Page, counted, refs
from servicedesk.incidents import cursors, dated
from servicedesk.incidents.models import WorkRequest
from servicedesk.setup.directory import Directory


def requests(
    session: Session, setup: Directory, now: datetime, to: str, late: bool, after: str | None
) -> Page:
    """List open work requests, the next due first: two queries."""
    wanted = condition(setup, now, to, late)
    query = sa.select(WorkRequest).where(wanted).options(joinedload(WorkRequest.incident))
    order = order_of()
    rows, following = cursors.read_page(session, query, order, WorkRequest.id, after, AT_ONCE)
    return Page(rows, following, counted(session, WorkRequest, wanted))


def condition(setup: Directory, now: datetime, to: str, late: bool) -> sa.ColumnElement[bool]:
    """Take the open ones, of a receiver, or those that are late."""
    wanted: sa.ColumnElement[bool] = WorkRequest.ended_at.is_(None)
    if to:
        wanted = sa.and_(wanted, WorkRequest.receiver.in_(refs(to, setup)))
    return sa.and_(wanted, WorkRequest.due < now) if late else wanted


def order_of() -> cursors.Order:
    """Give their order: the next due first."""
    return dated.upwards(WorkRequest.__table__.c.due), False
