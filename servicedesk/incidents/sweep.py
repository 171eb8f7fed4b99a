"""What happens to incidents by itself, when its time has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.incidents import acts, approvals, timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import Incident
from servicedesk.incidents.timetable import HOLD_ENDS, Duty
from servicedesk.times import iso


def perform(
    session: Session, incident: Incident, act: Act, duty: Duty, now: datetime | None = None
) -> None:
    """Step: do what has come by itself, at its own instant; `now` is when that is noticed."""
    act.now = max(duty.at, act.story.changed_at)
    _PERFORM[duty.kind](session, incident, act, max(now or act.now, act.now))


def _end_hold(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    acts.start(act)


def _remind_requester(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    n = _remind(act, "requester.reminded", now)
    outbox.queue(
        session, "reminder", now=now, person=act.story.requester, incident=incident.id, n=n
    )


def _remind_approver(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    _remind(act, "approver.reminded", now)
    approvals.queue_question(session, incident, act, "approval_reminder", now)


def _remind(act: Act, kind: str, now: datetime) -> int:
    """Note a reminder; one that is late says so, because what follows counts from there."""
    hold = act.story.hold
    n = len(hold.reminded) + 1 if hold else 1
    act.record(kind, n=n, sent=iso(now) if now > act.now else None)
    return n


def _end_without_answer(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    acts.resolve(act, "no_answer")


def _close(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    acts.close(act)


def _miss_update(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    act.record("major.update_missed", sent=iso(now) if now > act.now else None)


Deed = Callable[[Session, Incident, Act, datetime], None]


def performs(kind: str) -> Callable[[Deed], Deed]:
    """Let a step of another package do what comes by itself of a kind."""

    def keep(deed: Deed) -> Deed:
        _PERFORM[kind] = deed
        return deed

    return keep


_PERFORM: dict[str, Deed] = {
    HOLD_ENDS: _end_hold,
    timetable.REMIND_REQUESTER: _remind_requester,
    timetable.NO_ANSWER: _end_without_answer,
    timetable.REMIND_APPROVER: _remind_approver,
    timetable.CLOSE: _close,
    timetable.UPDATE_MISSED: _miss_update,
}
