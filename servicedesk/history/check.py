"""C6, H1: recomputes everything that follows from the journal and names each difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import Model, snapshot, transaction
from servicedesk.incidents import derived, documents, record
from servicedesk.incidents.catching_up import ALIVE, catch_up
from servicedesk.incidents.clocks import ClockState, Clockwork, follow
from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.story import Story
from servicedesk.journal import EventRow
from servicedesk.reports import keeping
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Counter
from servicedesk.setup.snapshot import directory
from servicedesk.sla.judging import judged
from servicedesk.sla.models import ClockRow

AT_ONCE = 500


@dataclass
class Found:
    """What a check came to."""

    incidents: int = 0
    differences: list[str] = field(default_factory=list)
    repaired: int = 0
    behind: int = 0  # C7: still to be brought up to the set-up


def check(*, now: datetime, repair: bool = False) -> Found:
    """Check every incident, the counter and the journal's chains; repair what can be derived."""
    if repair:
        catch_up(now)
    with transaction() if repair else snapshot() as session:
        latest = session.scalar(sa.select(sa.func.max(EventRow.recorded_at)))
        return _Check(session, directory(session), max(now, latest or now), repair).run()


class _Check:
    """One check under way."""

    def __init__(self, session: Session, setup: Directory, now: datetime, repair: bool) -> None:
        self.session, self.setup, self.now, self.repair = session, setup, now, repair
        self.found = Found()
        self.broken: set[int] = set()

    def run(self) -> Found:
        last = 0
        while batch := self._incidents(last):
            self._check_batch(batch)
            last = batch[-1].id
            self.session.flush()
            self.session.expunge_all()
        self._check_counter()
        return self.found

    def _incidents(self, last: int) -> list[Incident]:
        query = sa.select(Incident).where(Incident.id > last).order_by(Incident.id)
        return list(self.session.scalars(query.limit(AT_ONCE)))

    def _check_batch(self, batch: list[Incident]) -> None:
        ids = [incident.id for incident in batch]
        lines = self._by_incident(EventRow, ids)
        there = {model: self._by_incident(model, ids) for model in _tables()}
        for incident in batch:
            rows = {model: there[model].get(incident.id, []) for model in there}
            self._check_one(incident, lines.get(incident.id, []), rows)
        self._check_facts(batch, lines)
        self._check_search(batch)
        self.found.incidents += len(batch)

    def _by_incident(self, model: type[Any], ids: list[int]) -> dict[int, list[Any]]:
        query = sa.select(model).where(model.incident_id.in_(ids))
        order = model.seq if model is EventRow else next(iter(sa.inspect(model).primary_key))
        found: dict[int, list[Any]] = {}
        for row in self.session.scalars(query.order_by(model.incident_id, order)):
            found.setdefault(row.incident_id, []).append(row)
        return found

    def _check_one(
        self, incident: Incident, lines: list[EventRow], rows: dict[type[Model], list[Any]]
    ) -> None:
        broken = list(_chain(incident, lines))
        self._say(incident, broken)
        if broken or not lines:  # what was changed says nothing to compare with
            self.broken.add(incident.id)
            return
        if self._is_behind(incident):
            return
        work = follow((line.event() for line in lines), self.setup)
        self._say(incident, _partition(work.story, max(self.now, work.story.changed_at)))
        differences = list(self._rows(incident, work, rows))
        self._say(incident, differences)
        if differences and self.repair:
            record.bring_up(self.session, incident, work, max(self.now, incident.changed_at))
            self.found.repaired += 1

    def _is_behind(self, incident: Incident) -> bool:
        """C7: the rows of what is behind are those of an earlier set-up; it will catch up."""
        lags = incident.state in ALIVE and incident.setup_revision < self.setup.revision
        self.found.behind += lags
        return lags

    def _say(self, incident: Incident, differences: Iterable[str]) -> None:
        self.found.differences.extend(f"{label(incident.number)}: {d}" for d in differences)

    def _rows(
        self, incident: Incident, work: Clockwork, rows: dict[type[Model], list[Any]]
    ) -> Iterator[str]:
        """Compare the rows as of when they were kept, and the clocks as of now too."""
        kept = max([work.story.changed_at, *(row.counted_at for row in rows[ClockRow])])
        now = max(self.now, kept)
        follows, states = derived.rows(work, kept), {s.name: s for s in work.states(now)}
        yield from _compare("incident", incident, follows.incident)
        for model, names, wanted in follows.by_model():
            there = {tuple(getattr(row, n) for n in names): row for row in rows[model]}
            for values in wanted:
                name = tuple(values[n] for n in names)
                what = " ".join([model.__tablename__, *(str(n) for n in name if n is not None)])
                row = there.pop(name, None)
                if row is None:
                    yield f"{what}: is missing"
                else:
                    yield from _compare(what, row, values)
                    yield from self._verdict(what, row, states, now)
            for name in there:
                yield f"{model.__tablename__} {name}: follows from nothing"

    def _verdict(
        self, what: str, row: Any, states: Mapping[Any, ClockState], now: datetime
    ) -> Iterator[str]:
        """C10: compare what lists and exports make of a kept clock by now."""
        if not isinstance(row, ClockRow):
            return
        state = states[row.kind, row.party, row.handoff]
        wanted = {
            "state": state.state,
            "breached_at": state.breached_at,
            "counted": state.counted,
            "net_state": state.net_state,
            "net_breached_at": state.net_breached_at,
        }
        yield from _compare(f"{what} by now", judged(row, self.setup.calendars, now), wanted)

    def _check_facts(self, batch: list[Incident], lines: dict[int, list[EventRow]]) -> None:
        """Compare the facts that are kept for reports with their journals."""
        histories = [
            (one.id, [(line.id, line.event()) for line in lines[one.id]])
            for one in batch
            if one.id not in self.broken
        ]
        wrong = keeping.differing(self.session, self.setup, histories)
        for incident in batch:
            if incident.id in wrong:
                self._say(incident, ["fact: is kept otherwise than the journal tells it"])
        if self.repair and wrong:
            keeping.replace(self.session, list(wrong.values()))
            self.found.repaired += len(wrong)

    def _check_search(self, batch: list[Incident]) -> None:
        """Compare the words by which incidents are found with their texts."""
        look = documents.index if self.repair else documents.outdated
        outdated = look(self.session, [incident.id for incident in batch])
        for incident in batch:
            if incident.id in outdated:
                self._say(incident, ["search: its words are missing or of other texts"])
                self.found.repaired += self.repair

    def _check_counter(self) -> None:
        highest = self.session.scalar(sa.select(sa.func.max(Incident.number))) or 0
        counter = self.session.get(Counter, "incident")
        last = counter.last if counter else None
        if last is None or last < highest:
            self.found.differences.append(f"counter: is {last}, the highest number is {highest}")
            if self.repair:
                self.session.merge(Counter(name="incident", last=highest))
                self.found.repaired += 1


def _tables() -> list[type[Any]]:
    return [model for model, _names, _rows in derived.Rows({}).by_model()]


def _compare(what: str, row: Any, values: derived.Row) -> Iterator[str]:
    for name, value in values.items():
        there = getattr(row, name)
        if there != value:
            yield f"{what}: {name} is {there}, the journal says {value}"


def _chain(incident: Incident, lines: list[EventRow]) -> Iterator[str]:
    """Say where the chain of hashes is broken: a line changed, missing or added."""
    head = journal.BEGINNING
    for seq, line in enumerate(lines, 1):
        if line.seq != seq or line.before != head:
            yield f"event {seq}: the journal was changed here or before"
            return
        head = journal.line_hash(line.before, incident.number, line.event(), line.recorded_at)
    if head != incident.head:
        yield f"event {len(lines)}: the journal's last line was changed or is missing"


def _partition(story: Story, now: datetime) -> Iterator[str]:
    """H1: from logged to resolved exactly one party holds it."""
    ends = [*(before for before, _again in story.ended)]
    starts = [story.logged_at, *(again for _before, again in story.ended)]
    last = story.cancelled_at or story.resolved_at
    if story.is_open:
        ends.append(now)
    elif last:
        ends.append(last)
    opened = sum((end - start).total_seconds() for start, end in zip(starts, ends, strict=False))
    held = sum(((h.end or now) - h.start).total_seconds() for h in story.holdings)
    if opened != held:
        yield f"holdings: they sum to {held:.0f} s, it was open for {opened:.0f} s"
    for one, two in pairwise(story.holdings):
        if one.end is None or one.end > two.start:
            yield f"holdings: two at once at {two.start}"
