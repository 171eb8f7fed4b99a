"""What comes to an incident of the demo by itself, as if somebody had swept all along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from servicedesk.escalation.firing import fire
from servicedesk.incidents import record, rules, timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.models import Incident
from servicedesk.incidents.rules import StepDue
from servicedesk.incidents.sweep import perform
from servicedesk.incidents.timetable import Duty


@dataclass(frozen=True)
class Coming:
    """The first that comes: something agreed, such as a reminder, or a rule."""

    at: datetime
    what: Duty | StepDue
    passed: bool = False  # it was due before its rule was there

    @property
    def hands_off(self) -> bool:
        """Say whether it would go to somebody else by that."""
        return isinstance(self.what, StepDue) and bool(self.what.step.hand_off) and not self.passed


def first_due(work: Clockwork) -> Coming | None:
    """Give what comes first as things stand; what was agreed before any rule."""
    some = [Coming(duty.at, duty) for duty in timetable.duties(work)]
    some += [_by_rule(work, due) for due in rules.to_come(work)]
    return min(some, key=lambda coming: coming.at, default=None)


def _by_rule(work: Clockwork, due: StepDue) -> Coming:
    """Give when a step is done; with a rule's publishing it is noted what was due before (E3)."""
    since = due.step.since
    if since and rules.passed([due], work):
        return Coming(max(due.at, since), due, passed=True)
    return Coming(due.at, due)


def let_come(session: Session, incident: Incident, act: Act, due: Coming) -> None:
    """Step: do it at its own instant."""
    act.actor, act.now = None, max(due.at, act.story.changed_at)
    if isinstance(due.what, Duty):
        perform(session, incident, act, due.what)
    elif due.passed:
        record.note_passed(act, [due.what])
    else:
        fire(session, incident, act, due.what)
