"""Flow between tiers, groups and partners: of a month, and the lists behind its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicedesk.board import flow, stays
from servicedesk.board.between import named
from servicedesk.board.flow import Asked, Way
from servicedesk.board.flow_words import Drawn, drawn
from servicedesk.board.pages import after, reader_here, titles, words_for
from servicedesk.board.requests import requests
from servicedesk.db import db
from servicedesk.formats import left
from servicedesk.incidents.chips import day_length
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.reports.periods import LONGEST, Period, month_of
from servicedesk.setup.directory import Directory

blueprint = Blueprint("flow", __name__)
FEW = 15
MONTHS = 36  # that can be chosen


def figures(setup: Directory, period: Period, found: Sequence[Way]) -> dict[str, Any]:
    """Give what the board and the page of a period say of hand-offs alike."""
    counts = flow.whole(found)
    return {
        "counts": counts,
        "earlier": flow.before(db.session(), period, g.now),
        "directions": flow.by_direction(found),
        "flow": flow.between_tiers(setup, found),
        "picture": _picture(setup, period, found) if counts.sent else None,
        "period": period,
        "to_list": lambda **asked: list_of(Asked(period), **asked),
        "tier_name": flow.tier_name,
    }


def _picture(setup: Directory, period: Period, found: Sequence[Way]) -> Drawn:
    def address(tiers: tuple[int, int]) -> str:
        sender, receiver = map(flow.tier_name, tiers)
        return list_of(Asked(period), sender=sender, receiver=receiver)

    return drawn(flow.between_tiers(setup, found), address)


def list_of(asked: Asked, **narrowed: Any) -> str:
    """Give the address of a list of hand-offs."""
    return url_for("flow.handoffs", **replace(asked, **narrowed).address())


@blueprint.get("/board/flow")
@requires(Act.SEE_BOARD)
def page() -> ResponseReturnValue:
    """Show a period's flow: between tiers, where it bounces, and where it stays."""
    reader, session = reader_here(), db.session()
    setup, extent = reader.setup, flow.extent(session)
    period = flow.read(request.args.get("period", ""), month_of(reader.now, setup.zone))
    found = flow.ways(session, period, reader.now)
    bouncing = flow.bouncing(session, period, FEW)
    numbers = [one.incident.number for one in bouncing]
    return render_template(
        "board/flow.html",
        pairs=flow.ping_pong(found, FEW),
        bouncing=bouncing,
        bounced=flow.bounced(session, period),
        titles=titles(reader, numbers),
        stays=_stays(setup, period),
        months=_months(extent, period, reader.now) if extent else [period],
        beside=(period.before, period.moved(len(period.months))),
        latest=month_of(extent[1], setup.zone) if extent else None,
        month_now=month_of(reader.now, setup.zone).first,
        handle=lambda ref: named(setup, setup.party(ref)),
        **figures(setup, period, found),
        **words_for(reader),
    )


def _months(extent: tuple[datetime, datetime], period: Period, now: datetime) -> list[Period]:
    """List the months that can be chosen, the newest first; the one that is shown among them."""
    earliest = month_of(extent[0], period.zone).first
    ends = [month_of(at, period.zone) for at in (now, extent[1])]
    months = [end.moved(-n) for end in ends for n in range(MONTHS)]
    found = {one.name: one for one in months if one.first >= earliest} | {period.name: period}
    whole = Period(earliest, max(end.after for end in ends), period.zone)
    if len(whole.months) <= LONGEST:
        found[whole.name] = whole
    return sorted(found.values(), key=lambda one: (one.after, one.first), reverse=True)


def _stays(setup: Directory, period: Period) -> list[dict[str, Any]]:
    """Write how long parties kept what they held."""
    found = stays.stays(db.session(), setup, period, g.now, FEW)
    most = max((stay.whole for stay in found), default=1) or 1
    return [_stay(setup, stay, most) for stay in found]


def _stay(setup: Directory, stay: stays.Stay, most: int) -> dict[str, Any]:
    calendar = setup.calendar_of(stay.party.ref, g.now)
    day = day_length(calendar)
    times = {name: left(getattr(stay, name), day) for name in ("median", "p90", "longest", "whole")}
    return {
        "party": stay.party, "key": named(setup, stay.party), "visits": stay.visits,
        "lasting": stay.lasting, "share": stay.whole / most, **times,
    }  # fmt: skip


# Lists


@blueprint.get("/board/hand-offs")
@requires(Act.SEE_BOARD)
def handoffs() -> ResponseReturnValue:
    """F7: list the hand-offs behind a number: when, between whom, and what became of them."""
    reader = reader_here()
    asked = flow.read_asked(_modern(request.args), month_of(reader.now, reader.setup.zone))
    found = flow.handoffs(db.session(), reader.setup, asked, after())
    numbers = [row.incident.number for row in found.rows]
    return render_template(
        "board/handoffs.html",
        asked=asked, found=found, titles=titles(reader, numbers),
        here=lambda cursor: url_for("flow.handoffs", **asked.address(), after=cursor),
        **words_for(reader),
    )  # fmt: skip


def _modern(args: Mapping[str, str]) -> dict[str, str]:
    """Understand links of before, which named tiers by their number alone."""
    said = dict(args)
    for end in ("sender", "receiver"):
        if said.get(end) in {"0", "1", "2", "3"}:
            said[end] = flow.tier_name(int(said[end]))
    return said


@blueprint.get("/board/stays")
@requires(Act.SEE_BOARD)
def visits() -> ResponseReturnValue:
    """F7: list the visits of incidents to a party behind a number."""
    reader, session = reader_here(), db.session()
    setup = reader.setup
    period = flow.read(request.args.get("period", ""), month_of(reader.now, setup.zone))
    holder, lasting = request.args.get("holder", "")[:100], request.args.get("lasting") == "1"
    found = stays.visits(session, setup, period, reader.now, holder, lasting, after())
    numbers = stays.numbers(session, found.rows)
    until = min(period.end, reader.now)
    said: dict[str, Any] = {"period": period.name, "holder": holder}
    said |= {"lasting": 1} if lasting else {}
    return render_template(
        "board/stays.html",
        rows=[(row, numbers[row.incident_id], _length(setup, row, until)) for row in found.rows],
        found=found, period=period, lasting=lasting, until=until,
        titles=titles(reader, list(numbers.values())),
        parties=[setup.parties[ref] for ref in flow.refs(holder, setup)],
        here=lambda cursor: url_for("flow.visits", **said, after=cursor),
        **words_for(reader),
    )  # fmt: skip


def _length(setup: Directory, row: Any, until: datetime) -> str:
    seconds = stays.length(setup, row.holder, row.start, row.end, until)
    return left(seconds, day_length(setup.calendar_of(row.holder, row.start)))


@blueprint.get("/board/work-requests")
@requires(Act.SEE_BOARD)
def work() -> ResponseReturnValue:
    """H6: list open work requests, of all or of one receiver."""
    reader = reader_here()
    to, late = request.args.get("to", "")[:100], request.args.get("late") == "1"
    found = requests(db.session(), reader.setup, reader.now, to, late, after())
    said: dict[str, Any] = {"to": to or None, "late": 1 if late else None}
    parties = [reader.setup.parties[ref] for ref in flow.refs(to, reader.setup)] if to else []
    return render_template(
        "board/requests.html",
        found=found, late=late, to=to, parties=parties,
        titles=titles(reader, [row.incident.number for row in found.rows]),
        here=lambda cursor: url_for("flow.work", **said, after=cursor),
        **words_for(reader),
    )  # fmt: skip
