"""E1, E3: does one step of a policy: the firing, what it does and whom it tells, all or nothing."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal, outbox
from servicedesk.errors import DeskError
from servicedesk.escalation import handoffs, path
from servicedesk.escalation.recipients import recipients
from servicedesk.incidents import acts, record
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.priority import raised
from servicedesk.incidents.rules import StepDue
from servicedesk.setup.directory import Party
from servicedesk.times import iso

BY_RULE = "rule"  # the reason of a hand-off


def fire(session: Session, incident: Incident, act: Act, due: StepDue) -> None:
    """Step: fire a step that is due; a step with nobody to tell still fires."""
    told = list(due.step.tell)
    act.record("step.fired", policy=due.policy, step=due.step.key, cycle=due.cycle, due=iso(due.at))
    if due.step.hand_off and not _hand_off(session, incident, act, due):
        told.append("holder-lead")  # E1: at the end of the path
    if due.step.deeds.get("priority") == "up":
        _raise(act)
    _tell(session, incident, act, due, told)


def _tell(session: Session, incident: Incident, act: Act, due: StepDue, told: list[str]) -> None:
    for person in recipients(session, act, told):
        outbox.queue(
            session,
            "rule",
            now=act.now,
            person=person,
            incident=incident.id,
            policy=due.policy,
            step=due.step.key,
            kind_of_clock=due.step.kind,
            amount=due.step.amount,
            due=iso(due.at),
            handed_to=act.story.given_to if due.step.hand_off else None,
        )


def _hand_off(session: Session, incident: Incident, act: Act, due: StepDue) -> bool:
    """Hand the incident on; says whether there was somebody to hand it to."""
    receiver = _receiver(act, due.step.hand_off or "")
    if receiver is None or receiver.ref == act.story.given_to or not receiver.active:
        return False
    with force_locale(act.directory.language):
        note = _("Handed on by the rule “%(step)s”.", step=due.step.key)
    try:
        sent = handoffs.send(act, receiver, reason=BY_RULE, note=journal.digest(note))
    except DeskError:
        return False
    record.bring_up(session, incident, act.work, act.now)
    row = session.query(HandOff).filter_by(incident_id=incident.id, n=sent.n).one()
    row.reason, row.note = BY_RULE, note
    return True


def _receiver(act: Act, said: str) -> Party | None:
    if said != "next":
        return act.directory.by_key.get(said)
    steps = act.directory.services[act.story.service].path
    ref = path.next_step(steps, act.story.given_to)
    return act.directory.parties.get(ref or "")


def _raise(act: Act) -> None:
    """Raise the priority by as little as the matrix allows."""
    now = act.story.impact, act.story.urgency
    if better := raised(act.directory.priorities, *now):
        acts.prioritise(act, *better)
