"""E5: queues what people are to be told of an act, in the transaction of the act."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.incidents import timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import Incident, watcher
from servicedesk.incidents.record import followed_by
from servicedesk.incidents.story import REQUESTER
from servicedesk.mail.policy import WATCHERS, News, told
from servicedesk.people import links
from servicedesk.people.models import Person, partner_member
from servicedesk.times import iso

ASKED_AT_MOST = timedelta(days=30)  # how long "is it solved?" can be answered by the mail alone
WITH_LINK = ("solved", "no_answer")


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
    for person in _people(session, incident, news):
        asked = news.kind in WITH_LINK and news.to == REQUESTER
        link = _is_it_solved(session, incident, act) if asked else None
        outbox.queue(
            session,
            news.kind,
            now=act.now,
            person=person,
            incident=incident.id,
            link=link,
            by=news.by,
            closes=iso(closing(act)) if link else None,
            **news.data,
        )


def _people(session: Session, incident: Incident, news: News) -> list[int]:
    """Give the active people who are meant, but for who did it."""
    query = sa.select(Person.id).where(Person.active.is_(True), Person.id != (news.by or 0))
    query = query.order_by(Person.id)
    if news.to == WATCHERS:
        watching = sa.select(watcher.c.person_id).where(watcher.c.incident_id == incident.id)
        query = query.where(Person.id.in_(watching), Person.id != incident.requester_id)
    else:
        query = query.where(Person.id == incident.requester_id)
    return list(session.scalars(query))


def _is_it_solved(session: Session, incident: Incident, act: Act) -> int:
    """Make the link by which the requester says so without signing in; it ends at the closing."""
    closes = closing(act)
    lasts = closes - act.now if closes else ASKED_AT_MOST
    link = links.make(
        session,
        "solved",
        now=act.now,
        lasts=max(min(lasts, ASKED_AT_MOST), timedelta(0)),
        person=incident.requester_id,
        incident=incident.id,
        cycle=act.story.reopened,
    )
    return link.id


def closing(act: Act) -> datetime | None:
    """§4: give when what was resolved closes by itself, or closed in the same act."""
    if act.story.closed_at:
        return act.story.closed_at
    closes = (duty.at for duty in timetable.duties(act.work) if duty.kind == timetable.CLOSE)
    return next(closes, None)


def _tell_partner(session: Session, incident: Incident, act: Act, news: News) -> None:
    """H7: a company is told at its address; one without an address by its people's."""
    party = act.directory.party(news.to)
    said = {"incident": incident.id, "by": news.by, **news.data}
    if party.mail:
        outbox.queue(session, news.kind, now=act.now, partner=party.id, **said)
        return
    members = sa.select(partner_member.c.person_id).where(partner_member.c.partner_id == party.id)
    query = sa.select(Person.id).where(Person.id.in_(members), Person.active.is_(True))
    for person in session.scalars(query.where(Person.id != (news.by or 0)).order_by(Person.id)):
        outbox.queue(session, news.kind, now=act.now, person=person, **said)
