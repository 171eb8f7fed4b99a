"""F1: the figures of a partner's score: the report's own, and those beside them, each defined once.

The frame's party is the company: a score counts what was handed to it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from servicedesk.event import Event
from servicedesk.incidents.story import Story
from servicedesk.reports import cases
from servicedesk.reports.cases import Case, Cases, Frame, Result, count, percentile, share
from servicedesk.reports.facts import Fact, HandOffFact
from servicedesk.reports.figures import (
    BY_ID,
    HANDOFFS,
    LESS,
    MORE,
    N_,
    NEITHER,
    SECONDS,
    SHARE,
    Figure,
)
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar

ASKED, REFUSED, NUDGED = "handoff.asked", "handoff.answer_refused", "handoff.nudged"
NOTED = (ASKED, REFUSED, NUDGED)
QUESTIONS, REFUSALS, NUDGES, REQUESTS = "questions", "refusals", "nudges", "requests"  # units
DONE, WITHDRAWN = "done", "withdrawn"


@dataclass(frozen=True, slots=True)
class Noted:
    """What happened to a hand-off while it was open."""

    kind: str  # of the event
    n: int  # of the hand-off
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """H6: a work request, as a score needs it."""

    n: int
    receiver: str
    asked_at: datetime
    due: datetime | None
    ended_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Shift:
    """H1: a stretch in which a partner held the incident, with its contract's calendar."""

    holder: str
    start: datetime
    end: datetime | None
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Dealt(Fact):
    """An incident's fact as reports have it, with what else its hand-offs tell."""

    noted: tuple[Noted, ...] = ()
    requests: tuple[Asked, ...] = ()
    shifts: tuple[Shift, ...] = ()


def dealt(fact: Fact, story: Story, events: Sequence[Event], setup: Directory) -> Dealt:
    """Add to a fact what its story and its events tell of hand-offs."""
    return Dealt(
        **{field.name: getattr(fact, field.name) for field in fields(Fact)},
        noted=tuple(Noted(e.kind, e.data["n"], e.at) for e in events if e.kind in NOTED),
        requests=tuple(
            Asked(r.n, r.receiver, r.asked_at, r.due, r.ended_at, r.state) for r in story.requests
        ),
        shifts=tuple(
            Shift(held.holder, held.start, held.end, setup.calendar_of(held.holder, held.start))
            for held in fact.held
            if held.holder.startswith("partner:")
        ),
    )


# Which cases there are


def _received(fact: Fact, frame: Frame) -> Iterator[Case]:
    """H2: of the hand-offs sent in the period, take those that the company got."""
    return (case for case in cases.sent(fact, frame) if case.party == frame.party)


def _own(fact: Fact, frame: Frame) -> list[HandOffFact]:
    return [handoff for handoff in fact.handoffs if handoff.receiver == frame.party]


def _ended(state: str) -> Cases:
    """H4: take hand-offs to the company that ended so in the period."""

    def found(fact: Fact, frame: Frame) -> Iterator[Case]:
        for handoff in _own(fact, frame):
            if handoff.state == state and frame.period.holds(handoff.ended_at):
                yield Case(fact.number, 1, handoff.receiver, handoff.ended_at, handoff.n)

    return found


def _noted(kind: str) -> Cases:
    """H2: take what happened in the period to hand-offs to the company, each time it did."""

    def found(fact: Fact, frame: Frame) -> Iterator[Case]:
        own = {handoff.n for handoff in _own(fact, frame)}
        for one in fact.noted if isinstance(fact, Dealt) else ():
            if one.kind == kind and one.n in own and frame.period.holds(one.at):
                yield Case(fact.number, 1, frame.party, one.at, one.n)

    return found


def _open(fact: Fact, frame: Frame) -> Iterator[Case]:
    """H2: take hand-offs to the company that were open at the end of the period."""
    for handoff in _own(fact, frame):
        still = handoff.ended_at is None or handoff.ended_at >= frame.until
        if handoff.sent_at < frame.until and still:
            yield Case(fact.number, 1, handoff.receiver, handoff.sent_at, handoff.n)


def _held(measure: Callable[[Shift, datetime, datetime], int]) -> Cases:
    """H1: take the time within the period in which the company held an incident."""

    def found(fact: Fact, frame: Frame) -> Iterator[Case]:
        spent = list(_spent(fact, frame, measure, frame.period.start, frame.until))
        if sum(spent):
            yield Case(fact.number, sum(spent), frame.party, fact.logged_at)

    return found


def _spent(
    fact: Fact,
    frame: Frame,
    measure: Callable[[Shift, datetime, datetime], int],
    start: datetime,
    end: datetime,
) -> Iterator[int]:
    for shift in fact.shifts if isinstance(fact, Dealt) else ():
        since, until = max(shift.start, start), min(shift.end or end, end)
        if shift.holder == frame.party and since < until:
            yield measure(shift, since, until)


def _clock_time(_shift: Shift, start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def _working_time(shift: Shift, start: datetime, end: datetime) -> int:
    return shift.calendar.counted(start, end)


def _answered(fact: Fact, frame: Frame) -> Iterator[Case]:
    """H2: take hand-offs answered in the period, with how long the company held them."""
    for handoff in _own(fact, frame):
        ended = handoff.ended_at
        if handoff.state == "answered" and ended and frame.period.holds(ended):
            spent = sum(_spent(fact, frame, _working_time, handoff.sent_at, ended))
            yield Case(fact.number, spent, handoff.receiver, ended, handoff.n)


def _requests(fact: Fact, frame: Frame) -> Iterator[Asked]:
    every = fact.requests if isinstance(fact, Dealt) else ()
    return (request for request in every if request.receiver == frame.party)


def _requested(fact: Fact, frame: Frame) -> Iterator[Case]:
    """H6: take work requested of the company in the period."""
    for request in _requests(fact, frame):
        if frame.period.holds(request.asked_at):
            yield Case(fact.number, 1, request.receiver, request.asked_at, request.n)


def _done(fact: Fact, frame: Frame) -> Iterator[Case]:
    """H6: take work requested for the period, and judge it as wishes are."""
    for request in _requests(fact, frame):
        due, ended = request.due, request.ended_at
        if due is None or not frame.period.holds(due):
            continue
        ahead = ended is None and frame.at <= due
        dropped = request.state == WITHDRAWN and ended is not None and ended <= due
        if not ahead and not dropped:
            in_time = request.state == DONE and ended is not None and ended <= due
            yield Case(fact.number, int(in_time), request.receiver, due, request.n)


def _sum(values: Sequence[int]) -> Result:
    """Add times up; none of nothing (F5)."""
    return Result(sum(values) if values else None, None, len(values))


# The definitions

_NONE = N_("None.")
_NUMBER = (N_("Their number."),)
_HELD = N_("Stretches within the period in which the company held an incident.")
_ANSWERED = N_("Hand-offs to the company that were answered in the period.")
_ITS_TIME = N_(
    "From its sending to its answer, only while the company held the incident; working time of "
    "its contract's calendar."
)

BESIDE: tuple[Figure, ...] = (
    Figure(
        "partner.sent", N_("Hand-offs received"),
        N_("Hand-offs sent to the company in the period."), _NONE, _NUMBER,
        HANDOFFS, NEITHER, _received, count,
    ),
    Figure(
        "partner.open", N_("Open at the end"),
        N_("Hand-offs to the company that were neither answered nor ended at the end."),
        _NONE, _NUMBER, HANDOFFS, LESS, _open, count,
    ),
    Figure(
        "partner.sent_back", N_("Sent back"),
        N_("Hand-offs to the company that it sent back in the period."), _NONE, _NUMBER,
        HANDOFFS, LESS, _ended("sent_back"), count,
    ),
    Figure(
        "partner.refused", N_("Answers refused"),
        N_("Refusals in the period of answers that the company gave."),
        _NONE, (N_("Their number; an answer may be refused more than once."),),
        REFUSALS, LESS, _noted(REFUSED), count,
    ),
    Figure(
        "partner.recalled", N_("Recalled"),
        N_("Hand-offs to the company that were recalled in the period, or resolved by the desk."),
        _NONE, _NUMBER, HANDOFFS, NEITHER, _ended("recalled"), count,
    ),
    Figure(
        "partner.questions", N_("Questions asked"),
        N_("Questions that the company asked in the period."),
        _NONE, _NUMBER, QUESTIONS, NEITHER, _noted(ASKED), count,
    ),
    Figure(
        "partner.nudges", N_("Nudged"),
        N_("Nudges that the company got in the period."),
        _NONE, _NUMBER, NUDGES, LESS, _noted(NUDGED), count,
    ),
    Figure(
        "working_time_to_answer.p50", N_("Working time to answer: median"), _ANSWERED, _NONE,
        (_ITS_TIME, N_("Nearest rank: the shortest time that half of them did not exceed.")),
        SECONDS, LESS, _answered, percentile(50),
    ),
    Figure(
        "working_time_to_answer.p90", N_("Working time to answer: P90"), _ANSWERED, _NONE,
        (
            _ITS_TIME,
            N_("Nearest rank: the shortest time that nine in ten of them did not exceed."),
        ),
        SECONDS, LESS, _answered, percentile(90),
    ),
    Figure(
        "working_time_held", N_("Time held, working time"), _HELD, _NONE,
        (N_("Their sum, in working time of the contract's calendar."),),
        SECONDS, NEITHER, _held(_working_time), _sum,
    ),
    Figure(
        "time_held", N_("Time held, round the clock"), _HELD, _NONE, (N_("Their sum."),),
        SECONDS, NEITHER, _held(_clock_time), _sum,
    ),
    Figure(
        "partner.requests", N_("Work requests received"),
        N_("Work requests sent to the company in the period."), _NONE, _NUMBER,
        REQUESTS, NEITHER, _requested, count,
    ),
    Figure(
        "partner.requests_done", N_("Work requests done in time"),
        N_("Work requests to the company whose due date falls in the period."),
        N_("Those withdrawn before it, and those still ahead of it. Without a date none counts."),
        (N_("Done at or before it ÷ all. What is still open past it, or was sent back, is late."),),
        SHARE, MORE, _done, share,
    ),
)  # fmt: skip

# In the order in which a score shows them; of the report's figures, its own definitions.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("contract", ("partner.acceptance", "partner.answer", "partner.holding")),
    ("handoffs", ("partner.sent", "partner.open", "partner.sent_back", "partner.refused",
                  "partner.recalled", "partner.questions", "partner.nudges")),
    ("time", ("working_time_to_answer.p50", "working_time_to_answer.p90", "working_time_held",
              "time_held")),
    ("requests", ("partner.requests", "partner.requests_done")),
)  # fmt: skip
CONTRACT = GROUPS[0][1]
SCORED: tuple[str, ...] = tuple(id for _name, ids in GROUPS for id in ids)
MEASURES: Mapping[str, Figure] = {figure.id: figure for figure in BESIDE} | {
    id: BY_ID[id] for name in CONTRACT for id in (name, f"{name}.net")
}
# what a case's number within its incident is of
OF_REQUESTS = ("partner.requests", "partner.requests_done")
