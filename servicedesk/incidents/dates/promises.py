"""Dates that wait for the requester's word: read and answered, also from the mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import NotFound
from servicedesk.event import Event
from servicedesk.incidents import acts, record, words
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, Right, acting, add_comment, doing
from servicedesk.incidents.lifecycle import OPEN
from servicedesk.incidents.models import DateChange, Incident
from servicedesk.people import links
from servicedesk.people.models import Person

PURPOSE = "promise"  # of the link in the mail
ACCEPTED = ("promise.accepted", "wish.confirmed")
ANSWERS = (*ACCEPTED, "promise.declined", "wish.declined")


@dataclass(frozen=True)
class Answer:
    """What a requester says to a date: yes, or no with why and which one would do."""

    accept: bool
    text: str = ""
    instead: Due | None = None


@dataclass(frozen=True)
class Asked:
    """A date and what became of it, as things stand."""

    incident: Incident
    person: Person
    change: DateChange
    answered: Event | None
    can_be_answered: bool

    @property
    def offered(self) -> bool:
        """Say whether the desk promised it; else it noted it as the wish."""
        return self.change.kind == "promised"


def waits(incident: Incident, change: DateChange, now: datetime) -> bool:
    """Say whether the requester is asked about a date: offered and not as wished for, or noted."""
    if incident.state not in OPEN or change.due is None or change.due <= now:
        return False
    if change.kind == "promised":
        agreed = change.due == incident.requested_due
        return change.state == "current" and not change.answer and not agreed
    old = incident.requested_due  # D3: confirmed before the old date, or never
    return change.state == "proposed" and (old is None or old > now)


def answer_to(events: Iterable[Event], n: int) -> Event | None:
    """Give the event with which a date was answered."""
    return next((e for e in events if e.kind in ANSWERS and e.data.get("n") == n), None)


# reading


def read(session: Session, incident: Incident, n: int, now: datetime) -> Asked | None:
    """Step: give a date of an incident for its requester; None if there is no such date."""
    query = sa.select(DateChange).where(
        DateChange.incident_id == incident.id, DateChange.n == n, DateChange.due.is_not(None)
    )
    change = session.scalar(query)
    if change is None:
        return None
    answered = answer_to(journal.read(session, incident.id), n)
    person = session.get_one(Person, incident.requester_id)
    return Asked(incident, person, change, answered, waits(incident, change, now))


def read_link(session: Session, token: str, now: datetime) -> tuple[Asked, bool] | None:
    """Give what a link asks about, and whether it can still be used; None where it says nothing."""
    link = links.look(session, token, PURPOSE)
    if link is None or link.incident_id is None or link.person_id is None:
        return None
    incident = session.get_one(Incident, link.incident_id)
    person = session.get_one(Person, link.person_id)
    if incident.requester_id != person.id or not person.active:
        return None
    asked = read(session, incident, link.data["n"], now)
    usable = link.used_at is None and link.ends_at > now
    return (asked, usable) if asked else None


# answering


def answer(
    number: int,
    kind: str,
    n: int,
    answer: Answer,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
) -> None:
    """The requester answers a date; raises NotFound, NotAllowed, Refused, Stale or BadInput."""
    with doing(number, actor=actor, now=now, right=Right.CONFIRM_INCIDENT, version=version) as it:
        say(it, kind, n, answer)


def answer_by_link(
    token: str, answer: Answer, *, now: datetime, version: int | None = None
) -> None:
    """The same once by the link, without signing in; raises as `answer`."""
    with transaction() as session:
        link = links.find(session, token, PURPOSE, now, lock=True)
        if link is None or link.person_id is None:
            raise NotFound(_("This link was used already, or its time is over."))
        person, n = session.get_one(Person, link.person_id), link.data["n"]
        number, kind = _which(session, link.incident_id, person, n)
        right = Right.CONFIRM_INCIDENT
        with acting(session, number, person, now=now, right=right, version=version) as it:
            say(it, kind, n, answer)
            link.used_at = now


def _which(session: Session, incident: int | None, person: Person, n: int) -> tuple[int, str]:
    """Step: give number and kind of the date that a person is asked about."""
    query = (
        sa.select(Incident.number, DateChange.kind)
        .join(DateChange, DateChange.incident_id == Incident.id)
        .where(Incident.id == incident, Incident.requester_id == person.id, DateChange.n == n)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found.number, found.kind


def say(it: Doing, kind: str, n: int, answer: Answer) -> None:
    """Step: keep the answer; why not is a reply, and the date that would do the new wish (D3)."""
    tell: Callable[[Act, int, bool, int | None], None]
    tell = acts.answer_promise if kind == "promised" else acts.confirm_wish
    if answer.accept:
        tell(it.act, n, True, None)
        return
    body = words.text(answer.text, TEXT_LENGTH)
    comment = add_comment(it, "reply", body, desk=False) if body else None
    tell(it.act, n, False, comment.id if comment else None)
    if answer.instead:
        digest = journal.digest(body) if body else None
        explain(it, acts.wish(it.act, answer.instead, reason=digest), body)


def explain(it: Doing, event: Event | None, text: str) -> None:
    """Step: keep the reason of a date beside it."""
    if event is None or not text:
        return
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(DateChange).where(DateChange.incident_id == it.incident.id)
    it.session.scalars(query.where(DateChange.n == event.seq)).one().reason = text
