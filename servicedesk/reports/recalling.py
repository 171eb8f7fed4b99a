"""Reads reports from facts that are kept; where none are, from the journals."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain

import sqlalchemy as sa
from flask import has_request_context
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import db, snapshot, transaction
from servicedesk.errors import Refused
from servicedesk.incidents.models import Incident
from servicedesk.reports import extent, keeping, kept, tallies
from servicedesk.reports.cases import Frame
from servicedesk.reports.extent import Span
from servicedesk.reports.facts import About, Fact, derive, follow, gathered
from servicedesk.reports.keeping import State
from servicedesk.reports.models import FactRow, FactState, PeriodTally
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.reports.tallies import Tally
from servicedesk.setup.directory import Directory
from servicedesk.sla.zones import DAY, epoch

REACHES = range(24)  # of what has ended: more than there are years
AT_ONCE = 2_000
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """What facts are asked for."""

    setup: Directory
    known: Knowledge
    scope: Scope
    at: datetime  # at which they are judged
    until: datetime  # the end of what lists look at


@contextmanager
def recalling(question: Question) -> Iterator[Recall | None]:
    """Read from what is kept, as of one instant; None: too much of it is not kept yet.

    Raises Refused in a request where the journals would take minutes.
    """
    session: Session = db.session()
    if session.info.get("writes"):
        yield None
        return
    setup, known = question.setup, question.known
    behind = keeping.behind(session, setup, known)
    if behind <= keeping.MOST:
        keeping.keep(setup, known, keeping.PATIENCE)
    elif behind > keeping.MANY and has_request_context():
        done = f"{100 * (1 - behind / known.event):.0f}"
        raise Refused(
            _(
                "Figures are being prepared (%(done)s %%): please come back in some minutes.",
                done=done,
            )
        )
    with snapshot() as session:
        state = keeping.current(session, setup)
        if state is None or state.event < known.event:
            yield None
            return
        recall = Recall(session, question, state)
        with uncollected():
            yield recall
    _store(recall.made)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for cycles meanwhile: facts are many, and have none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:  # of several at once the first one sees to it
            gc.enable()


@dataclass
class Recall:
    """A report's view of what is kept."""

    session: Session
    question: Question
    state: State
    made: list[PeriodTally] = field(default_factory=list)

    def facts(self, span: Span) -> list[Fact]:
        """Give the facts that may touch a span."""
        return self._gathered([*self._ended(span), *self.loose(span)])

    def tally(self, period: Period, *, settled: bool) -> Tally:
        """Add up a period; `settled`: it comes to the same at any later instant."""
        frame = Frame(period, self.question.at, self.question.scope.party)
        span = extent.around(period)
        if settled and (there := self._there(period, span)):
            tally, event = there
            later = self._gathered([*self._ended(span, after=event), *self.loose(span)])
            if more := tallies.added(tally, later, frame):
                return more
        ended, loose = self._gathered(self._ended(span)), self._gathered(self.loose(span))
        tally = tallies.add_up(ended, frame)
        if settled and self.question.scope.kind != "department":  # that is no matter of the journal
            self._keep(period, span, tally)
        return tallies.added(tally, loose, frame) or tallies.add_up([*ended, *loose], frame)

    def _there(self, period: Period, span: Span) -> tuple[Tally, int] | None:
        """Give what a period came to, if none of the incidents behind it has changed since."""
        key = period.first, period.after, period.zone, self.question.scope.name
        row = self.session.get(PeriodTally, key)
        if row is None or row.generation != self.state.generation:
            return None
        if row.event > self.question.known.event or row.incidents != self._count(span, row.event):
            return None
        tally = tallies.read(row.body)
        return (tally, row.event) if tally else None

    def _keep(self, period: Period, span: Span, tally: Tally) -> None:
        event = self.question.known.event
        self.made.append(
            PeriodTally(
                first=period.first, after=period.after, zone=period.zone,
                scope=self.question.scope.name, generation=self.state.generation, event=event,
                incidents=self._count(span, event), body=tallies.write(tally),
            )
        )  # fmt: skip

    def _count(self, span: Span, event: int) -> int:
        """Count what ended and touches a span, and has not changed since an event."""
        within = [
            sa.select(sa.func.count().label("n")).where(one, FactRow.event <= event)
            for one in self._within(span)
        ]
        if not within:
            return 0
        counts = sa.union_all(*within).subquery()
        return self.session.scalar(sa.select(sa.func.sum(counts.c.n))) or 0

    def _within(self, span: Span) -> Iterator[sa.ColumnElement[bool]]:
        """Say which rows touch a span, of each reach in turn."""
        start, end = map(epoch, span)
        for reach in self._reaches:
            yield sa.and_(
                self._holds,
                FactRow.reach == reach,
                FactRow.since > start - DAY * 2**reach,
                FactRow.since < end,
                FactRow.until >= start,
            )

    @property
    def _holds(self) -> sa.ColumnElement[bool]:
        return FactRow.generation == self.state.generation

    @cached_property
    def _reaches(self) -> list[int]:
        """List the reaches that there are."""
        there = [
            sa.select(sa.literal(reach)).where(
                sa.exists().where(self._holds, FactRow.reach == reach)
            )
            for reach in REACHES
        ]
        return list(self.session.scalars(sa.union_all(*there)))

    def _ended(self, span: Span, after: int = 0) -> Iterator[tuple[int, Fact]]:
        """Read what ended and touches a span, and has changed after an event."""
        return self._read(*(sa.and_(one, FactRow.event > after) for one in self._within(span)))

    def loose(self, span: Span) -> Iterator[tuple[int, Fact]]:
        """Give what goes on, and what has gone on after the cut-off."""
        return ((id, fact) for own, id, fact in self._loose if extent.overlaps(own, span))

    @cached_property
    def _loose(self) -> list[tuple[extent.Own, int, Fact]]:
        going = self._read(sa.and_(self._holds, FactRow.reach == kept.LIVE))
        return [(extent.span(fact), id, fact) for id, fact in chain(going, self._after)]

    def _read(self, *either: sa.ColumnElement[bool]) -> Iterator[tuple[int, Fact]]:
        """Read rows of which any one of some conditions holds; no two may."""
        if not either:
            return
        question = self.question
        columns = sa.select(FactRow.incident_id, FactRow.since, FactRow.body)
        known = FactRow.event <= question.known.event
        rows = sa.union_all(*(columns.where(one, known) for one in either)).subquery()
        query = sa.select(rows, Incident.number, Incident.category, Incident.department).join(
            Incident, Incident.id == rows.c.incident_id
        )
        untold = {}
        for id, since, body, number, category, department in self.session.execute(query):
            about = About(number, category, department)
            if body is None:
                untold[id] = about
            else:
                told = kept.read(body, since, about, question.until)
                yield id, told.judged(question.at, question.until)
        yield from self._told(untold)

    @cached_property
    def _after(self) -> list[tuple[int, Fact]]:
        """Tell as of the cut-off what is older than it and has gone on after it."""
        event = self.question.known.event
        query = (
            sa.select(FactRow.incident_id, Incident.number, Incident.category, Incident.department)
            .join(Incident, Incident.id == FactRow.incident_id)
            .where(FactRow.event > event, FactRow.born <= event)
            .where(FactRow.generation == self.state.generation)
        )
        rows = self.session.execute(query)
        about = {id: About(number, category, part) for id, number, category, part in rows}
        return list(self._told(about))

    def _told(self, about: dict[int, About]) -> Iterator[tuple[int, Fact]]:
        """Tell facts from their journals."""
        question = self.question
        for id, lines in keeping.journals(self.session, question.known, sorted(about)):
            events = (event for _id, event in lines)
            work, waits = follow(events, question.setup, question.until)
            yield id, derive(work, about[id], question.at, waits)

    def _gathered(self, found: Iterable[tuple[int, Fact]]) -> list[Fact]:
        """Keep those in the scope, each major incident with what belongs to it."""
        mine = dict(found)
        majors = [id for id, fact in mine.items() if fact.majors]
        belonging = dict(self._belonging(majors)) if majors else {}
        takes = self.question.scope.takes
        every = dict(sorted({**belonging, **mine}.items()))
        paired = zip(every, gathered(every), strict=True)
        return [fact for id, fact in paired if id in mine and takes(fact)]

    def _belonging(self, majors: Sequence[int]) -> Iterator[tuple[int, Fact]]:
        for start in range(0, len(majors), AT_ONCE):
            part_of = FactRow.part_of.in_(majors[start : start + AT_ONCE])
            yield from self._read(sa.and_(self._holds, part_of))
        yield from ((id, fact) for id, fact in self._after if fact.part_of in majors)


def _store(made: Sequence[PeriodTally]) -> None:
    """Keep what periods came to, if the facts that they were made of still hold."""
    if not made:
        return
    with transaction() as session:
        generation = session.scalar(sa.select(FactState.generation).with_for_update())
        for row in made:
            if row.generation == generation:
                session.merge(row)
