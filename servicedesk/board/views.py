"""The manager's board, a lead's group, and the morning page (朝会)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicedesk.board import compliance as kept
from servicedesk.board import queries, words
from servicedesk.board.lines import Shown, shown
from servicedesk.board.queries import Held
from servicedesk.board.tiles import list_of, tiles
from servicedesk.db import db
from servicedesk.incidents import attention, listing
from servicedesk.incidents.models import NO_DATE, Incident, label
from servicedesk.incidents.queries import Reader
from servicedesk.incidents.timetable import REMIND_AFTER
from servicedesk.incidents.visibility import visible
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import pictures
from servicedesk.reports import queries as facts
from servicedesk.reports import words as reports
from servicedesk.reports.periods import month_of
from servicedesk.setup.directory import Party
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("board", __name__)
FEW, MOST = 8, 20  # lines of a panel, and of a section of the morning page


def _reader() -> Reader:
    person: Person = current_user._get_current_object()
    return Reader(person, directory(db.session()), g.now)


# The board


@blueprint.get("/board")
@requires(Act.SEE_BOARD)
def index() -> ResponseReturnValue:
    """Show who holds what now, what flows, how wishes are kept and what is in doubt."""
    reader, session = _reader(), db.session()
    setup = reader.setup
    found = queries.held(session, reader)
    whole = sum(found.values(), Held())
    columns = queries.columns(setup, found)
    month = month_of(reader.now, setup.zone)
    return render_template(
        "board/board.html",
        tiles=tiles(session, reader, whole),
        whole=whole,
        columns=columns,
        most=max(column.held.count for column in columns),
        wishes=kept.compliance(session, setup, reader.now),
        flow=queries.between_tiers(setup, queries.flow(session, month)),
        doubtful=_doubtful(reader),
        month=month,
        **_words(reader),
    )


def _words(reader: Reader) -> dict[str, Any]:
    return {
        "setup": reader.setup,
        "say": words,
        "report_words": reports,
        "draw": pictures,
        "list_of": list_of,
        "label": label,
        "now": reader.now,
        "may_report": may(current_user, Act.SEE_REPORTS),
    }


def _doubtful(reader: Reader) -> list[Shown]:
    marks = {name: doubt(reader) for name, doubt in attention.DOUBTS.items()}
    lines = queries.lines(db.session(), reader, "doubtful", most=FEW, marks=marks)
    return shown(lines, reader, {"from": "doubtful"})


# The cases behind figures


@blueprint.get("/board/wishes")
@requires(Act.SEE_BOARD)
def wishes() -> ResponseReturnValue:
    """F7: list the wishes behind a number of the running month."""
    reader = _reader()
    found = kept.compliance(db.session(), reader.setup, reader.now, every_party=True)
    asked = {name: request.args.get(name, "") for name in ("service", "party", "show")}
    every = found.cases(asked["service"], asked["party"], "all")
    show = asked["show"] if asked["show"] in ("kept", "late") else "all"
    cases = [c for c in every if show in ("all", "kept" if c.value else "late")]
    start = _start(len(cases))
    page = cases[start : start + queries.AT_ONCE]
    numbers = [case.number for case in page]
    titles = facts.visible_titles(db.session(), numbers, visible(reader.person))
    return render_template(
        "board/wishes.html",
        wishes=found, cases=page, titles=titles, asked=asked, show=show, start=start,
        counts={"all": len(every), "kept": sum(c.value for c in every)}, total=len(cases),
        whose=_whose(reader, asked), after=_after(start, len(cases)), **_words(reader),
    )  # fmt: skip


def _whose(reader: Reader, asked: dict[str, str]) -> str:
    """Name the service or the party that a list is of."""
    services = {str(service.id): service.name for service in reader.setup.services.values()}
    party = reader.setup.parties.get(asked["party"])
    return services.get(asked["service"], "") or (party.name if party else "")


def _start(total: int) -> int:
    return max(0, min(request.args.get("after", 0, type=int), total))


def _after(start: int, total: int) -> int | None:
    after = start + queries.AT_ONCE
    return after if after < total else None


@blueprint.get("/board/hand-offs")
@requires(Act.SEE_BOARD)
def handoffs() -> ResponseReturnValue:
    """F7: list the hand-offs of the running month, of all tiers or from one to another."""
    reader = _reader()
    month = month_of(reader.now, reader.setup.zone)
    tiers = [request.args.get(name, type=int) for name in ("sender", "receiver")]
    pair = (tiers[0], tiers[1]) if tiers[0] is not None and tiers[1] is not None else None
    start = min(max(0, request.args.get("after", 0, type=int)), 2**31)
    rows, total = queries.handoffs(db.session(), reader.setup, month, pair, start)
    numbers = [row.incident.number for row in rows]
    titles = facts.visible_titles(db.session(), numbers, visible(reader.person))
    return render_template(
        "board/handoffs.html",
        rows=rows, total=total, titles=titles, pair=pair, start=start, month=month,
        after=_after(start, total), **_words(reader),
    )  # fmt: skip


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
    reader, session = _reader(), db.session()
    party = reader.setup.by_key.get(key)
    if party is None or party.is_partner:
        abort(404)
    only = f"group:{party.key}"
    views = ("all", "overdue", "soon", "sent", "returned")
    counts = queries.count(session, reader, views, only)
    nobody = queries.count(session, reader, ["all"], f"{only},nobody")["all"]
    return render_template(
        "board/group.html",
        group=party,
        lead=queries.lead(session, party),
        groups=[p for p in reader.setup.parties.values() if p.tier and p.active],
        only=only,
        counts=counts,
        nobody=nobody,
        loads=queries.loads(session, reader, party),
        breaches=_next_breaches(reader, only),
        unaccepted=_some(reader, "sent", only),
        returned=_some(reader, "returned", only),
        today=reader.today,
        **_words(reader),
    )


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
    reader, session = _reader(), db.session()
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
        **_words(reader),
    )


def _asked_group(reader: Reader) -> Party | None:
    """Read which group's morning it is; there is no page of any other."""
    key = request.args.get("group", "")
    party = reader.setup.by_key.get(key)
    if key and (party is None or party.is_partner):
        abort(404)
    return party
