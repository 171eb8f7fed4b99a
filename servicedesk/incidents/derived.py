"""C6: the rows that follow from an incident's story and its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from servicedesk.db import Model
from servicedesk.incidents import episodes, rules, timetable
from servicedesk.incidents.clocks import ClockState, Clockwork, Net
from servicedesk.incidents.models import (
    NO_DATE,
    DateChange,
    Exclusion,
    Firing,
    HandOff,
    Holding,
    MajorIncident,
    NextStep,
    ReturnProposal,
    WorkRequest,
)
from servicedesk.incidents.rules import StepDue
from servicedesk.incidents.story import DateEntry, Fired, Story
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.models import ClockRow

Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """All rows of one incident that follow from its journal."""

    incident: Row
    holdings: list[Row] = field(default_factory=list)
    handoffs: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    dates: list[Row] = field(default_factory=list)
    firings: list[Row] = field(default_factory=list)
    exclusions: list[Row] = field(default_factory=list)
    proposals: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    majors: list[Row] = field(default_factory=list)
    next_steps: list[Row] = field(default_factory=list)  # one, or none

    def by_model(self) -> Iterable[tuple[type[Model], tuple[str, ...], list[Row]]]:
        """Give each table with what identifies its rows within the incident."""
        yield Holding, ("n",), self.holdings
        yield HandOff, ("n",), self.handoffs
        yield ClockRow, ("kind", "party", "handoff"), self.clocks
        yield DateChange, ("n",), self.dates
        yield Firing, ("policy", "step", "cycle"), self.firings
        yield Exclusion, ("n",), self.exclusions
        yield ReturnProposal, ("n",), self.proposals
        yield WorkRequest, ("n",), self.requests
        yield MajorIncident, ("n",), self.majors
        yield NextStep, (), self.next_steps


def rows(work: Clockwork, now: datetime) -> Rows:
    """C6: derive every row from the story and its clocks, as of an instant."""
    story = work.story
    return Rows(
        incident=incident_row(work),
        holdings=[
            {"n": n, "holder": h.holder, "start": h.start, "end": h.end}
            for n, h in enumerate(story.holdings, 1)
        ],
        handoffs=[_handoff(h) for h in story.handoffs],
        clocks=clock_rows(work, now),
        dates=[_date(entry) for entry in story.dates],
        firings=[firing_row(name, story) for name in story.fired],
        exclusions=[_exclusion(one) for one in story.exclusions],
        proposals=[_proposal(one) for one in story.proposals],
        requests=[_request(one) for one in story.requests],
        majors=[_major(one, story) for one in story.majors],
        next_steps=next_steps(work),
    )


def firing_row(name: Fired, story: Story) -> Row:
    """C6: derive the row of a step that was done or noted as passed."""
    firing, taken = story.fired[name], story.acknowledged.get(name)
    return {
        **dict(zip(("policy", "step", "cycle"), name, strict=True)),
        "due_at": firing.due,
        "fired_at": firing.at,
        "told": list(firing.told),
        "acknowledged_at": taken.at if taken else None,
        "acknowledged_by_id": taken.by if taken else None,
    }


def incident_row(work: Clockwork) -> Row:
    """C6: derive what an incident's row says of its story and its next target."""
    return _incident(work.story) | outlook_row(work)


def outlook_row(work: Clockwork) -> Row:
    """C6: derive what of an incident's row follows from its clocks."""
    return _next(work, work.states(work.story.changed_at))


def clock_rows(work: Clockwork, now: datetime) -> list[Row]:
    """C6: derive the rows of the clocks, as of an instant."""
    return [_clock(state, now) for state in work.states(now)]


def next_steps(work: Clockwork, coming: Sequence[StepDue] | None = None) -> list[Row]:
    """E2: derive what is due next for the incident by itself, as things stand: one row or none."""
    steps = rules.to_come(work) if coming is None else coming
    found: list[Row] = [
        {"at": due.at, "policy": due.policy, "what": due.step.key} for due in steps[:1]
    ]
    found += [{"at": it.at, "policy": None, "what": it.kind} for it in timetable.duties(work)[:1]]
    return sorted(found, key=lambda row: (row["at"], row["policy"] or ""))[:1]


SAME_NAME = (
    "type", "channel", "confidential", "impact", "urgency", "priority", "state", "desk_group",
    "given_to", "holder", "resolution_code", "logged_at", "changed_at", "first_response_at",
    "resolved_at", "closed_at", "cancelled_at", "returns", "reopened",
)  # fmt: skip


def _incident(story: Story) -> Row:
    row: Row = {name: getattr(story, name) for name in SAME_NAME}
    wish, first, promise = story.current("requested"), story.first_wish(), story.current("promised")
    return row | {
        "version": story.seq,
        "requester_id": story.requester,
        "logged_by_id": story.logged_by,
        "service_id": story.service,
        "assignee_id": story.assignee,
        "duplicate_of_id": story.duplicate_of,
        "parent_id": story.parent,
        "major_id": story.part_of,
        "approver_id": story.approver,
        "approval": story.approval,
        "hold_reason": story.hold.reason if story.hold else None,
        "hold_until": story.hold.until if story.hold else None,
        "held_since": story.holdings[-1].start if story.is_open else None,
        "handoff_count": len(story.handoffs),
        "rush": bool(first and first.rush),
        "requested_day": wish.day if wish else None,
        "requested_due": wish.due if wish else None,
        "first_requested_day": first.day if first else None,
        "first_requested_due": first.due if first else None,
        "promised_day": promise.day if promise else None,
        "promised_due": promise.due if promise else None,
    }


def _next(work: Clockwork, states: list[ClockState]) -> Row:
    """Derive what a list shows as the next target, and by what it sorts."""
    story = work.story
    if not story.is_open:
        names = ("kind", "party", "due", "left")
        nothing = {f"target_{name}": None for name in names}
        return nothing | {"next_due": NO_DATE, "late_from": NO_DATE}
    target = next_target(story, states)
    dates = [s for s in states if s.kind in ("requested", "promised")]
    calendar = work.directory.calendar_of(story.desk_group, story.logged_at)
    plans = [_planned(calendar, s.due_at, story.current(s.kind)) for s in dates if s.due_at]
    running = target if target and target.running else None
    dues = [*plans, running.due_at if running else None]
    lates = [*(s.late_from for s in dates), running.late_from if running else None]
    return {
        "target_kind": target.kind if target else None,
        "target_party": target.party if target else None,
        "target_due": running.due_at if running else None,
        "target_left": target.left if target else None,
        "next_due": min((due for due in dues if due), default=NO_DATE),
        "late_from": min((late for late in lates if late), default=NO_DATE),
    }


def _planned(calendar: Calendar, due: datetime, date: DateEntry | None) -> datetime:
    """D1: plan for the last working moment at or before a date; a day ends before midnight."""
    last = due - timedelta(seconds=1) if date and date.day else due
    return calendar.last_working_moment(last) or due


def next_target(story: Story, states: list[ClockState]) -> ClockState | None:
    """Choose the target that is next: the earliest that runs, else the paused resolution."""
    now_held = {None, story.holder}
    mine = [
        s for s in states
        if s.target is not None and s.stopped_at is None and s.party in now_held
    ]  # fmt: skip
    running = [s for s in mine if s.running and s.due_at]
    if running:
        return min(running, key=lambda s: s.due_at or NO_DATE)
    return next((s for s in mine if s.kind == "resolution"), None)


def _handoff(handoff: Any) -> Row:
    return {
        "n": handoff.n,
        "sender": handoff.sender,
        "receiver": handoff.receiver,
        "direction": handoff.direction,
        "is_return": handoff.is_return,
        "state": handoff.state,
        "sent_at": handoff.sent_at,
        "sent_by_id": handoff.sent_by,
        "accepted_at": handoff.accepted_at,
        "ended_at": handoff.ended_at,
        "answer_by": handoff.answer_by,
        "returns_to": handoff.returns_to,
        "asked_at": handoff.question.asked_at if handoff.question else None,
        "questions": len(handoff.questions),
        "nudged_at": handoff.nudges[-1] if handoff.nudges else None,
        "nudges": len(handoff.nudges),
        "refusals": handoff.refusals,
    }


def _proposal(one: episodes.Return) -> Row:
    return {
        "n": one.n,
        "sender": one.sender,
        "receiver": one.receiver,
        "state": one.state,
        "asked_by_id": one.asked_by,
        "asked_at": one.asked_at,
        "answer_by": one.answer_by,
        "decided_by_id": one.decided_by,
        "decided_at": one.decided_at,
    }


def _request(one: episodes.WorkRequest) -> Row:
    return {
        "n": one.n,
        "sender": one.sender,
        "receiver": one.receiver,
        "state": one.state,
        "due": one.due,
        "must_finish": one.must_finish,
        "asked_by_id": one.asked_by,
        "asked_at": one.asked_at,
        "accepted_at": one.accepted_at,
        "ended_at": one.ended_at,
    }


def _clock(state: ClockState, now: datetime) -> Row:
    return {
        "kind": state.kind,
        "party": state.party,
        "handoff": state.handoff,
        "calendar": state.calendar,
        "priority": state.priority,
        "target_seconds": state.target,
        "state": state.state,
        "running": state.running,
        "started_at": state.started_at,
        "due_at": state.due_at,
        "late_from": state.late_from,
        "breaches_at": state.breaches_at,
        "counted_seconds": state.counted,
        "counted_at": now,
        "stopped_at": state.stopped_at,
        "breached_at": state.breached_at,
        **_net(state.net),
    }


def _net(net: Net | None) -> Row:
    return {
        "excluded_seconds": net.excluded if net else 0,
        "net_state": net.state if net else None,
        "net_late_from": net.late_from if net else None,
        "net_breaches_at": net.breaches_at if net else None,
        "net_breached_at": net.breached_at if net else None,
    }


def _exclusion(one: episodes.Exclusion) -> Row:
    return {
        "n": one.n,
        "start": one.start,
        "end": one.end,
        "clocks": list(one.clocks),
        "state": one.state,
        "asked_by_id": one.asked_by,
        "asked_at": one.asked_at,
        "decided_by_id": one.decided_by,
        "decided_at": one.decided_at,
    }


def _date(entry: DateEntry) -> Row:
    return {
        "n": entry.n,
        "kind": entry.kind,
        "day": entry.day,
        "due": entry.due,
        "state": entry.state,
        "answer": entry.answer,
        "by_id": entry.by,
        "at": entry.at,
    }


def _major(one: episodes.Major, story: Story) -> Row:
    return {
        "n": one.n,
        "state": one.state,
        "proposed_at": one.proposed_at,
        "proposed_by_id": one.proposed_by,
        "policy": one.rule[0] if one.rule else None,
        "step": one.rule[1] if one.rule else None,
        "decided_at": one.decided_at,
        "decided_by_id": one.decided_by,
        "coordinator_id": one.coordinator,
        "every_seconds": one.every,
        "update_due": one.update_due if story.is_open else None,
        "updated_at": one.updates[-1] if one.updates else None,
        "updates": len(one.updates),
        "missed": len(one.missed),
        "over_at": one.over_at,
        "reviewed_at": one.reviewed_at,
    }
