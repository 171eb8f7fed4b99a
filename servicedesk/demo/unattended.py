"""What comes to an incident of the demo by itself, as if somebody had swept all along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from servicedesk.escalation.firing import fire
from servicedesk.incidents import rules, timetable
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

    @property
    def hands_off(self) -> bool:
        """Say whether it would go to somebody else by that."""
        return isinstance(self.what, StepDue) and bool(self.what.step.hand_off)


def first_due(work: Clockwork) -> Coming | None:
    """Give what comes first as things stand; what was agreed before any rule."""
    some: list[Duty | StepDue] = [*timetable.duties(work), *rules.to_come(work)]
    return min((Coming(one.at, one) for one in some), key=lambda c: c.at, default=None)


def let_come(session: Session, incident: Incident, act: Act, due: Coming) -> None:
    """Step: do it at its own instant."""
    act.actor, act.now = None, max(due.at, act.story.changed_at)
    if isinstance(due.what, Duty):
        perform(session, incident, act, due.what)
    else:
        fire(session, incident, act, due.what)
