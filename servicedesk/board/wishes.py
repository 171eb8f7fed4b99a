"""The wishes behind the board's numbers, page by page: only those of a page are read one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.board.compliance import COLUMNS, answered_by, listed, read
from servicedesk.board.tally import falls, judged
from servicedesk.incidents import cursors
from servicedesk.incidents.models import Incident
from servicedesk.reports.cases import Case, Frame
from servicedesk.reports.periods import month_of
from servicedesk.setup.directory import Directory

Condition = sa.ColumnElement[bool]
AT_ONCE = 50
SHOWN = ("all", "kept", "late")
LARGEST = 2**31  # of what a number in an address may be


@dataclass(frozen=True)
class Asked:
    """Which wishes an address asks for."""

    service: str = ""  # its id
    party: str = ""  # who answers for them
    show: str = "all"

    def address(self, **changes: str) -> dict[str, str]:
        """Give what an address says of it."""
        said = {**vars(self), **changes}
        return {name: text for name, text in said.items() if text and text != "all"}


def read_asked(args: Mapping[str, str]) -> Asked:
    """Read an address; what makes no sense is not asked for."""
    show = args.get("show", "")
    return Asked(args.get("service", ""), args.get("party", ""), show if show in SHOWN else "all")


@dataclass(frozen=True)
class Page:
    """F7: some of the wishes behind a number, and how many there are in all."""

    frame: Frame
    cases: Sequence[Case]
    next: str | None  # cursor of the page after this one
    counts: Mapping[str, int]  # by what is shown


def page(
    session: Session, setup: Directory, now: datetime, asked: Asked, after: str | None = None,
    size: int = AT_ONCE,
) -> Page:  # fmt: skip
    """Read a page, the first due first: the same number of queries whatever there is."""
    frame = Frame(month_of(now, setup.zone), now)
    kept, late = judged(now)
    within = _within(session, frame, asked, sa.or_(kept, late))
    shown = {"all": sa.or_(kept, late), "kept": kept, "late": late}
    query = sa.select(Incident.id).where(within, shown[asked.show])
    order: cursors.Order = (Incident.__table__.c.first_requested_due, False)
    ids, following = cursors.read_page(session, query, order, Incident.id, after, size)
    return Page(frame, _cases(session, frame, ids), following, _counts(session, within, shown))


def _within(session: Session, frame: Frame, asked: Asked, decided: Condition) -> Condition:
    """Take the first wishes of the month, of a service or of who answers for them."""
    parts = [falls(Incident.first_requested_due, Incident.first_requested_day, frame.period)]
    if asked.service:
        known = asked.service.isascii() and asked.service.isdigit()
        id = int(asked.service[:10]) if known else LARGEST
        parts.append(Incident.service_id == id if id < LARGEST else sa.false())
    if asked.party:
        theirs = answered_by(session, frame, sa.and_(*parts, decided), asked.party)
        parts.append(Incident.id.in_(listed(theirs)))
    return sa.and_(*parts)


def _cases(session: Session, frame: Frame, ids: Sequence[int]) -> list[Case]:
    rows = session.execute(sa.select(*COLUMNS).where(Incident.id.in_(listed(ids)))).all()
    found = read(session, frame, rows, listed(ids))
    by_number: dict[int, Case] = {case.number: case for case in found.every}
    numbers = {row[0]: row[1] for row in rows}
    return [by_number[numbers[id]] for id in ids if numbers.get(id) in by_number]


def _counts(session: Session, within: Condition, shown: Mapping[str, Condition]) -> dict[str, int]:
    columns: list[Any] = [sa.func.count().filter(condition) for condition in shown.values()]
    return dict(zip(shown, session.execute(sa.select(*columns).where(within)).one(), strict=True))
