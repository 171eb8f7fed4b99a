"""Who sees which incidents: the one predicate that every query goes through."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from servicedesk.incidents.models import (
    Attachment,
    Comment,
    HandOff,
    Incident,
    WorkRequest,
    watcher,
)
from servicedesk.people.absence import stands_in_for
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may, reaches


def visible(person: Person, act: Act = Act.SEE_INCIDENT) -> sa.ColumnElement[bool]:
    """§9: give the SQL condition on Incident for what a person may do with incidents."""
    reached = reaches(person, act)
    if Reach.ALL in reached:
        return sa.or_(Incident.confidential.is_(False), _named(person))
    if Reach.OWN not in reached:
        return sa.false()
    return _own(person) if act == Act.SEE_INCIDENT else Incident.requester_id == person.id


def handed(person: Person) -> sa.ColumnElement[bool]:
    """§9: give the SQL condition on HandOff for what a partner's person may see."""
    if Reach.HANDED not in reaches(person, Act.ANSWER_HANDOFF):
        return sa.false()
    return HandOff.receiver.in_(_companies(person))


def requested(person: Person) -> sa.ColumnElement[bool]:
    """§9, H6: give the SQL condition on WorkRequest for what a partner's person may see."""
    if Reach.HANDED not in reaches(person, Act.ANSWER_HANDOFF):
        return sa.false()
    return WorkRequest.receiver.in_(_companies(person))


def _companies(person: Person) -> list[str]:
    return [f"partner:{partner.id}" for partner in person.partners if partner.active]


def asked(person: Person, day: date) -> sa.ColumnElement[bool]:
    """§4: give the SQL condition on Incident for what waits for a person's approval on a day."""
    return sa.and_(Incident.approval == "asked", approves(person, day))


def approves(person: Person, day: date) -> sa.ColumnElement[bool]:
    """§4: give the SQL condition on Incident for what a person is or was asked to approve.

    In the place of an absent approver too (the day is in the desk's zone), but never where they
    are the requester. It opens the page to decide, and nothing else of the incident.
    """
    session = object_session(person)
    if session is None or not may(person, Act.DECIDE_APPROVAL):
        return sa.false()
    approvers = stands_in_for(session, person, day)
    return sa.and_(Incident.approver_id.in_(approvers), Incident.requester_id != person.id)


def visible_comments(person: Person) -> sa.ColumnElement[bool]:
    """§3: give the SQL condition on Comment for what a person may read."""
    own_thread = sa.exists().where(HandOff.id == Comment.handoff_id, handed(person))
    own_work = sa.exists().where(WorkRequest.id == Comment.work_request_id, requested(person))
    return sa.or_(
        sa.and_(Comment.kind == "reply", _within(Comment, visible(person))),
        sa.and_(Comment.kind == "note", _within(Comment, visible(person, Act.SEE_NOTES))),
        sa.and_(
            Comment.kind == "partner",
            sa.or_(
                _within(Comment, visible(person, Act.SEE_PARTNER_THREAD)),
                own_thread.correlate(Comment),
                own_work.correlate(Comment),
            ),
        ),
    )


def visible_files(person: Person) -> sa.ColumnElement[bool]:
    """§3: give the SQL condition on Attachment: who sees its comment or, without one, the incident.

    H8: a partner sees the incident's own files where its hand-off shares them, up to its end.
    """
    comment = sa.exists().where(Comment.id == Attachment.comment_id, visible_comments(person))
    shared = sa.exists().where(
        HandOff.incident_id == Attachment.incident_id,
        HandOff.share_files,
        sa.or_(HandOff.ended_at.is_(None), Attachment.added_at <= HandOff.ended_at),
        handed(person),
    )
    return sa.or_(
        comment.correlate(Attachment),
        sa.and_(
            Attachment.comment_id.is_(None),
            sa.or_(_within(Attachment, visible(person)), shared.correlate(Attachment)),
        ),
    )


def may_be_passed_on(incident: Incident) -> bool:
    """§9, H8: say whether an incident's texts may stand on what leaves the desk.

    A sheet or a file is read by whoever it is given to; of a confidential one it has the number.
    """
    return not incident.confidential


def is_passed_on() -> sa.ColumnElement[bool]:
    """§9, H8: give the same as an SQL condition on Incident."""
    return Incident.confidential.is_(False)


def _within(
    part: type[Comment | Attachment], condition: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Ask it of the incident that something is part of."""
    return sa.exists().where(Incident.id == part.incident_id, condition).correlate(part)


def _own(person: Person) -> sa.ColumnElement[bool]:
    watched = sa.select(watcher.c.incident_id).where(watcher.c.person_id == person.id)
    return sa.or_(Incident.requester_id == person.id, Incident.id.in_(watched))


def _named(person: Person) -> sa.ColumnElement[bool]:
    """Confidential ones: the people named in them and the holder's.

    H3: the desk group stays answerable, and who handed it off does not lose sight of it.
    """
    groups = [f"group:{group.id}" for group in person.groups]
    sent = sa.exists().where(
        HandOff.incident_id == Incident.id, HandOff.ended_at.is_(None), HandOff.sender.in_(groups)
    )
    return sa.or_(
        _own(person),
        Incident.assignee_id == person.id,
        Incident.logged_by_id == person.id,
        Incident.given_to.in_(groups),
        Incident.desk_group.in_(groups),
        sent.correlate(Incident),
    )
