"""E1, E3: does one step of a policy: the firing, what it does and whom it tells, all or nothing."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal, outbox
from servicedesk.escalation import handoffs, path
from servicedesk.escalation.recipients import recipients
from servicedesk.incidents import acts, record
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.priority import raised
from servicedesk.incidents.rules import StepDue
from servicedesk.setup.directory import Party
from servicedesk.times import iso, local_day

BY_RULE = "rule"  # the reason of a hand-off


def fire(session: Session, incident: Incident, act: Act, due: StepDue) -> None:
    """Step: fire a step that is due; a step with nobody to tell still fires."""
    receiver = _receiver(act, due.step.hand_off)
    words = list(due.step.tell)
    if due.step.hand_off and receiver is None:
        words.append("holder-lead")  # E1: at the end of the path
    told = recipients(session, act, words)
    act.record(
        "step.fired",
        policy=due.policy,
        step=due.step.key,
        cycle=due.cycle,
        due=iso(due.at),
        told=told or None,
        closed=_passed_over(act, due.step.hand_off) or None,
    )
    if receiver:
        _hand_off(session, incident, act, due, receiver)
    if due.step.deeds.get("priority") == "up":
        _raise(act)
    for person in told:
        _tell(session, incident, act, due, person, receiver)


def _tell(
    session: Session,
    incident: Incident,
    act: Act,
    due: StepDue,
    person: int,
    receiver: Party | None,
) -> None:
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
        handed_to=receiver.ref if receiver else None,
    )


def _hand_off(
    session: Session, incident: Incident, act: Act, due: StepDue, receiver: Party
) -> None:
    with force_locale(act.directory.language):
        note = _("Handed on by the rule “%(step)s”.", step=due.step.key)
    sent = handoffs.send(act, receiver, reason=BY_RULE, note=journal.digest(note))
    record.bring_up(session, incident, act.work, act.now)
    row = session.query(HandOff).filter_by(incident_id=incident.id, n=sent.n).one()
    row.reason, row.note = BY_RULE, note


def _receiver(act: Act, said: str | None) -> Party | None:
    """Give who it goes to: nobody at the end of the path, nor who has it or takes nothing.

    A step of the path outside of its contract's days is passed over.
    """
    setup = act.directory
    if said == "next":
        steps = setup.services[act.story.service].path
        ref = path.next_step(steps, act.story.given_to, lambda ref: setup.receives(ref, act.now))
        return setup.parties.get(ref or "")
    found = setup.by_key.get(said or "")
    taken = found and found.ref != act.story.given_to and setup.receives(found.ref, act.now)
    return found if taken else None


def _passed_over(act: Act, said: str | None) -> list[str]:
    """Give whom the step would have gone to, did their contract hold; it is noted with it."""
    setup, here = act.directory, act.story.given_to
    day = local_day(act.now, setup.zone)
    if said == "next":
        path_of = setup.services[act.story.service].path
        refs = path_of[path_of.index(here) + 1 :] if here in path_of else path_of
    else:
        refs = tuple(party.ref for party in [setup.by_key.get(said or "")] if party)
    found = []
    for ref in refs:
        if setup.receives(ref, act.now):
            break
        if setup.party(ref).active and not setup.party(ref).takes(day):
            found.append(ref)
    return found


def _raise(act: Act) -> None:
    """Raise the priority by as little as the matrix allows."""
    now = act.story.impact, act.story.urgency
    if better := raised(act.directory.priorities, *now):
        acts.prioritise(act, *better)
