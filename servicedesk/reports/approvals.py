"""Whether a sealed revision is approved: who is asked, what they say; no part of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.incidents import words
from servicedesk.people import absence, links
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import remarks
from servicedesk.reports.models import Approval, Report
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

ASKED, APPROVED, REFUSED = "asked", "approved", "refused"
PURPOSE = "report"  # of the link in the mail
LASTS = timedelta(days=30)
REASON = 400  # letters


@dataclass(frozen=True)
class Answer:
    """What an approver says: yes, or no with a reason."""

    approved: bool
    reason: str = ""


# Whom to ask


def approver_of(
    session: Session, setup: Directory, period: str, scope: str, author: int | None = None
) -> Person | None:
    """Step: give who approves a report: as drafted for it, else as the set-up names; or nobody.

    Nobody approves what they seal (`author`): their deputy does, as for who has left.
    """
    row, other = remarks.find(session, period, scope), usual(session, setup)
    named = row.approver_id if row else None, other.id if other else None
    found = (_able(session, id, author) for id in named if id)
    return next((person for person in found if person), None)


def usual(session: Session, setup: Directory) -> Person | None:
    """Step: give whom the set-up names to approve reports."""
    key = (setup.more.get("reports") or {}).get("approver")
    return session.scalar(sa.select(Person).where(Person.key == key)) if key else None


def _able(session: Session, id: int, author: int | None) -> Person | None:
    """Step: give somebody, or their deputy, if they can approve what somebody else has sealed."""
    person = session.get(Person, id)
    if person and (not person.active or person.id == author):
        person = session.get(Person, person.deputy_id) if person.deputy_id else None
    fits = person and person.id != author and may(person, Act.APPROVE_REPORT)
    return person if fits else None


def of(session: Session, row: Report) -> Approval | None:
    """Step: give what is asked of a revision."""
    query = sa.select(Approval).where(
        Approval.period == row.period,
        Approval.scope == row.scope,
        Approval.zone == row.zone,
        Approval.revision == row.revision,
    )
    return session.scalar(query)


def of_all(session: Session, rows: list[Report]) -> dict[int, Approval]:
    """Step: give what is asked of each revision of one report."""
    if not rows:
        return {}
    one = rows[0]
    query = sa.select(Approval).where(
        Approval.period == one.period, Approval.scope == one.scope, Approval.zone == one.zone
    )
    return {found.revision: found for found in session.scalars(query)}


def reports(session: Session, it: Approval) -> list[Report]:
    """Step: give the sealed files that an approval is about, one a language."""
    query = sa.select(Report).where(
        Report.period == it.period,
        Report.scope == it.scope,
        Report.zone == it.zone,
        Report.revision == it.revision,
    )
    return list(session.scalars(query.order_by(Report.language)))


def waiting_for(session: Session, person: Person, now: datetime) -> list[Approval]:
    """Step: list what waits for somebody's word."""
    day = local_day(now, directory(session).zone)
    theirs = absence.stands_in_for(session, person, day)
    query = sa.select(Approval).where(Approval.state == ASKED, Approval.approver_id.in_(theirs))
    found = session.scalars(query.order_by(Approval.asked_at, Approval.id))
    return [it for it in found if it.asked_by_id != person.id]


def count(session: Session, person: Person, now: datetime) -> int:
    """Step: count what waits for somebody's word; mostly nothing waits for anybody."""
    some = sa.select(Approval.id).where(Approval.state == ASKED).limit(1)
    return len(waiting_for(session, person, now)) if session.scalar(some) else 0


# Asking


def ask(session: Session, row: Report, approver: int | None, now: datetime) -> None:
    """Step: ask for a new revision's approval, by mail with a link; what waits of others lapses."""
    if of(session, row):
        return
    old = sa.delete(Approval).where(
        Approval.period == row.period, Approval.scope == row.scope, Approval.zone == row.zone,
        Approval.revision < row.revision, Approval.state == ASKED,
    )  # fmt: skip
    session.execute(old)
    if approver is None:
        return
    it = Approval(
        period=row.period, scope=row.scope, zone=row.zone, revision=row.revision,
        approver_id=approver, asked_at=now, asked_by_id=row.sealed_by_id, state=ASKED, reason="",
    )  # fmt: skip
    session.add(it)
    session.flush()
    _mail(session, it, now)


def ask_again(id: int, approver: int, *, actor: Person, now: datetime) -> None:
    """Ask somebody else, or the same by another mail; raises NotFound, Refused or BadInput."""
    actor_id = actor.id
    with transaction() as session:
        remarks.keeper(session, actor_id)
        it = _locked(session, id)
        _still_asked(it)
        able = _able(session, approver, it.asked_by_id)
        if able is None or able.id != approver:
            raise BadInput(_("This person cannot approve this report."))
        it.approver_id, it.asked_at = approver, now
        session.flush()
        _mail(session, it, now)


def _mail(session: Session, it: Approval, now: datetime) -> None:
    reader = _asked(session, it, now)
    link = links.make(session, PURPOSE, now=now, lasts=LASTS, person=reader, approval=it.id)
    outbox.queue(session, "report_to_approve", now=now, person=reader, link=link.id, approval=it.id)


def _asked(session: Session, it: Approval, now: datetime) -> int:
    """Step: give the id of who is asked today: the approver, or a deputy."""
    found = absence.asked(session, it.approver_id, local_day(now, directory(session).zone))
    able = found and found.id != it.asked_by_id and may(found, Act.APPROVE_REPORT)
    return found.id if found and able else it.approver_id


# Deciding


def find(session: Session, id: int, person: Person, now: datetime) -> Approval | None:
    """Step: give an approval to whom it concerns: who is asked, or was; None for others.

    Whoever sealed the report has no say in it, not even in the place of who has.
    """
    it = session.get(Approval, id)
    if it is None or it.asked_by_id == person.id or not may(person, Act.APPROVE_REPORT):
        return None
    day = local_day(now, directory(session).zone)
    theirs = it.approver_id in absence.stands_in_for(session, person, day)
    return it if theirs or it.decided_by_id == person.id else None


def look(session: Session, token: str, now: datetime) -> tuple[Approval, Person] | None:
    """Step: give what a link asks, and whom it was sent to; also once it was answered."""
    link = links.look(session, token, PURPOSE)
    return _of_link(session, link, now) if link and link.ends_at > now else None


def _of_link(session: Session, link: Link, now: datetime) -> tuple[Approval, Person] | None:
    person = session.get(Person, link.person_id) if link.person_id else None
    if person is None or not person.active:
        return None
    it = find(session, link.data["approval"], person, now)
    return (it, person) if it else None


def decide(id: int, answer: Answer, *, actor: Person, now: datetime) -> None:
    """Approve a revision or not; raises NotFound, Refused or BadInput."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        it = find(session, id, person, now)
        if it is None:
            raise NotFound(_("This is not, or no longer, for you to decide."))
        _say(session, it, person, answer, now)


def decide_by_link(token: str, answer: Answer, *, now: datetime) -> None:
    """The same without signing in, once; raises as `decide`."""
    with transaction() as session:
        link = links.find(session, token, PURPOSE, now, lock=True)
        found = _of_link(session, link, now) if link else None
        if link is None or found is None:
            raise NotFound(_("This link was used already, or its time is over."))
        _say(session, *found, answer, now)
        link.used_at = now


def _say(session: Session, it: Approval, person: Person, answer: Answer, now: datetime) -> None:
    """Step: keep the decision, and tell who sealed it."""
    it = _locked(session, it.id)
    _still_asked(it)
    missing = None if answer.approved else _("Please say why you don't approve it.")
    it.reason = words.text(answer.reason, REASON, missing)
    it.state = APPROVED if answer.approved else REFUSED
    it.decided_at, it.decided_by_id = now, person.id
    for told in [it.asked_by_id] if it.asked_by_id else _sealers(session):
        if told != person.id:
            outbox.queue(session, "report_decided", now=now, person=told, approval=it.id)


def _sealers(session: Session) -> list[int]:
    """Step: give who can seal again what the desk sealed by itself."""
    named = sa.cast(Person.roles, sa.Text).contains('"manager"')
    people = session.scalars(sa.select(Person).where(Person.active, named).order_by(Person.id))
    return [person.id for person in people if may(person, Act.MAKE_REPORT)]


def _locked(session: Session, id: int) -> Approval:
    it = session.get(Approval, id, with_for_update=True, populate_existing=True)
    if it is None:
        raise NotFound(_("This is not, or no longer, for you to decide."))
    return it


def _still_asked(it: Approval) -> None:
    if it.state != ASKED:
        raise Refused(_("This was decided already, or is no longer asked for."))
