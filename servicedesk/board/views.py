"""The manager's board, a lead's group, and the morning page (朝会)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicedesk.board import between, flow, queries, words
from servicedesk.board import wishes as wishes_of
from servicedesk.board.flow_views import figures
from servicedesk.board.lines import Shown, shown
from servicedesk.board.pages import after, reader_here, titles, words_for
from servicedesk.board.queries import Held
from servicedesk.board.requests import requests
from servicedesk.board.tally import tally
from servicedesk.board.tiles import tiles
from servicedesk.db import db
from servicedesk.incidents import attention, listing
from servicedesk.incidents.models import NO_DATE, Incident
from servicedesk.incidents.queries import Reader
from servicedesk.incidents.timetable import REMIND_AFTER
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports.periods import month_of
from servicedesk.setup.directory import Party

blueprint = Blueprint("board", __name__)
FEW, MOST = 8, 20  # lines of a panel, and of a section of the morning page


# The board


@blueprint.get("/board")
@requires(Act.SEE_BOARD)
def index() -> ResponseReturnValue:
    """Show who holds what now, what flows, how wishes are kept and what is in doubt."""
    reader, session = reader_here(), db.session()
    setup = reader.setup
    found, waits = queries.held(session, reader), between.waiting(session, reader)
    whole = sum(found.values(), Held())
    rows = between.rows(reader, found, waits)
    columns = [row for row in rows if row.kind != "group"]
    month = month_of(reader.now, setup.zone)
    return render_template(
        "board/board.html",
        tiles=tiles(session, reader, whole),
        whole=whole,
        columns=columns,
        most=max(column.held.count for column in columns),
        rows=[row for row in rows if row.has_anything],
        requests=sum(one.requests for one in waits.values()),
        wishes=tally(session, setup, reader.now, whole.ahead),
        doubtful=_doubtful(reader),
        month=month,
        **figures(setup, month, flow.ways(session, month, reader.now)),
        **words_for(reader),
    )


def _doubtful(reader: Reader) -> list[Shown]:
    marks = {name: doubt(reader) for name, doubt in attention.DOUBTS.items()}
    lines = queries.lines(db.session(), reader, "doubtful", most=FEW, marks=marks)
    return shown(lines, reader, {"from": "doubtful"})


# The cases behind figures


@blueprint.get("/board/wishes")
@requires(Act.SEE_BOARD)
def wishes() -> ResponseReturnValue:
    """F7: list the wishes behind a number of the running month."""
    reader, asked = reader_here(), wishes_of.read_asked(request.args)
    found = wishes_of.page(db.session(), reader.setup, reader.now, asked, after())
    numbers = [case.number for case in found.cases]
    return render_template(
        "board/wishes.html",
        found=found,
        asked=asked,
        titles=titles(reader, numbers),
        whose=_whose(reader, asked),
        **words_for(reader),
    )


def _whose(reader: Reader, asked: wishes_of.Asked) -> str:
    """Name the service or the party that a list is of."""
    services = {str(service.id): service.name for service in reader.setup.services.values()}
    party = reader.setup.parties.get(asked.party)
    return services.get(asked.service, "") or (party.name if party else "")


# A group


@blueprint.get("/group")
@requires(Act.SEE_BOARD)
def own_group() -> ResponseReturnValue:
    """Go to one's own group: the one that one leads, or is in."""
    person: Person = current_user._get_current_object()
    mine = next((group for group in (*person.leads, *person.groups) if group.active), None)
    return redirect(url_for("board.group", key=mine.key) if mine else url_for("board.index"))


@blueprint.get("/group/<key>")
@requires(Act.SEE_BOARD)
def group(key: str) -> ResponseReturnValue:
    """Show a group: who works on what, what nobody does, what was sent to it, what came back."""
    reader, session = reader_here(), db.session()
    party = reader.setup.by_key.get(key)
    if party is None or party.is_partner:
        abort(404)
    only, key = f"group:{party.key}", party.key
    views = ("all", "overdue", "soon", "sent", "returned")
    counts = queries.count(session, reader, views, only)
    nobody = queries.count(session, reader, ["all"], f"{only},nobody")["all"]
    works = may(current_user, Act.WORK_INCIDENT)  # who looks on decides nothing
    return render_template(
        "board/group.html",
        group=party,
        lead=queries.lead(session, party),
        groups=[p for p in reader.setup.parties.values() if p.tier and p.active],
        only=only,
        counts=counts,
        nobody=nobody,
        waits=between.waiting(session, reader).get(party.ref, between.Waiting()),
        loads=queries.loads(session, reader, party),
        breaches=_next_breaches(reader, only),
        unaccepted=_some(reader, "sent", only),
        returned=_some(reader, "returned", only),
        deciding=_some(reader, "to-decide", f"decides:{key}"),
        proposals=queries.proposals(session, party) if works else {},
        asked=_some(reader, "asked", f"asked:{key}"),
        requests=_requests(reader, key),
        today=reader.today,
        **words_for(reader),
    )


def _requests(reader: Reader, key: str) -> list[tuple[Any, str | None]]:
    """H6: list the next work requests to a party, with the titles that the reader may see."""
    rows = requests(db.session(), reader.setup, reader.now, key, False, None).rows[:FEW]
    seen = titles(reader, [row.incident.number for row in rows])
    return [(row, row.title if row.incident.number in seen else None) for row in rows]


def _some(reader: Reader, view: str, only: str) -> list[Shown]:
    lines = queries.lines(db.session(), reader, view, only=only, most=FEW)
    return shown(lines, reader, {"from": view, "only": only})


def _next_breaches(reader: Reader, only: str) -> list[Shown]:
    """List what is next to miss a date, and has missed none."""
    ahead = sa.case((Incident.late_from > reader.now, Incident.late_from), else_=NO_DATE)
    lines = queries.lines(db.session(), reader, "all", only=only, most=FEW, order=(ahead,))
    waiting = [line for line in lines if reader.now < line.incident.late_from < NO_DATE]
    return shown(waiting, reader, {"from": "all", "only": only})


# The morning page


@blueprint.get("/morning")
@requires(Act.SEE_BOARD)
def morning() -> ResponseReturnValue:
    """Give what a desk goes through in the morning, on paper or on the screen."""
    reader, session = reader_here(), db.session()
    party = _asked_group(reader)
    only = f"near:{party.key}" if party else ""
    narrowed = {"only": only} if only else {}
    sections = words.sections(int(reader.setup.more.get("remind_after", REMIND_AFTER)))
    views = [section.view for section in sections]
    parts = queries.parts(session, reader, views, only=only, most=MOST)
    return render_template(
        "board/morning.html",
        sections=sections,
        counts={view: part.count for view, part in parts.items()},
        lines={
            view: shown(part.lines, reader, {"from": view} | narrowed)
            for view, part in parts.items()
        },
        group=party,
        groups=listing.by_tier(p for p in reader.setup.parties.values() if p.tier and p.active),
        only=narrowed,
        evening=attention.evening(reader),
        today=reader.today,
        **words_for(reader),
    )


def _asked_group(reader: Reader) -> Party | None:
    """Read which group's morning it is; there is no page of any other."""
    key = request.args.get("group", "")
    party = reader.setup.by_key.get(key)
    if key and (party is None or party.is_partner):
        abort(404)
    return party
