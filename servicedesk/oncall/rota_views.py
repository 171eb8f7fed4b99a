"""A group's rota to be changed: with a preview, and published as DESK.yaml would have it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, Refused, Stale
from servicedesk.oncall import commands, month, queries, words
from servicedesk.oncall.forms import MOST, RotaForm, weeks_of
from servicedesk.oncall.month import Day
from servicedesk.oncall.pages import actor, party_of
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup import editing, rota
from servicedesk.setup.directory import Party
from servicedesk.setup.rota import monday
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("rota", __name__)
WEEKS = 4  # of the preview
Data = dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """What publishing would change."""

    weeks: list[list[Day]]
    people: dict[int, Person]
    zone: str
    changes: list[str]

    @property
    def others(self) -> int:
        """Count the days on which somebody else would be on call."""
        return sum(day.is_other for week in self.weeks for day in week)


@blueprint.route("/oncall/<key>/rota", methods=["GET", "POST"])
@requires(Act.SEE_ROTA)
def edit(key: str) -> ResponseReturnValue:
    """Change a group's rota, see what becomes of the next weeks, and publish it."""
    session, party, now = db.session(), party_of(key), g.now
    setup = directory(session)
    commands.check_keeps(party, actor(), now)
    crew = queries.crew(session, party)
    before = editing.document(session)["groups"][party.key].get("rota")
    form = RotaForm(data=_values(before, crew, times.local_day(now, setup.zone)))
    if request.method == "GET":
        form.weeks = weeks_of(before) if before else [[one.key] * 7 for one in crew[:MOST]]
        form.weeks = form.weeks or [[""] * 7]
        form.carry(form.count, len(form.weeks))
        form.carry(form.revision, setup.revision)
        return _page(form, party, crew, before)
    form.read_weeks(request.form, {one.key for one in crew})
    act = request.form.get("act", "preview")
    if act in ("add", "drop"):
        form.resize(1 if act == "add" else -1)
        return _page(form, party, crew, before)
    if not form.validate():
        return _page(form, party, crew, before, status=422)
    return _preview_or_publish(form, party, crew, before, act)


def _values(before: Data | None, crew: list[Person], today: Any) -> Data:
    """Give what the form shows: the rota as it is, or one to begin with next Monday."""
    said = before or {"from": (monday(today) + timedelta(weeks=1)).isoformat()}
    at = divmod(rota.minutes(said.get("at", "09:00")), 60)
    return {
        "start": times.day(str(said["from"])),
        "at": time(*at),
        "covers": said.get("covers", rota.ALWAYS),
        "count": len(said.get("weeks") or crew) or 1,
    }


def _preview_or_publish(
    form: RotaForm, party: Party, crew: list[Person], before: Data | None, act: str
) -> ResponseReturnValue:
    said, now = form.said(before), g.now
    shown = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    problem, status = "", 200
    if act == "publish" and form.seen.data == shown:
        try:
            changes = commands.publish(
                party.key, said, actor=actor(), now=now, revision=form.revision.data or 0
            )
        except Stale:
            problem = _("Somebody changed the set-up meanwhile. This is what it would change now.")
            status = 409
        except (BadInput, Refused) as error:
            problem, status = str(error), 422
        else:
            flash(_("The rota is published.") if changes else _("Nothing is changed."))
            return redirect(url_for("oncall.group", key=party.key), 303)
    try:
        preview, revision = _preview(party, said, now)
    except (BadInput, Refused) as error:
        return _page(form, party, crew, before, problem=str(error), status=422)
    form.seen.data = shown
    form.carry(form.revision, revision)
    return _page(form, party, crew, before, preview=preview, problem=problem, status=status)


def _preview(party: Party, said: Data | None, now: datetime) -> tuple[Preview, int]:
    """Lay out the next weeks as they would be, beside how they are."""
    plan = editing.plan(commands.changed(db.session(), party.key, said), now)
    session, setup = db.session(), plan.after
    after = setup.party(party.ref)
    zone = (after.rota or party.rota)[-1].zone if after.rota or party.rota else setup.zone
    first = monday(times.local_day(now, zone))
    start = times.midnight(first, zone) - timedelta(days=2)
    end = start + timedelta(weeks=WEEKS, days=4)
    book = queries.book(session, setup, [party, after], start, end)
    patterns = after.rota or party.rota
    weeks = month.lay_out(
        patterns, book.stretches(after, start, end), first, WEEKS, now,
        book.stretches(party, start, end),
    ) if patterns else []  # fmt: skip
    is_other = setup.revision != plan.before.revision
    changes = plan.changes if is_other else []
    return Preview(weeks, dict(book.people), zone, changes), plan.before.revision


def _page(
    form: RotaForm,
    party: Party,
    crew: list[Person],
    before: Data | None,
    *,
    preview: Preview | None = None,
    problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "oncall/rota.html",
        form=form,
        group=party,
        crew=crew,
        before=before,
        preview=preview,
        problem=problem,
        most=MOST,
        say=words,
    )
    return page, status
