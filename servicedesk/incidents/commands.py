"""What people do with incidents: each command is one transaction and one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed
from servicedesk.incidents import acts, approvals, files, record, solved, words
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.dates import promises
from servicedesk.incidents.doing import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    Doing,
    Right,
    add_comment,
    continuing,
    doing,
)
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Incident, watcher
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Reach, reach
from servicedesk.setup.snapshot import directory

__all__ = ["TEXT_LENGTH", "TITLE_LENGTH", "Doing", "add_comment", "continuing", "doing"]


def log(
    *,
    actor: Person,
    now: datetime,
    title: str,
    service: str,
    description: str = "",
    requester: int | None = None,
    impact: int = 2,
    urgency: int = 2,
    type: str = "incident",
    channel: str = "portal",
    category: str | None = None,
    confidential: bool = False,
    wish: Due | None = None,
    uploads: tuple[Upload, ...] = (),
) -> int:
    """Log an incident and give its number; for somebody else only by the desk."""
    new = New(
        title, service, description, requester, impact, urgency, type, channel, category,
        confidential, wish, uploads,
    )  # fmt: skip
    actor_id = actor.id
    with transaction() as session:
        return log_new(session, session.get_one(Person, actor_id), new, now).number


@dataclass(frozen=True)
class New:
    """What is known of an incident that is to be logged."""

    title: str
    service: str
    description: str = ""
    requester: int | None = None  # None: who logs it
    impact: int = 2
    urgency: int = 2
    type: str = "incident"
    channel: str = "portal"
    category: str | None = None
    confidential: bool = False
    wish: Due | None = None
    uploads: tuple[Upload, ...] = ()


def log_new(session: Session, person: Person, new: New, now: datetime) -> Incident:
    """Step: log an incident as a person; raises BadInput or NotAllowed."""
    title = words.line(new.title, TITLE_LENGTH, _("Please say in a few words what it is about."))
    description = words.text(new.description, TEXT_LENGTH)
    who = _requester(session, person, new.requester)
    setup = directory(session)
    if (found := setup.services_by_key.get(new.service)) is None:
        raise BadInput(_("Please choose a service."))
    act = Act(Clockwork(setup), now, person.id)
    by_desk = who.id != person.id
    acts.log(
        act,
        requester=who.id,
        service=found,
        impact=new.impact,
        urgency=new.urgency,
        type=new.type,
        channel=new.channel,
        confidential=new.confidential or bool(found.more.get("confidential")),
        response=by_desk and new.channel in ("phone", "desk"),
        title=journal.digest(title),
        description=journal.digest(description) if description else None,
    )
    if new.wish:
        acts.wish(act, new.wish)
    approvals.ask(session, act)
    incident = record.add(
        session,
        act,
        now,
        title=title,
        description=description,
        department=who.department,
        category=new.category,
    )
    _attach(session, incident, act, new.uploads, person, now)
    return incident


def _requester(session: Session, actor: Person, requester: int | None) -> Person:
    if requester is None or requester == actor.id:
        if reach(actor, Right.LOG_INCIDENT) == Reach.NONE:
            raise NotAllowed(_("You may not do this."))
        return actor
    if reach(actor, Right.LOG_FOR_OTHERS) == Reach.NONE:
        raise NotAllowed(_("You may not do this."))
    person = session.get(Person, requester)
    if person is None or not person.active:
        raise BadInput(_("Please choose for whom it is logged."))
    return person


def _attach(
    session: Session,
    incident: Incident,
    act: Act,
    uploads: tuple[Upload, ...],
    person: Person,
    now: datetime,
    comment: int | None = None,
) -> None:
    """Step: keep files with their events; the act is saved again when files came."""
    if not uploads:
        return
    before = len(act.events)
    for upload in uploads:
        row = files.keep(session, incident, upload, person.id, now, comment)
        acts.attach(act, row.id, row.sha256, comment)
    added = Act(act.work, act.now, act.actor, events=act.events[before:])
    record.save(session, incident, added, now)


def take(number: int, *, actor: Person, now: datetime, version: int | None = None) -> None:
    """Take an incident oneself."""
    with doing(number, actor=actor, now=now, version=version) as it:
        acts.take(it.act)


def assign(
    number: int, person: int | None, *, actor: Person, now: datetime, version: int | None = None
) -> None:
    """Give an incident to a person, or to nobody."""
    with doing(number, actor=actor, now=now, version=version) as it:
        if person is not None:
            found = it.session.get(Person, person)
            if found is None or not found.active or not found.has("agent", "lead"):
                raise BadInput(_("Please choose somebody of the desk."))
        acts.assign(it.act, person)


def comment(
    number: int,
    kind: str,
    body: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
    then_wait: bool = False,
) -> int:
    """Write a reply or an internal note; gives the comment's id. `then_wait`: for the requester."""
    right = Right.WRITE_NOTE if kind == "note" else Right.WRITE_REPLY
    body = words.text(body, TEXT_LENGTH, _("Please write something first."))
    with doing(number, actor=actor, now=now, right=right, version=version) as it:
        desk = reach(it.actor, Right.WORK_INCIDENT) == Reach.ALL
        desk = desk and it.incident.requester_id != it.actor.id
        written = add_comment(it, kind, body, desk=desk, uploads=uploads)
        if then_wait:
            if not desk:
                raise NotAllowed(_("You may not do this."))
            acts.hold(it.act, "requester")
        return written.id


def hold(
    number: int,
    reason: str,
    *,
    actor: Person,
    now: datetime,
    until: datetime | None = None,
    question: str = "",
    version: int | None = None,
) -> None:
    """Put on hold; waiting for the requester needs a question that the requester sees (§4)."""
    with doing(number, actor=actor, now=now, version=version) as it:
        if reason == "approval":
            raise BadInput(_("Please choose what is being waited for."))
        if reason == "requester":
            body = words.text(question, TEXT_LENGTH, _("Please write what you need to know."))
            add_comment(it, "reply", body, desk=True)
        acts.hold(it.act, reason, until)


def resume(number: int, *, actor: Person, now: datetime, version: int | None = None) -> None:
    """Go on with what was on hold."""
    with doing(number, actor=actor, now=now, version=version) as it:
        acts.start(it.act)


def resolve(
    number: int,
    code: str,
    text: str,
    *,
    actor: Person,
    now: datetime,
    workaround: str = "",
    root_cause: str = "",
    version: int | None = None,
) -> None:
    """Resolve with a code and a text that the requester reads."""
    text = words.text(text, TEXT_LENGTH, _("Please say how it was resolved."))
    with doing(number, actor=actor, now=now, version=version) as it:
        acts.resolve(it.act, code, journal.digest(text))
        it.incident.resolution_text = text
        it.incident.workaround = words.text(workaround, TEXT_LENGTH) or None
        it.incident.root_cause = words.text(root_cause, TEXT_LENGTH) or None


def close(number: int, *, actor: Person, now: datetime, version: int | None = None) -> None:
    """The requester confirms that it is solved."""
    with doing(number, actor=actor, now=now, right=Right.CONFIRM_INCIDENT, version=version) as it:
        acts.close(it.act)


def reopen(
    number: int, *, actor: Person, now: datetime, text: str = "", version: int | None = None
) -> None:
    """It is not solved: the requester, or the desk, opens it again."""
    with doing(number, actor=actor, now=now, right=Right.REOPEN_INCIDENT, version=version) as it:
        solved.reopen(it, text)


def cancel(
    number: int,
    *,
    actor: Person,
    now: datetime,
    consent: bool = False,
    duplicate_of: int | None = None,
    version: int | None = None,
) -> None:
    """Cancel one's own, or as the desk with consent or as the duplicate of another number."""
    with doing(number, actor=actor, now=now, right=Right.CANCEL_INCIDENT, version=version) as it:
        other = None
        if duplicate_of is not None:
            query = sa.select(Incident.id).where(Incident.number == duplicate_of)
            other = it.session.scalar(query.where(visible(it.actor)))
            if other is None or other == it.incident.id:
                raise BadInput(_("There is no such other incident."))
        acts.cancel(it.act, consent=consent, duplicate_of=other)


def prioritise(
    number: int,
    impact: int,
    urgency: int,
    *,
    actor: Person,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Change impact and urgency, and with them the priority and the targets (C9)."""
    with doing(number, actor=actor, now=now, version=version) as it:
        text = words.text(reason, TEXT_LENGTH)
        parties = (it.act.story.given_to, it.act.story.desk_group)
        lead = it.actor.id in {it.act.directory.party(ref).lead for ref in parties}
        digest = journal.digest(text) if text else None
        acts.prioritise(it.act, impact, urgency, reason=digest, lead=lead)
        if text and it.act.events:  # the reason of a change that was one
            it.incident.priority_reason = text


def reclassify(
    number: int,
    service: str,
    type: str,
    *,
    actor: Person,
    now: datetime,
    category: str | None = None,
    version: int | None = None,
) -> None:
    """Change service, type and category."""
    with doing(number, actor=actor, now=now, version=version) as it:
        found = it.act.directory.services_by_key.get(service)
        if found is None or type not in ("incident", "request"):
            raise BadInput(_("Please choose a service."))
        before = it.act.story.service
        acts.reclassify(it.act, found, type)
        if found.id != before:
            approvals.ask_anew(it.session, it.act)
        it.incident.category = category


def wish(
    number: int,
    due: Due,
    *,
    actor: Person,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> None:
    """D3: the requester revises the wish, or the desk on the requester's word."""
    with doing(number, actor=actor, now=now, right=Right.REVISE_WISH, version=version) as it:
        own = it.incident.requester_id == it.actor.id
        text = words.text(reason, TEXT_LENGTH)
        digest = journal.digest(text) if text else None
        event = acts.wish(it.act, due, by_requester=own, reason=digest)
        promises.explain(it, event, text)


def confirm_wish(number: int, n: int, accept: bool, *, actor: Person, now: datetime) -> None:
    """D3: the requester answers a revision that the desk has noted."""
    promises.answer(number, "requested", n, promises.Answer(accept), actor=actor, now=now)


def promise(
    number: int,
    due: Due,
    *,
    actor: Person,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Answer the wish with a date."""
    with doing(number, actor=actor, now=now, version=version) as it:
        text = words.text(reason, TEXT_LENGTH)
        digest = journal.digest(text) if text else None
        event = acts.promise(it.act, due, reason=digest)
        promises.explain(it, event, text)


def answer_promise(number: int, n: int, accept: bool, *, actor: Person, now: datetime) -> None:
    """The requester accepts or declines the date offered."""
    promises.answer(number, "promised", n, promises.Answer(accept), actor=actor, now=now)


def watch(number: int, person: int, *, actor: Person, now: datetime) -> None:
    """Let a person watch an incident."""
    with doing(number, actor=actor, now=now, right=Right.WORK_INCIDENT) as it:
        there = sa.select(watcher.c.person_id).where(
            watcher.c.incident_id == it.incident.id, watcher.c.person_id == person
        )
        if it.session.scalar(there) is None:
            values = {"incident_id": it.incident.id, "person_id": person}
            it.session.execute(watcher.insert().values(values))
            it.act.record("watcher.added", person=person)
