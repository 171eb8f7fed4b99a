"""What waits for somebody to decide, as files: exclusions, approvals, mail set aside; majors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import aliased, contains_eager

from servicedesk.bridge import queries as mails
from servicedesk.bridge import words as bridge
from servicedesk.bridge.models import ReceivedMail
from servicedesk.exports.lists import Asked
from servicedesk.exports.sheet import Column, Row, Sheet, when
from servicedesk.incidents import asked as approvals
from servicedesk.incidents.exclusions import deciding
from servicedesk.incidents.exclusions import words as exclusion
from servicedesk.incidents.models import Exclusion, Incident, MajorIncident, label
from servicedesk.major import queries as majors
from servicedesk.major import words as major
from servicedesk.people.models import Person
from servicedesk.reports import approvals as of_reports
from servicedesk.reports import words as report
from servicedesk.reports.periods import fiscal_from, read_period
from servicedesk.times import local_day


def exclusions(asked: Asked) -> Sheet:
    """C11: give the exclusions that one can decide, the oldest first."""
    query = deciding.selected(asked.person, asked.setup).options(contains_eager(Exclusion.incident))
    query = query.outerjoin(Person, Person.id == Exclusion.asked_by_id).add_columns(Person.name)
    columns = [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(_("Priority"), 8),
        when(pgettext("stay", "From")), when(pgettext("stay", "Until")), Column(_("Clocks"), 30),
        Column(_("Reason"), 40), Column(_("Asked by"), 20), when(_("Asked at")),
    ]  # fmt: skip
    return Sheet(_("Exclusions to decide"), columns, _exclusions(asked, query))


def _exclusions(asked: Asked, query: Any) -> Iterator[Row]:
    for row, by in asked.stream(query):
        about = row.incident
        yield (
            about.label, about.title, about.priority, row.start, row.end,
            exclusion.clocks(row.clocks, asked.setup), row.reason, by, row.asked_at,
        )  # fmt: skip


def waiting(asked: Asked) -> Sheet:
    """§4: give what waits for one's approval: requests, then reports."""
    session, person = asked.session, asked.person
    columns = [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(_("Requester"), 20),
        Column(_("Service"), 20), when(_("Since")),
    ]  # fmt: skip
    day = local_day(asked.now, asked.setup.zone)
    rows: list[Row] = [
        (
            row.label, row.title, row.requester.name, asked.setup.services[row.service_id].name,
            row.logged_at,
        )
        for row in approvals.waiting_for(session, person, day)
    ]  # fmt: skip
    for it in of_reports.waiting_for(session, person, asked.now):
        period = read_period(it.period, it.zone, fiscal_from(asked.setup))
        said = _("Service report %(period)s", period=report.period(period))
        rows.append((None, said, None, None, it.asked_at))
    return Sheet(_("Waiting for your approval"), columns, rows)


def mail(asked: Asked) -> Sheet:
    """§9: give a box of the mails that were set aside, as far as one may read them."""
    box = asked.said("box")
    box = box if box in mails.BOXES else mails.BOXES[0]
    columns = [
        Column(_("Subject"), 48), Column(_("Sender"), 30), when(_("Received")),
        Column(_("Why"), 40), Column(_("About"), 24), Column(_("Decided by"), 20),
        when(_("Decided")), Column(_("What became of it"), 30),
    ]  # fmt: skip
    return Sheet(_("Mail set aside"), columns, _mail(asked, mails.selected(asked.person, box)))


def _mail(asked: Asked, query: Any) -> Iterator[Row]:
    row: ReceivedMail
    for row in asked.stream(query).scalars():
        decided = row.decided_at is not None
        yield (
            row.subject, row.sender, row.received_at, bridge.reason(row), bridge.about(row),
            row.decided_by.name if row.decided_by else None, row.decided_at,
            bridge.became(row) if decided else None,
        )  # fmt: skip


def major_incidents(asked: Asked) -> Sheet:
    """Give the major incidents: what goes on, what is proposed, what is over."""
    coordinator = aliased(Person)
    query = majors.every(asked.person)
    query = query.outerjoin(coordinator, coordinator.id == MajorIncident.coordinator_id)
    query = query.add_columns(coordinator.name)
    columns = [
        Column(_("Number"), 14), Column(_("Headline"), 48), Column(_("State"), 20),
        Column(_("Priority"), 8), Column(_("Service"), 20), Column(_("Coordinator"), 20),
        when(_("Proposed")), when(_("Confirmed")), when(_("Ended")), Column(_("Updates"), 10),
        Column(pgettext("updates", "Missed"), 10), when(_("Reviewed")),
    ]  # fmt: skip
    return Sheet(_("Major incidents"), columns, _majors(asked, query))


def _majors(asked: Asked, query: Any) -> Iterator[Row]:
    service = cache(lambda id: asked.setup.services[id].name)
    row: MajorIncident
    for row, coordinator in asked.stream(query):
        about: Incident = row.incident
        yield (
            label(about.number), row.headline or about.title, major.state(row), about.priority,
            service(about.service_id), coordinator, row.proposed_at, row.decided_at, row.over_at,
            row.updates, row.missed, row.reviewed_at,
        )  # fmt: skip
