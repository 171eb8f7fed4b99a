"""What managers have to say beside the figures: drafted while the month runs, sealed with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, Stale
from servicedesk.incidents import words
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports.models import Remark

LONGEST = 400  # letters: what fits on the first page


@dataclass(frozen=True)
class Remarks:
    """What a manager has to say beside the figures."""

    comment: str = ""
    wanted: str = ""  # decisions

    def __post_init__(self) -> None:
        """Keep both to what fits on the first page; raises BadInput."""
        if max(len(self.comment), len(self.wanted)) > LONGEST:
            raise BadInput(_("A comment has at most %(n)s letters.", n=LONGEST))


def find(session: Session, period: str, scope: str) -> Remark | None:
    """Step: give what is drafted for a report."""
    query = sa.select(Remark).where(Remark.period == period, Remark.scope == scope)
    return session.scalar(query)


def drafted(session: Session, period: str, scope: str) -> Remarks:
    """Step: give what a report made now says on its first page."""
    row = find(session, period, scope)
    return Remarks(row.comment, row.wanted) if row else Remarks()


def save(
    period: str, scope: str, said: Remarks, *, actor: Person, now: datetime, version: int,
    approver: int | None = None,
) -> None:  # fmt: skip
    """Keep a draft based on a version of it (0: on none); raises Stale, BadInput or NotAllowed.

    `approver`: who is asked to approve this one report, instead of whom the set-up names.
    """
    actor_id = actor.id
    kept = words.text(said.comment, LONGEST), words.text(said.wanted, LONGEST)
    try:
        with transaction() as session:
            person = keeper(session, actor_id)
            row = _locked(session, period, scope)
            if (row.version if row else 0) != version:
                if row and (row.comment, row.wanted, row.approver_id) == (*kept, approver):
                    return  # the same was sent twice
                raise _stale(version)
            if row is None:
                row = Remark(period=period, scope=scope, version=0)
                session.add(row)
            row.comment, row.wanted = kept
            row.approver_id, row.version = approver, row.version + 1
            row.changed_by_id, row.changed_at = person.id, now
    except IntegrityError:  # two began at once
        raise _stale(version) from None


def _locked(session: Session, period: str, scope: str) -> Remark | None:
    query = sa.select(Remark).where(Remark.period == period, Remark.scope == scope)
    return session.scalar(query.with_for_update())


def _stale(version: int) -> Stale:
    return Stale(_("Somebody else has saved this draft meanwhile."), version)


def keeper(session: Session, id: int) -> Person:
    """Step: give who drafts; raises NotAllowed."""
    person = session.get_one(Person, id)
    if not may(person, Act.DRAFT_REPORT):
        raise NotAllowed(_("You may not do this."))
    return person
