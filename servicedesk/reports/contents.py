"""What a report says, before it is put into words: figures, their cases, the data it carries."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from servicedesk.errors import BadInput
from servicedesk.incidents.models import label
from servicedesk.reports import extent, queries, tables, tallies
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import DateFact, Fact
from servicedesk.reports.figures import (
    BY_ID,
    DEFINITIONS,
    EXCLUSIONS,
    FIGURES,
    HANDOFFS,
    INCIDENTS,
    MAJORS,
    MANY,
    UPDATES,
    Figure,
    defined,
    gross_of,
)
from servicedesk.reports.past import Past, past
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.recalling import NEVER, Question, recalling, uncollected
from servicedesk.reports.scopes import ALL, Scope
from servicedesk.setup.directory import REQUESTER, Directory
from servicedesk.sla.calendar import Calendar, NoWorkingTime
from servicedesk.times import iso

MONTHS = 13
PARTYS = ("requested_due", "promised_due", "ola", "partner")  # whose goals a party answers for


@dataclass(frozen=True)
class Contents:
    """F6: all that follows from a period, a scope, a zone and what is known."""

    frame: Frame
    scope: Scope
    known: Knowledge
    setup: Directory
    facts: Sequence[Fact] = field(repr=False)
    draft: bool
    past: Past | None = None  # what is compared with; None: `facts` are of that too
    definitions: str = field(default_factory=lambda: DEFINITIONS)  # their version

    @property
    def period(self) -> Period:
        """Give the period that it is about."""
        return self.frame.period

    @property
    def goals(self) -> Mapping[str, float]:
        """Give the desk's goals by figure; of a part of it those that can be a part's."""
        goals: Mapping[str, float] = self.setup.more.get("goals") or {}
        if self.scope.name == ALL:
            return goals
        return {id: goal for id, goal in goals.items() if self._is_a_parts(id)}

    def _is_a_parts(self, id: str) -> bool:
        """Say whether a goal holds for a part: no amount does; a party has what it answers for."""
        if BY_ID[id].unit in (INCIDENTS, HANDOFFS, EXCLUSIONS, MAJORS, UPDATES):
            return False
        return self.scope.party is None or id.partition(".")[0] in PARTYS

    @cached_property
    def figures(self) -> Sequence[Figure]:
        """F1: list the figures that there are under its version of the definitions."""
        return defined(self.definitions)

    @cached_property
    def cases(self) -> dict[str, list[Case]]:
        """List the cases of every figure, by the column of the data that holds them."""
        by_column = {figure.column: figure for figure in FIGURES}
        with uncollected():
            return {name: figure.of(self.facts, self.frame) for name, figure in by_column.items()}

    @cached_property
    def results(self) -> dict[str, Result]:
        """Work out every figure."""
        return {figure.id: figure.sum_up(self.cases[figure.column]) for figure in FIGURES}

    @cached_property
    def before(self) -> dict[str, Result]:
        """Work out every figure for as many months before, by the same knowledge."""
        return self._at(self.period.before)

    @cached_property
    def year_before(self) -> dict[str, Result]:
        """Work out every figure for the same months of the year before, by the same knowledge."""
        last = self.period.year_before
        return self._at(last) if last else {}

    def _at(self, period: Period) -> dict[str, Result]:
        if self.past:
            return dict(self.past.results(period))
        frame = Frame(period, self.frame.at, self.frame.party)
        if not any(fact.logged_at < period.end for fact in self.facts):
            return {}
        return {figure.id: figure.result(self.facts, frame) for figure in FIGURES}

    @cached_property
    def course(self) -> list[tables.Month]:
        """Follow the figures over the months."""
        if self.past is None:
            return tables.course(self.facts, self.frame, MONTHS)
        return self.past.course(lambda: tallies.of(self.results, self.facts, self.frame))

    @property
    def every(self) -> Sequence[Fact]:
        """Give the facts of all that it is compared with too: what it carries."""
        return self.past.every if self.past else self.facts

    @cached_property
    def data(self) -> dict[str, str]:
        """Write the data that the report carries: files by name."""
        return {"incidents.csv": self._incidents(), "cases.csv": self._cases()}

    @cached_property
    def digest(self) -> str:
        """F6: sum up what the figures and their cases are; later facts that change none keep it."""
        return self.digest_as(self.definitions)

    def digest_as(self, definitions: str) -> str:
        """Sum up the figures that there were under a version of the definitions.

        Net figures were gross before there were any, so they are left out only as long as they
        still are.
        """
        known = defined(definitions)
        columns = {f.column for f in FIGURES if f in known or self._lifted(f)}
        values = {
            name: [[c.number, c.value, c.party, iso(c.at), c.handoff] for c in found]
            for name, found in self.cases.items()
            if name in columns
        }
        said = [definitions, self.period.name, self.scope.name, self.period.zone, values]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def _lifted(self, figure: Figure) -> bool:
        """C11: say whether a net figure counts otherwise than its gross one."""
        gross = gross_of(figure.id)
        return gross is not None and self.cases[figure.column] != self.cases[gross]

    def as_json(self, revision: int | None) -> dict[str, Any]:
        """Give the report's JSON; a draft has no revision."""
        return {
            "period": self.period.name,
            "scope": self.scope.name,
            "zone": self.period.zone,
            "cutoff": iso(self.known.at),
            "cutoff_event": self.known.event,
            "judged_at": iso(self.frame.at),
            "draft": self.draft,
            "definitions": self.definitions,
            "revision": revision,
            "figures": {f.id: figure_json(f, self.results[f.id]) for f in self.figures},
        }

    def key(self, ref: str | None) -> str:
        """Write a holder as people write it: `group:network`."""
        if ref is None or ref == REQUESTER:
            return ref or ""
        party = self.setup.party(ref)
        return f"{party.kind}:{party.key}"

    def _incidents(self) -> str:
        """F7: a row an incident that counts in a figure, a column a figure that counts it once."""
        by_age = sorted(self.figures, key=lambda figure: figure.since)  # new columns come last
        once = list(dict.fromkeys(f.column for f in by_age if f.column not in MANY))
        values = {name: {c.number: c.value for c in self.cases[name]} for name in once}
        columns = {figure.column for figure in self.figures}
        counting = {case.number for name in columns for case in self.cases[name]}
        head = [*DESCRIBED, *once]
        rows = (
            {**self._described(fact), **{n: values[n].get(fact.number, "") for n in once}}
            for fact in sorted(self.facts, key=lambda fact: fact.number)
            if fact.number in counting
        )
        return _csv(head, rows)

    def _described(self, fact: Fact) -> dict[str, Any]:
        return {
            "number": label(fact.number),
            "type": fact.type,
            "service": self.setup.services[fact.service].key,
            "channel": fact.channel,
            "category": fact.category or "",
            "department": fact.department or "",
            "priority": fact.priority,
            "desk_group": self.key(fact.desk_group),
            "logged_at": iso(fact.logged_at),
            "resolved_at": iso(fact.resolved_at) or "",
            "cancelled_at": iso(fact.cancelled_at) or "",
            "first_requested_due": _date(fact.first_wish),
            "requested_due": _date(fact.wish),
            "promised_due": _date(fact.promise),
        }

    def _cases(self) -> str:
        """F7: a row for each clock that was decided and each hand-off that was sent."""
        rows = (
            {
                "figure": name,
                "number": label(case.number),
                "handoff": case.handoff or "",
                "party": self.key(case.party),
                "at": iso(case.at),
                "value": case.value,
            }
            for name in MANY
            if BY_ID[name] in self.figures
            for case in self.cases[name]
        )
        return _csv(["figure", "number", "handoff", "party", "at", "value"], rows)


DESCRIBED = (
    "number", "type", "service", "channel", "category", "department", "priority", "desk_group",
    "logged_at", "resolved_at", "cancelled_at", "first_requested_due", "requested_due",
    "promised_due",
)  # fmt: skip


def figure_json(figure: Figure, result: Result) -> dict[str, Any]:
    """Give a figure as the report's JSON has it."""
    return {
        "value": result.number,
        "unit": figure.unit,
        "numerator": result.numerator,
        "denominator": result.denominator if result.numerator is not None else None,
        "population": figure.population,
    }


def _date(said: DateFact | None) -> str:
    if said is None:
        return ""
    return said.day.isoformat() if said.day else iso(said.due) or ""


def _csv(head: Sequence[str], rows: Any) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, head, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Keep a text that looks like a formula from being one in a spreadsheet."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def dumps(said: Mapping[str, Any]) -> str:
    """Write JSON so that the same always has the same bytes."""
    return json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def ended(period: Period, setup: Directory, now: datetime) -> bool:
    """F6: say whether a period has ended, also the last day for which something was wished."""
    return now >= period.settled_at(setup.zone)


def judged_at(period: Period, setup: Directory, now: datetime) -> datetime:
    """F3: give the instant at which running clocks and dates are judged: now, or after its end.

    A target that was reached at closing time is missed only when working time goes on, and that
    breach is the period's. So clocks are judged when every calendar has opened again.
    """
    end = period.settled_at(setup.zone)
    opened = [_opened(calendar, end) for calendar in setup.calendars.values()]
    return min(now, max([end, *opened]))


def _opened(calendar: Calendar, end: datetime) -> datetime:
    try:
        return min(calendar.reach(end, 1), end + timedelta(days=31))
    except NoWorkingTime:
        return end


def work_out(
    session: Session,
    setup: Directory,
    period: Period,
    scope: Scope,
    *,
    now: datetime,
    known: Knowledge | None = None,
) -> Contents:
    """Work out a report from what is known, now or as said; raises BadInput for what is ahead."""
    if now <= period.start:
        raise BadInput(f"{period.name} has not begun yet")
    known = known or queries.latest_knowledge(session)
    frame = Frame(period, judged_at(period, setup, now), scope.party)
    draft = not ended(period, setup, now)
    with recalling(Question(setup, known, scope, frame.at, frame.until)) as recall:
        if recall:
            facts = recall.facts(extent.around(period))
            others = past(recall, period, MONTHS, facts, lambda one: settled(one, setup, frame.at))
            return Contents(frame, scope, known, setup, facts, draft, others)
    every = queries.facts(
        session, setup, known, at=frame.at, since=extent.since(period, MONTHS), scope=scope,
        until=frame.until,
    )  # fmt: skip
    return Contents(frame, scope, known, setup, extent.needed(every, period, MONTHS), draft)


def settled(period: Period, setup: Directory, at: datetime) -> bool:
    """Say whether a period comes to the same whenever it is judged later."""
    return judged_at(period, setup, NEVER) <= at
