"""E1, E3: does one step of a policy: the firing, what it does and whom it tells, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal, outbox
from servicedesk.escalation import handoffs, path
from servicedesk.escalation.acknowledging import LASTS, PURPOSE
from servicedesk.escalation.recipients import recipients
from servicedesk.incidents import acts, majoring, record
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.priority import raised
from servicedesk.incidents.rules import StepDue
from servicedesk.people import links
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.people.permissions import may
from servicedesk.setup.directory import Party
from servicedesk.times import iso, local_day

BY_RULE = "rule"  # the reason of a hand-off
Find = Callable[[Session, Act, Iterable[str]], list[int]]  # as recipients does


def fire(session: Session, incident: Incident, act: Act, due: StepDue) -> None:
    """Step: fire a step that is due; a step with nobody to tell still fires."""
    first = due.round == 1  # what it does besides telling it does once
    hand_off = due.step.hand_off if first else None
    receiver = _receiver(act, hand_off)
    told = _told(session, act, due, at_end=hand_off is not None and receiver is None)
    policy, step, cycle = due.identity
    act.record(
        "step.fired",
        policy=policy,
        step=step,
        cycle=cycle,
        due=iso(due.at),
        told=told or None,
        closed=_passed_over(act, hand_off) or None,
    )
    if receiver:
        _hand_off(session, incident, act, due, receiver)
    if first and due.step.deeds.get("priority") == "up":
        _raise(act)
    if first and due.step.deeds.get("major") == "propose" and not act.story.part_of:
        majoring.propose(act, rule=due.identity)
    for person in told:
        _tell(session, incident, act, due, person, receiver)


def would_tell(session: Session, act: Act, due: StepDue, find: Find) -> list[int]:
    """Step: give whom a step tells if it is done now, asking `find` for recipients."""
    hand_off = due.step.hand_off if due.round == 1 else None
    at_end = hand_off is not None and _receiver(act, hand_off) is None
    return _told(session, act, due, at_end=at_end, find=find)


def _told(
    session: Session, act: Act, due: StepDue, *, at_end: bool, find: Find = recipients
) -> list[int]:
    """Give whom a round of a step tells; at the end of the path the holder's lead too (E1).

    While the holder is closed that is whoever is meant for then. A rung of the chain with nobody
    on it gives way to the next.
    """
    step = due.step
    hours = act.directory.calendar_of(act.story.holding_party, act.now)
    words = step.outside if step.outside and not hours.is_open(act.now) else step.tell
    found = find(session, act, [*words, *(["holder-lead"] if at_end else [])])
    rungs = (find(session, act, [word]) for word in step.rungs(due.round))
    rung = next((people for people in rungs if people), [])
    return list(dict.fromkeys([*found, *rung]))


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
        link=_link(session, incident, act, due, person),
        policy=due.policy,
        step=due.step.key,
        kind_of_clock=due.step.kind,
        amount=due.step.amount,
        due=iso(due.at),
        cycle=due.cycle if due.step.repeats else None,
        round=due.round if due.round > 1 else None,
        most=due.step.most if due.step.repeats else None,
        handed_to=receiver.ref if receiver else None,
    )


def _link(session: Session, incident: Incident, act: Act, due: StepDue, person: int) -> int | None:
    """Make the link by which somebody takes responsibility from the mail, if they may (E1)."""
    if not due.step.repeats or outbox.is_quiet(session):
        return None
    if not may(session.get_one(Person, person), Right.TAKE_RESPONSIBILITY):
        return None
    rule = {"policy": due.policy, "step": due.step.key, "cycle": due.cycle}
    link = links.make(
        session,
        PURPOSE,
        now=act.now,
        lasts=LASTS,
        person=person,
        incident=incident.id,
        **rule,
    )
    return link.id


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
