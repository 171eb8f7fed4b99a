"""Actions: what is to be done by whom until when; each report says what became of the last ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import dialect, transaction
from servicedesk.errors import BadInput, NotFound, Stale
from servicedesk.incidents import words
from servicedesk.people.models import Person
from servicedesk.reports.models import Action
from servicedesk.reports.periods import Period
from servicedesk.reports.remarks import keeper
from servicedesk.reports.seals import DONE, DROPPED, OPEN, STATES, Todo

TEXT, WHO = 300, 80  # letters
MOST = 30  # of one report; a first page with more says nothing


@dataclass(frozen=True)
class Said:
    """An action as it is typed."""

    what: str
    who: str = ""
    until: date | None = None
    state: str = OPEN
    note: str = ""


# Reading


def own(session: Session, period: Period, scope: str) -> list[Action]:
    """Step: list what a report itself says is to be done, as it was written."""
    query = sa.select(Action).where(Action.scope == scope, Action.period == period.name)
    return list(session.scalars(query.order_by(Action.id)))


def earlier(session: Session, period: Period, scope: str) -> list[Action]:
    """Step: list the actions from last time, the open ones first, then by day.

    All of the last report that had any; of those before it what is open, or was settled since the
    period began.
    """
    before = (Action.scope == scope, Action.ends <= period.first)
    last = session.scalar(sa.select(sa.func.max(Action.ends)).where(*before))
    lately = sa.or_(Action.ends == last, Action.state == OPEN, Action.settled_on >= period.first)
    rows = session.scalars(sa.select(Action).where(*before, lately))
    return sorted(rows, key=_order)


def every(session: Session) -> list[Action]:
    """Step: list what is open of all reports, and what was settled last."""
    open_ = session.scalars(sa.select(Action).where(Action.state == OPEN))
    settled = sa.select(Action).where(Action.state != OPEN)
    latest = settled.order_by(Action.settled_on.desc(), Action.id.desc()).limit(MOST)
    return sorted(open_, key=_order) + list(session.scalars(latest))


def _order(row: Action) -> tuple[bool, date, int]:
    return row.state != OPEN, row.until or date.max, row.id


def todo(row: Action) -> Todo:
    """Give an action as a report prints it."""
    return Todo(
        row.what, row.who, row.until, row.state, row.note, row.period, row.settled_on, row.id
    )


def printed(rows: Sequence[Action]) -> tuple[Todo, ...]:
    """Give actions as a report prints them."""
    return tuple(map(todo, rows))


def find(session: Session, id: int) -> Action:
    """Step: give an action; raises NotFound."""
    row = session.get(Action, id)
    if row is None:
        raise NotFound(_("There is no such action."))
    return row


# Changing


def add(period: Period, scope: str, said: Said, *, actor: Person, now: datetime, day: date) -> int:
    """Note what is to be done; gives its id. Raises BadInput or NotAllowed; `day`: today."""
    actor_id = actor.id
    with transaction() as session:
        person = keeper(session, actor_id)
        if dialect(session) == "postgresql":  # SQLite lets one write at a time
            session.execute(sa.text("LOCK TABLE report_action IN SHARE ROW EXCLUSIVE MODE"))
        there = own(session, period, scope)
        if same := next((row for row in there if _is_same(row, said)), None):
            return same.id  # it was sent twice
        if len(there) >= MOST:
            raise BadInput(_("A report has at most %(n)s actions.", n=MOST))
        row = Action(period=period.name, scope=scope, ends=period.after, version=0, state=OPEN)
        row.made_at, row.made_by_id = now, person.id
        _write(row, said, person, now, day)
        session.add(row)
        session.flush()
        return row.id


def change(id: int, said: Said, *, actor: Person, now: datetime, day: date, version: int) -> None:
    """Word it otherwise, or say what became of it; raises NotFound, Stale or BadInput."""
    actor_id = actor.id
    with transaction() as session:
        person = keeper(session, actor_id)
        row = _locked(session, id)
        if row.version != version:
            raise Stale(_("Somebody changed this action meanwhile."), version)
        _write(row, said, person, now, day)


def settle(id: int, state: str, *, actor: Person, now: datetime, day: date) -> None:
    """Tick it off, or open it again; raises NotFound or BadInput."""
    actor_id = actor.id
    with transaction() as session:
        person = keeper(session, actor_id)
        row = _locked(session, id)
        said = Said(row.what, row.who, row.until, state, row.note)
        _write(row, said, person, now, day)


def _is_same(row: Action, said: Said) -> bool:
    told = said.what.strip(), said.who.strip(), said.until, said.note.strip()
    return row.state == OPEN and told == (row.what, row.who, row.until, row.note)


def _locked(session: Session, id: int) -> Action:
    row = session.get(Action, id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such action."))
    return row


def _write(row: Action, said: Said, person: Person, now: datetime, day: date) -> None:
    if said.state not in STATES:
        raise BadInput(_("Please choose a state."))
    if said.until and not 1970 <= said.until.year <= 2199:
        raise BadInput(_("This day is out of range."))
    row.what = words.text(said.what, TEXT, _("Please say what is to be done."))
    row.who, row.note = words.text(said.who, WHO), words.text(said.note, TEXT)
    row.until = said.until
    if said.state in (DONE, DROPPED) and row.state == OPEN:
        row.settled_on = day
    elif said.state == OPEN:
        row.settled_on = None
    row.state, row.version = said.state, row.version + 1
    row.changed_at, row.changed_by_id = now, person.id
