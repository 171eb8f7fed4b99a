"""What a meeting's sheet says, as plain data: live while it is a draft, kept once it was held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from servicedesk import times
from servicedesk.partners.score.score import Line, Score
from servicedesk.reports.cases import Result
from servicedesk.sla.agreement import Target

FORMAT = 1  # of what is kept of a held one


@dataclass(frozen=True)
class Item:
    """An open hand-off or work request, with what was agreed to do next."""

    kind: str  # handoff, request
    incident: int  # its row
    number: int
    n: int
    title: str  # H8: nothing of what is confidential
    confidential: bool
    priority: str
    state: str
    since: datetime
    due: datetime | None
    late: bool
    ticket: str
    requester: str  # H8: only if shared
    next_action: str = ""
    next_day: date | None = None
    who: str = ""
    ended: bool = False  # since it was put on this sheet

    @property
    def name(self) -> str:
        """Name it within a form."""
        return f"{self.kind}-{self.incident}-{self.n}"


@dataclass(frozen=True)
class Decided:
    """A decision, with the meeting in which it was made."""

    id: int
    text: str
    owner: str
    due: date | None
    done: bool
    made_in: int  # number of its meeting
    made_on: date


@dataclass(frozen=True)
class Scored:
    """A figure of the score."""

    id: str
    now: Result
    before: Result | None
    net: Result | None


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on the sheet of one meeting."""

    desk: str
    company: str
    n: int
    day: date
    since: date
    zone: str
    participants: str
    held: bool
    at: datetime  # as of when
    scores: Sequence[Scored]
    lines: Sequence[Line]
    items: Sequence[Item]
    decisions: Sequence[Decided]

    def of(self, kind: str) -> list[Item]:
        """List the hand-offs, or the work requests."""
        return [item for item in self.items if item.kind == kind]


def scored(score: Score) -> list[Scored]:
    """Take from a score what a sheet shows of it."""
    return [
        Scored(row.figure.id, row.now, row.before, row.net)
        for _name, rows in score.groups
        for row in rows
    ]


# As it is kept


def to_json(sheet: Sheet) -> dict[str, Any]:
    """Write a sheet so that it can be read again, to the letter."""
    return {
        **{name: getattr(sheet, name) for name in ("desk", "company", "n", "zone", "participants")},
        "format": FORMAT,
        "day": sheet.day.isoformat(),
        "since": sheet.since.isoformat(),
        "at": times.iso(sheet.at),
        "scores": [
            {"id": one.id, **{name: _result(getattr(one, name)) for name in RESULTS}}
            for one in sheet.scores
        ],
        "lines": [_line(line) for line in sheet.lines],
        "items": [_plain(vars(item)) for item in sheet.items],
        "decisions": [_plain(vars(one)) for one in sheet.decisions],
    }


RESULTS = ("now", "before", "net")


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in said.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return times.iso(value)
    return value.isoformat() if isinstance(value, date) else value


def _result(result: Result | None) -> list[int | None] | None:
    return [result.value, result.numerator, result.denominator] if result else None


def _line(line: Line) -> dict[str, Any]:
    return {
        "priority": line.priority,
        "received": line.received,
        "targets": {k: [t.minutes, t.days] if t else None for k, t in line.targets.items()},
        "results": {id: _result(result) for id, result in line.results.items()},
    }


# As it is read again


def from_json(said: Mapping[str, Any]) -> Sheet:
    """Read what was kept of a held meeting."""
    return Sheet(
        said["desk"], said["company"], said["n"], times.day(said["day"]), times.day(said["since"]),
        said["zone"], said["participants"], held=True, at=times.parse(said["at"]),
        scores=[
            Scored(
                one["id"], _read(one["now"]) or Result(None), _read(one["before"]),
                _read(one["net"]),
            )
            for one in said["scores"]
        ],
        lines=[_read_line(line) for line in said["lines"]],
        items=[_read_item(item) for item in said["items"]],
        decisions=[Decided(**{**one, **_days(one, "due", "made_on")}) for one in said["decisions"]],
    )  # fmt: skip


def _read(said: Sequence[int | None] | None) -> Result | None:
    return None if said is None else Result(*said)


def _days(said: Mapping[str, Any], *names: str) -> dict[str, date | None]:
    return {name: times.day(said[name]) if said[name] else None for name in names}


def _read_item(said: Mapping[str, Any]) -> Item:
    due = times.parse(said["due"]) if said["due"] else None
    found = {**said, **_days(said, "next_day"), "since": times.parse(said["since"]), "due": due}
    return Item(**found)


def _read_line(said: Mapping[str, Any]) -> Line:
    targets = {kind: Target(*t) if t else None for kind, t in said["targets"].items()}
    results = {id: _read(result) or Result(None) for id, result in said["results"].items()}
    return Line(said["priority"], said["received"], targets, results)


def said_again(item: Item, action: str, day: date | None, who: str) -> Item:
    """Put what was said of an item beside it."""
    return replace(item, next_action=action, next_day=day, who=who)
