"""E5: queues what people are to be told of an act, in the transaction of the act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.bridge import by_link
from servicedesk.bridge.models import HANDOFF, REQUEST
from servicedesk.escalation.recipients import recipients
from servicedesk.escalation.returns import deciders as deciders_of_return
from servicedesk.incidents import solved, timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.dates import promises
from servicedesk.incidents.models import Incident, watcher
from servicedesk.incidents.record import followed_by
from servicedesk.incidents.story import REQUESTER
from servicedesk.mail import concerned, deciders
from servicedesk.mail.policy import (
    ASKER,
    DECIDER,
    DESK,
    MANAGER,
    OF_MAJOR,
    SENDERS_LEAD,
    WATCHERS,
    News,
    told,
)
from servicedesk.people import links
from servicedesk.people.absence import asked
from servicedesk.people.models import Person, partner_member
from servicedesk.times import iso, local_day

ASKED_AT_MOST = timedelta(days=30)  # how long a question can be answered by the mail alone


@followed_by
def tell(session: Session, incident: Incident, act: Act) -> None:
    """Step: queue what the requester, watchers and a partner company are to be told of an act."""
    if outbox.is_quiet(session):
        return
    for news in told(act.events, act.story):
        if news.to.startswith("partner:"):
            _tell_partner(session, incident, act, news)
        else:
            _tell_people(session, incident, act, news)


def _tell_people(session: Session, incident: Incident, act: Act, news: News) -> None:
    ask = LINKS.get(news.kind) if news.to == REQUESTER else None
    if news.to in OF_MAJOR:
        _tell_many(session, incident, act, news)
        return
    for person in _people(session, incident, act, news):
        link = ask(session, incident, act, news) if ask else None
        outbox.queue(
            session,
            news.kind,
            now=act.now,
            person=person,
            incident=incident.id,
            link=link,
            by=news.by,
            closes=iso(closing(act)) if ask is _is_it_solved else None,
            **news.data,
        )


def _tell_many(session: Session, incident: Incident, act: Act, news: News) -> None:
    people = concerned.people(session, incident, act, news)  # kept until all are queued
    outbox.queue_many(
        session,
        news.kind,
        [person.id for person in people],
        now=act.now,
        incident=incident.id,
        by=news.by,
        **news.data,
    )


def _people(session: Session, incident: Incident, act: Act, news: News) -> list[int]:
    """Give the active people who are meant, but for who did it."""
    if news.to in (DECIDER, ASKER):
        return deciders.people(session, incident, act, news)
    if news.to == DESK:
        return [id for id in _of_desk(session, act) if id != news.by]
    if news.to in (SENDERS_LEAD, MANAGER) or news.to.startswith(("group:", "person:")):
        return [id for id in _named(session, act, news.to) if id != news.by]
    query = sa.select(Person.id).where(Person.active.is_(True), Person.id != (news.by or 0))
    query = query.order_by(Person.id)
    if news.to == WATCHERS:
        watching = sa.select(watcher.c.person_id).where(watcher.c.incident_id == incident.id)
        query = query.where(Person.id.in_(watching), Person.id != incident.requester_id)
    else:
        query = query.where(Person.id == incident.requester_id)
    return list(session.scalars(query))


def _named(session: Session, act: Act, to: str) -> list[int]:
    """Give who is meant by name or office; while they are absent, their deputies."""
    if to == SENDERS_LEAD:
        return deciders_of_return(session, act)
    if to == MANAGER:
        return recipients(session, act, ["manager"])
    kind, _colon, id = to.partition(":")
    lead = act.directory.party(to).lead if kind == "group" else None
    wanted = lead or (int(id) if kind == "person" and id.isdigit() else None)
    person = asked(session, wanted, local_day(act.now, act.directory.zone)) if wanted else None
    return [person.id] if person else []


def _of_desk(session: Session, act: Act) -> list[int]:
    """Give who works on it, else who leads the group that has it, else the desk's; or deputies."""
    for word in ("assignee", "holder-lead", "desk-lead"):
        if found := recipients(session, act, [word]):
            return found
    return []


def _is_it_solved(session: Session, incident: Incident, act: Act, news: News) -> int | None:
    """Make the link by which the requester says so without signing in; it ends at the closing."""
    ends, cycle = closing(act), act.story.reopened
    return _link(session, incident, act, solved.PURPOSE, ends, cycle=cycle)


def _does_it_suit(session: Session, incident: Incident, act: Act, news: News) -> int | None:
    """Make the link by which a date is accepted or declined; D3: it ends with the date before."""
    story, wish = act.story, act.story.current("requested")
    asked = next(date for date in story.dates if date.n == news.data["n"])
    ends = asked.due
    if asked.kind == "promised" and (asked.state != "current" or (wish and wish.due == ends)):
        return None  # it is the date asked for
    if asked.kind == "requested" and wish and wish.due and ends:
        ends = min(ends, wish.due)
    return _link(session, incident, act, promises.PURPOSE, ends, n=asked.n)


def _link(
    session: Session, incident: Incident, act: Act, purpose: str, ends: datetime | None, **data: Any
) -> int:
    lasts = ends - act.now if ends else ASKED_AT_MOST
    link = links.make(
        session,
        purpose,
        now=act.now,
        lasts=max(min(lasts, ASKED_AT_MOST), timedelta(0)),
        person=incident.requester_id,
        incident=incident.id,
        **data,
    )
    return link.id


LINKS = {
    "solved": _is_it_solved,
    "no_answer": _is_it_solved,
    "promised": _does_it_suit,
    "wish": _does_it_suit,
}


def closing(act: Act) -> datetime | None:
    """§4: give when what was resolved closes by itself, or closed in the same act."""
    if act.story.closed_at:
        return act.story.closed_at
    closes = (duty.at for duty in timetable.duties(act.work) if duty.kind == timetable.CLOSE)
    return next(closes, None)


BY_LINK = {  # what a company can do by the link of the message alone
    "handed_off": HANDOFF,
    "partner_wrote": HANDOFF,
    "nudged": HANDOFF,
    "work_requested": REQUEST,
    "work_wrote": REQUEST,
}


def _to_company(
    session: Session, incident: Incident, act: Act, news: News, partner: int
) -> int | None:
    """H7: make the link for a company of which nobody can sign in."""
    about = BY_LINK.get(news.kind)
    if about is None or not by_link.needs_link(session, partner):
        return None
    return by_link.make(session, incident.id, about, news.data["n"], partner, act.now).id


WROTE = ("partner_wrote", "work_wrote")


def _is_of(session: Session, person: int | None, partner: int) -> bool:
    """Say whether somebody is a partner's."""
    member = sa.select(partner_member.c.person_id).where(
        partner_member.c.partner_id == partner, partner_member.c.person_id == person
    )
    return session.scalar(member) is not None


def _tell_partner(session: Session, incident: Incident, act: Act, news: News) -> None:
    """H7: a company is told at its address; one without an address by its people's."""
    party = act.directory.party(news.to)
    if news.kind in WROTE and _is_of(session, news.by, party.id):
        return  # it wrote that itself
    said = {"incident": incident.id, "by": news.by, **news.data}
    if party.mail:
        link = _to_company(session, incident, act, news, party.id)
        outbox.queue(session, news.kind, now=act.now, partner=party.id, link=link, **said)
        return
    members = sa.select(partner_member.c.person_id).where(partner_member.c.partner_id == party.id)
    query = sa.select(Person.id).where(Person.id.in_(members), Person.active.is_(True))
    for person in session.scalars(query.where(Person.id != (news.by or 0)).order_by(Person.id)):
        outbox.queue(session, news.kind, now=act.now, person=person, **said)
