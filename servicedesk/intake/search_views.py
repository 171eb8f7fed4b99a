"""The search of the top bar."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicedesk.db import db
from servicedesk.incidents import narrowing
from servicedesk.incidents.listing import narrowed, sorted_by, turned
from servicedesk.incidents.models import HandOff, WorkRequest
from servicedesk.incidents.queries import Filter, Reader, is_desk_side
from servicedesk.intake import results
from servicedesk.intake.marking import Marker
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@requires(Act.SEE_INCIDENT)
def search() -> ResponseReturnValue:
    """Find incidents, or what a partner was given; a number in full leads straight to it."""
    session, text = db.session(), request.args.get("q", "")[:200].replace("\0", "").strip()
    person: Person = current_user._get_current_object()
    if target := results.jump(session, person, text):
        return redirect(_address(target))
    setup = directory(session)
    found = _found(Reader(person, setup, g.now), text)
    return render_template(
        "intake/search.html",
        text=text,
        **found,
        mark=Marker(text).mark,
        address=_hit_address,
        services=setup.services,
        is_open=_is_open(),
        desk=is_desk_side(person),
        **_sorting(),
    )


def _found(reader: Reader, text: str) -> dict[str, results.Results | None]:
    """Search what a person has to do with: incidents, what a partner was given, or both."""
    session, person = db.session(), reader.person
    reached = reaches(person, Act.SEE_INCIDENT)
    said: dict[str, results.Results | None] = dict.fromkeys(("found", "sheets", "asked"))
    if text and reached & {Reach.ALL, Reach.OWN}:
        dates = _dates()
        narrowed: dict[str, Any] = {
            "narrowed": dates if dates.is_dated else None,
            "sort": sorted_by(request.args, results.NEWEST),
            "after": request.args.get("after"),
            "is_open": _is_open(),
        }
        said["found"] = results.find(session, reader, text, **narrowed)
    if text and Reach.HANDED in reached:
        said["sheets"] = results.find_handoffs(session, person, text, before=_place("handed"))
        said["asked"] = results.find_requests(session, person, text, before=_place("asked"))
    return said


DATES = ("requested", "promised")  # that everybody sees who finds an incident


def _dates() -> Filter:
    """Read what the found ones are narrowed to by their dates."""
    asked = narrowed(request.args)
    return Filter(**{name: getattr(asked, name) for name in DATES})


def _sorting() -> dict[str, Any]:
    """Give what the page needs to sort and narrow what was found."""
    sort, names = sorted_by(request.args, results.NEWEST), narrowing.sort_names()
    offered = {name: names[name] for name in (results.NEWEST, *DATES, "changed")}
    return {
        "sort": sort,
        "sorts": narrowing.sort_choices(sort, offered),
        "downwards": narrowing.is_downwards(sort),
        "turned": turned(sort),
        "date_filters": narrowing.filters(_dates(), DATES),
        "narrowed": _dates().is_dated,
        "here": _here,
    }


def _here(**changes: str | None) -> str:
    """Give the address of this search, with changes; what becomes empty is left out."""
    names = ("q", "show", "sort", *DATES)
    said: dict[str, Any] = {name: request.args.get(name, "")[:200] for name in names} | changes
    return url_for("search.search", **{name: text for name, text in said.items() if text})


def _is_open() -> bool:
    return request.args.get("show") == "open"


def _place(name: str) -> int | None:
    """Read where a page begins; what makes no sense counts as the beginning."""
    place = request.args.get(name, type=int)
    return place if place and 0 < place < 2**31 else None


def _address(target: results.Target) -> str:
    if isinstance(target, WorkRequest):
        return url_for("work.sheet", number=target.incident.number, n=target.n)
    if isinstance(target, HandOff):
        return url_for("escalation.sheet", number=target.incident.number, n=target.n)
    return url_for("incidents.page", number=target.number)


def _hit_address(hit: results.Hit) -> str:
    return _address(hit.handoff or hit.request or hit.incident)
