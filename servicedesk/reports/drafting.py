"""What stands beside a period's figures to be filled in: remarks, actions, who is to approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk.people.models import Group, Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import actions, approvals, remarks
from servicedesk.reports.models import Action, Approval, Remark, Report
from servicedesk.reports.periods import Period
from servicedesk.setup.directory import Directory
from servicedesk.times import local_day


@dataclass(frozen=True)
class Drafting:
    """A report's draft as its page shows it."""

    row: Remark | None
    by: str  # who saved it last
    own: Sequence[Action]
    earlier: Sequence[Action]
    usual: Person | None  # who is asked where nobody is chosen
    approver: Person | None  # who is asked if the viewer seals it
    is_own: bool  # the viewer would have to approve what they seal
    approvers: Sequence[Person]  # who can be asked
    approval: Approval | None  # of the latest revision
    asked: Person | None  # who is to approve that
    decider: str  # who did, or did not
    today: date

    @property
    def version(self) -> int:
        """Give the version that a form is based on."""
        return self.row.version if self.row else 0

    @property
    def kept(self) -> dict[str, str]:
        """Give what is saved, as a form has it."""
        if self.row is None:
            return {"comment": "", "wanted": "", "approver": ""}
        chosen = str(self.row.approver_id or "")
        return {"comment": self.row.comment, "wanted": self.row.wanted, "approver": chosen}

    @property
    def chosen(self) -> str:
        """Name who is to approve this one report."""
        found = (one.name for one in self.approvers if self.row and one.id == self.row.approver_id)
        return next(found, "")

    @property
    def waits(self) -> bool:
        """Say whether somebody is asked to approve the latest revision."""
        return self.approval is not None and self.approval.state == approvals.ASKED

    @property
    def refused(self) -> bool:
        """Say whether the latest revision was not approved, so that another may follow."""
        return self.approval is not None and self.approval.state == approvals.REFUSED

    def overdue(self, row: Action) -> bool:
        """Say whether an action should have been done by now."""
        return actions.todo(row).is_overdue(self.today)


def read(
    session: Session, setup: Directory, period: Period, scope: str, *,
    now: datetime, sealed: Sequence[Report], viewer: int,
) -> Drafting:  # fmt: skip
    """Step: read what is drafted for a report."""
    row = remarks.find(session, period.name, scope)
    usual = approvals.usual(session, setup)
    named = (row.approver_id if row else None) or (usual.id if usual else None)
    said = approvals.of(session, sealed[0]) if sealed else None
    decider = session.get(Person, said.decided_by_id) if said and said.decided_by_id else None
    by = session.get(Person, row.changed_by_id) if row and row.changed_by_id else None
    return Drafting(
        row,
        by.name if by else "",
        actions.own(session, period, scope),
        actions.earlier(session, period, scope),
        usual,
        approvals.approver_of(session, setup, period.name, scope, viewer),
        named == viewer,
        approvers(session),
        said,
        session.get(Person, said.approver_id) if said else None,
        decider.name if decider else "",
        local_day(now, setup.zone),
    )


def approvers(session: Session) -> list[Person]:
    """Step: list who can be asked to approve a report: managers, and whoever leads a group."""
    named = sa.cast(Person.roles, sa.Text)  # few of all people have any role
    leads = Person.id.in_(sa.select(Group.lead_id).where(Group.active))
    some = sa.or_(named.contains('"manager"'), named.contains('"lead"'), leads)
    query = sa.select(Person).where(Person.active, some).order_by(Person.name)
    people = session.scalars(query.options(selectinload(Person.leads)))
    return [person for person in people if may(person, Act.APPROVE_REPORT)]
