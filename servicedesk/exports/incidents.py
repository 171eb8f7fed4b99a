"""Lists of incidents as files: the workbench's views, one's own, what a search finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import aliased

from servicedesk.exports.lists import Asked, at
from servicedesk.exports.sheet import Column, Row, Sheet, when
from servicedesk.incidents import listing, queries, telling, words
from servicedesk.incidents.models import Incident, label
from servicedesk.intake import results
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may

REQUESTER, ASSIGNEE = aliased(Person), aliased(Person)
SHOWN = (
    Incident.number, Incident.title, Incident.state, Incident.priority, Incident.service_id,
    REQUESTER.name.label("requester"), Incident.department, Incident.logged_at,
    Incident.requested_day, Incident.requested_due, Incident.promised_day, Incident.promised_due,
    Incident.target_kind, Incident.target_party, Incident.target_due, Incident.holder,
    Incident.held_since,
    ASSIGNEE.name.label("assignee"), Incident.handoff_count, Incident.resolved_at,
    Incident.changed_at,
)  # fmt: skip


def _query(within: Any, order: Sequence[Any]) -> sa.Select[Any]:
    """Ask for what the columns need and no more: a file has many rows."""
    shown: Sequence[Any] = SHOWN
    query = sa.select(*shown).join(REQUESTER, Incident.requester_id == REQUESTER.id)
    query = query.outerjoin(ASSIGNEE, Incident.assignee_id == ASSIGNEE.id)
    return query.where(within).order_by(*order)


def workbench(asked: Asked) -> Sheet:
    """Give a view of the workbench, as it is narrowed and sorted."""
    everywhere = asked.said("q") or not may(asked.person, Act.WORK_INCIDENT)
    usual = "all" if everywhere else "next"
    view = listing.asked(asked.args, asked.args.get("view", usual), usual)
    said: dict[str, Any] = {"narrowed": view.narrowed, "sort": view.sort}
    page = queries.page(asked.session, asked.reader, view.view, **said, size=1)
    within = queries.within(asked.reader, view.view, view.narrowed)
    order = queries.ordered(queries.order_in(view.view, view.sort))
    title = str(listing.view_names()[view.view][0])
    rows = asked.stream(_query(within, order))
    return Sheet(title, _columns(), _rows(asked, rows), withheld=page.hidden)


def _columns() -> list[Column]:
    return [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(_("State"), 12),
        Column(_("Priority"), 8), Column(_("Service"), 20), Column(_("Requester"), 20),
        Column(_("Department"), 18), when(_("Logged")), when(_("Requested")), when(_("Promised")),
        Column(_("Next target"), 20), when(_("Due")), Column(_("Held by"), 20),
        when(_("Held since")), Column(_("Assignee"), 20), Column(_("Hand-offs"), 10),
        when(_("Resolved")), when(_("Last change")),
    ]  # fmt: skip


def _rows(asked: Asked, rows: Any) -> Iterator[Row]:
    state, party = cache(words.state), cache(asked.party)

    @cache
    def target(kind: str | None, ref: str | None) -> str | None:
        return telling.clock_name(kind, party(ref) if ref else None) if kind else None

    for row in rows:
        yield (
            label(row.number), row.title, state(row.state), row.priority,
            asked.setup.services[row.service_id].name, row.requester, row.department,
            row.logged_at, at(row.requested_day, row.requested_due),
            at(row.promised_day, row.promised_due),
            target(row.target_kind, row.target_party), row.target_due,
            party(row.holder), row.held_since, row.assignee, row.handoff_count, row.resolved_at,
            row.changed_at,
        )  # fmt: skip


def own(asked: Asked) -> Sheet:
    """Give one's own incidents: under way, ended, or found by words."""
    narrowed, ended = listing.narrowed(asked.args), asked.said("show") == "ended"
    dates = {name: getattr(narrowed, name) for name in ("requested", "promised")}
    wanted = queries.own_ones(
        asked.reader, is_open=not ended, narrowed=queries.Filter(text=narrowed.text, **dates)
    )
    order = queries.ordered(queries.order(listing.sorted_by(asked.args, "newest")))
    title = _("Ended") if ended else pgettext("incidents", "Open")
    return Sheet(title, _own_columns(), _own_rows(asked, asked.stream(_query(wanted, order))))


def _own_columns() -> list[Column]:
    return [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(_("State"), 12),
        Column(_("Service"), 20), when(_("Logged")), when(_("Requested")), when(_("Promised")),
        when(_("Resolved")),
    ]  # fmt: skip


def _own_rows(asked: Asked, rows: Any) -> Iterator[Row]:
    state = cache(words.state)
    for row in rows:
        yield (
            label(row.number), row.title, state(row.state),
            asked.setup.services[row.service_id].name, row.logged_at,
            at(row.requested_day, row.requested_due), at(row.promised_day, row.promised_due),
            row.resolved_at,
        )  # fmt: skip


def found(asked: Asked) -> Sheet:
    """Give the incidents that a search finds, as it is narrowed and sorted."""
    narrowed = listing.narrowed(asked.args)
    dates = queries.Filter(requested=narrowed.requested, promised=narrowed.promised)
    within, first = results.wanted(
        asked.reader, asked.said("q"), dates if dates.is_dated else None,
        is_open=asked.said("show") == "open",
    )  # fmt: skip
    order = queries.ordered(queries.order(listing.sorted_by(asked.args, results.NEWEST)))
    parts = [within] if first is None else [first, sa.and_(within, sa.not_(first))]
    rows = chain.from_iterable(asked.stream(_query(part, order)) for part in parts)
    if queries.is_desk_side(asked.person):
        return Sheet(_("Incidents found"), _columns(), _rows(asked, rows))
    return Sheet(_("Incidents found"), _own_columns(), _own_rows(asked, rows))
