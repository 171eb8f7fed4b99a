"""Calendars to subscribe to: an address of one's own turns or of a group's, made and ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.db import db
from servicedesk.oncall import feeds, ics, queries
from servicedesk.oncall.models import CalendarFeed
from servicedesk.oncall.pages import actor
from servicedesk.oncall.rota import Turn
from servicedesk.people.access import public, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.rota import CLOSED, monday
from servicedesk.setup.snapshot import directory, directory_if_any

blueprint = Blueprint("feeds", __name__)
BACK, AHEAD = timedelta(weeks=4), timedelta(weeks=26)


@blueprint.app_template_global("own_feeds")
def own_feeds() -> list[tuple[CalendarFeed, str]] | None:
    """List one's own addresses with the group they are of; None for who has nothing to see."""
    setup = directory_if_any(db.session())
    if setup is None or not may(current_user, Act.SEE_ROTA):
        return None
    found = feeds.of_person(db.session(), actor())
    return [(row, _group_name(setup, row)) for row in found]


def _group_name(setup: Directory, row: CalendarFeed) -> str:
    party = setup.parties.get(f"group:{row.group_id}")
    return party.name if party else ""


@blueprint.post("/oncall/feed/new")
@requires(Act.SEE_ROTA)
def new() -> ResponseReturnValue:
    """Make an address, and show it this once."""
    token = feeds.make(actor=actor(), now=g.now, group=request.form.get("group", ""))
    place = url_for("feeds.feed", token=token)
    url = f"{str(current_app.config['DESK_URL']).rstrip('/')}{place}"
    party = directory(db.session()).by_key.get(request.form.get("group", ""))
    return render_template("oncall/feed.html", url=url, group=party)


@blueprint.post("/oncall/feed/<int:id>/revoke")
@requires(Act.SEE_ROTA)
def revoke(id: int) -> ResponseReturnValue:
    """End an address of one's own."""
    feeds.revoke(id, actor=actor(), now=g.now)
    flash(_("This address opens nothing any more."))
    return redirect(url_for("profile.page", _anchor="calendars"), 303)


@blueprint.get("/oncall/feed/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Give a calendar to whoever knows its address; unchanged it is not sent again."""
    session, now = db.session(), times.now()
    row = feeds.behind(session, token)
    if row is None:
        abort(404)
    sheet = _sheet(session, directory(session), row, now)
    digest, since, id = sheet.digest, row.changed_at, row.id
    if feeds.is_news(row, digest, now):
        since = feeds.note(id, digest, now=now)
    answer = Response(ics.write(sheet, since), mimetype="text/calendar")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    answer.set_etag(digest)
    answer.last_modified = since
    return answer.make_conditional(request)


def _sheet(session: Session, setup: Directory, row: CalendarFeed, now: datetime) -> ics.Sheet:
    """Step: write down what a calendar says, in the language of whose it is."""
    reader = session.get_one(Person, row.person_id)
    language = reader.language or setup.language
    with force_locale(language):
        party = setup.parties.get(f"group:{row.group_id}")
        name = _("On call: %(group)s", group=party.name) if party else _("My turns on call")
        entries = tuple(_entries(session, setup, row, now))
    return ics.Sheet(name, setup.name, language, entries)


def _entries(
    session: Session, setup: Directory, row: CalendarFeed, now: datetime
) -> Iterator[ics.Entry]:
    first = monday(times.local_day(now - BACK, setup.zone))  # a day's calls give the same file
    start = times.midnight(first, setup.zone)
    parties = [it for it in queries.groups(setup) if row.group_id in (None, it.id) and it.rota]
    book = queries.book(session, setup, parties, start, start + BACK + AHEAD)
    for party in parties:
        for turn in book.turns(party):
            if row.group_id or turn.person == row.person_id:
                yield _entry(party, turn, book.name(turn.person) if row.group_id else "")


def _entry(party: Party, turn: Turn, name: str) -> ics.Entry:
    desk = str(current_app.config["DESK_URL"]).rstrip("/")
    said = {"name": name, "group": party.name}
    title = _("%(name)s: %(group)s", **said) if name else _("On call: %(group)s", **said)
    text = _("Only while the group is closed.") if turn.covers == CLOSED else ""
    host = urlsplit(desk).hostname or "localhost"
    url = f"{desk}{url_for('oncall.group', key=party.key)}"
    return ics.Entry(ics.uid(party.id, turn.start, host), turn.start, turn.end, title, text, url)
