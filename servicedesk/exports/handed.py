"""What is handed and asked between parties, as files: the partner's own lists and the desk's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import contains_eager

from servicedesk.board import flow, requests, stays, wishes
from servicedesk.board import words as board
from servicedesk.escalation import queries as inbox_of
from servicedesk.escalation.work import queries as work_of
from servicedesk.exports.lists import Asked
from servicedesk.exports.sheet import MOST, Cell, Column, Row, Sheet, when
from servicedesk.incidents import cursors, search
from servicedesk.incidents.models import HandOff, Holding, Incident, WorkRequest, label
from servicedesk.incidents.visibility import requested, visible
from servicedesk.partners.score import handed
from servicedesk.setup.directory import Party

NUMBER = 14
Cells = Callable[[Any, bool], Row]


def _about(*columns: Column) -> list[Column]:
    return [Column(_("Number"), NUMBER), Column(_("Title"), 48), *columns]


# A partner's own (H8)


def inbox(asked: Asked) -> Sheet:
    """Give a box of the inbox: one's own company's hand-offs and nothing else."""
    words = asked.said("q")
    box = asked.said("box")
    if box not in inbox_of.BOXES:
        counts = inbox_of.counts(asked.session, asked.person, words)
        box = "to-accept" if counts["to-accept"] else "in-work"
    said = inbox_of.Asked(box, asked.said("sort"), asked.said("answer"), asked.said("due"), words)
    query, order = inbox_of.selected(asked.person, said, asked.setup, asked.now)
    query = query.add_columns(inbox_of.DUE).order_by(*cursors.ordered(order, HandOff.id))
    return Sheet(_("Inbox"), _inbox_columns(), _inbox(asked, query))


def _inbox_columns() -> list[Column]:
    return _about(
        Column(_("Priority"), 8), Column(_("State"), 16), when(_("Handed to us")),
        when(_("Answer wished by")), when(_("Due by contract")), when(_("Ended")),
        Column(_("Our ticket"), 18),
    )  # fmt: skip


def _inbox(asked: Asked, query: Any) -> Iterator[Row]:
    became = cache(board.became)
    for row, due in asked.stream(query):
        about = row.incident
        yield (
            about.label, about.title, about.priority, became(row.state), row.sent_at,
            row.answer_by, None if row.ended_at else due, row.ended_at, row.partner_ticket,
        )  # fmt: skip


def work_requests(asked: Asked) -> Sheet:
    """H6: give a box of what is asked of one's groups or company."""
    box = "ended" if asked.said("box") == "ended" else "open"
    query, order = work_of.selected(asked.person, box, asked.said("q"))
    query = query.order_by(*cursors.ordered(order, WorkRequest.id))
    return Sheet(_("Work requests"), _work_columns(), _work(asked, query))


def _work_columns() -> list[Column]:
    return [
        Column(_("Number"), NUMBER), Column(pgettext("work", "Work"), 48),
        Column(_("Priority"), 8), Column(pgettext("work", "For whom"), 20),
        when(pgettext("work", "Asked")), when(_("Wanted by")), when(_("Ended")),
        Column(_("State"), 16),
    ]  # fmt: skip


def _work(asked: Asked, query: Any) -> Iterator[Row]:
    state = cache(_state)
    for row in asked.stream(query).scalars():
        yield (
            row.incident.label, row.title, row.incident.priority, asked.party(row.receiver),
            row.asked_at, row.due, row.ended_at, state(row.state),
        )  # fmt: skip


def _state(state: str) -> str:
    return {
        "sent": _("to accept"),
        "accepted": _("in work"),
        "done": _("done"),
        "sent_back": _("sent back"),
        "withdrawn": _("withdrawn"),
    }[state]


# What a search finds of it


def found_handoffs(asked: Asked) -> Sheet:
    """H8: give the hand-offs that a search finds on their sheets, the newest first."""
    query = sa.select(HandOff).join(HandOff.incident).options(contains_eager(HandOff.incident))
    query = query.where(search.found_handoffs(asked.said("q"), asked.person))
    query = query.add_columns(inbox_of.DUE).order_by(HandOff.id.desc())
    return Sheet(_("Handed to us"), _inbox_columns(), _inbox(asked, query))


def found_requests(asked: Asked) -> Sheet:
    """H6, H8: give the work requests that a search finds, the newest first."""
    query = sa.select(WorkRequest).join(WorkRequest.incident)
    query = query.options(contains_eager(WorkRequest.incident)).order_by(WorkRequest.id.desc())
    wanted = requested(asked.person), search.found_requests(asked.said("q"))
    return Sheet(_("Work requests"), _work_columns(), _work(asked, query.where(*wanted)))


# The desk's: of a confidential one the number alone


def _desk(asked: Asked, title: str, columns: list[Column], query: Any, cells: Cells) -> Sheet:
    """Make a list of which each row is about an incident; §9: it counts those not to be seen."""

    def rows() -> Iterator[Row]:
        sees = sa.func.coalesce(visible(asked.person), sa.false())
        wanted = query.add_columns(Incident.number, Incident.title, sees)
        for row, number, about, seen in asked.stream(wanted):
            sheet.withheld += not seen
            yield label(number), about if seen else _("Confidential"), *cells(row, bool(seen))

    sheet = Sheet(title, _about(*columns), rows())
    return sheet


def board_handoffs(asked: Asked) -> Sheet:
    """F7: give the hand-offs behind a number of the flow."""
    said = flow.read_asked(asked.args, asked.month)
    query = sa.select(HandOff).join(Incident).where(flow.condition(said, asked.setup))
    columns = [
        when(pgettext("hand-off", "Sent")), Column(_("From"), 20), Column(_("To"), 20),
        Column(_("What became of it"), 18), when(_("Ended")),
    ]  # fmt: skip

    became = cache(board.became)

    def cells(row: HandOff, seen: bool) -> Row:
        return (
            row.sent_at, asked.party(row.sender), asked.party(row.receiver),
            became(row.state), row.ended_at,
        )  # fmt: skip

    query = query.order_by(HandOff.sent_at, HandOff.id)
    return _desk(asked, _("Hand-offs"), columns, query, cells)


def board_stays(asked: Asked) -> Sheet:
    """F7: give the visits to a party behind a number."""
    setup, period = asked.setup, flow.read(asked.said("period"), asked.month)
    until, lasting = min(period.end, asked.now), asked.said("lasting") == "1"
    wanted = stays.visiting(setup, period, asked.now, asked.said("holder"), lasting)
    query = sa.select(Holding).join(Incident, Incident.id == Holding.incident_id).where(wanted)
    columns = [
        Column(_("Held by"), 20), when(pgettext("stay", "From")), when(pgettext("stay", "Until")),
        Column(_("Working time, hours"), 12),
    ]  # fmt: skip

    def cells(row: Holding, seen: bool) -> Row:
        seconds = stays.length(setup, row.holder, row.start, row.end, until)
        ended = row.end if row.end and row.end <= until else None
        return asked.party(row.holder), row.start, ended, round(seconds / 3600, 2)

    return _desk(asked, _("Stays"), columns, query.order_by(Holding.start, Holding.id), cells)


def board_requests(asked: Asked) -> Sheet:
    """H6: give the open work requests, of all or of one receiver."""
    late = asked.said("late") == "1"
    wanted = requests.condition(asked.setup, asked.now, asked.said("to"), late)
    query = sa.select(WorkRequest).join(Incident).where(wanted)
    query = query.order_by(*cursors.ordered(requests.order_of(), WorkRequest.id))
    columns = [
        Column(pgettext("work", "Work"), 40), Column(_("From"), 20),
        Column(pgettext("work", "To"), 20), when(pgettext("work", "Asked")), when(_("Due")),
        Column(_("State"), 18),
    ]  # fmt: skip

    state = cache(board.requested)

    def cells(row: WorkRequest, seen: bool) -> Row:
        return (
            row.title if seen else None, asked.party(row.sender), asked.party(row.receiver),
            row.asked_at, row.due, state(row.state),
        )  # fmt: skip

    return _desk(asked, _("Work requests"), columns, query, cells)


def board_wishes(asked: Asked) -> Sheet:
    """F7: give the wishes behind a number of the running month."""
    found = wishes.page(
        asked.session, asked.setup, asked.now, wishes.read_asked(asked.args), size=MOST
    )
    cases = list(asked.titled(found.cases, visible(asked.person)))
    columns = _about(
        when(_("First wish")), Column(_("Answers for it"), 20), Column(_("In time?"), 10)
    )
    rows = [
        (
            label(case.number), _("Confidential") if title is None else title, case.day or case.at,
            asked.party(case.party), _("in time") if case.value else _("late"),
        )
        for case, title in cases
    ]  # fmt: skip
    withheld = len({case.number for case, title in cases if title is None})
    return Sheet(_("Wishes of the month"), columns, rows, withheld=withheld)


def company(asked: Asked, party: Party) -> Sheet:
    """Give a partner company's hand-offs, as the list is narrowed."""
    listed, order = handed.selected(asked.setup, party.ref, handed.read(asked.args), asked.now)
    query = listed.with_only_columns(HandOff).order_by(*cursors.ordered(order, HandOff.id))
    columns = [
        Column(_("Priority"), 8), Column(_("State"), 18), when(pgettext("hand-off", "Sent")),
        when(_("Accepted")), when(_("Ended")), when(_("Answer wished by")),
        Column(_("Their ticket"), 18),
    ]  # fmt: skip

    became = cache(board.became)

    def cells(row: HandOff, seen: bool) -> Row:
        ticket: Cell = row.partner_ticket if seen else None
        return (
            row.incident.priority, became(row.state), row.sent_at, row.accepted_at,
            row.ended_at, row.answer_by, ticket,
        )  # fmt: skip

    return _desk(asked, _("Hand-offs"), columns, query, cells)
