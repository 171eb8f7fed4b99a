"""The page on which other terms are tried out on a past period; its address is the question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, Refused
from servicedesk.incidents.models import label
from servicedesk.incidents.priority import PRIORITIES
from servicedesk.incidents.visibility import visible
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import commands, listing, shelf
from servicedesk.reports import queries as reports
from servicedesk.reports import words as report_words
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import ALL, Scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.whatif import choices, comparing, queries, tables, words
from servicedesk.whatif.alternative import alternative
from servicedesk.whatif.choices import Choice
from servicedesk.whatif.comparing import Comparison
from servicedesk.whatif.differences import Difference

blueprint = Blueprint("whatif", __name__)
WAIT = 3  # seconds that a page waits for who is writing
MOST = 10_000  # incidents that a page judges again: what takes seconds
MONTHS = 36  # that can be chosen
AT_ONCE = 50


@dataclass(frozen=True)
class Asked:
    """What an address asks."""

    setup: Directory
    known: Knowledge
    at: datetime
    period: Period
    scope: Scope
    choice: Choice

    @property
    def place(self) -> dict[str, str]:
        """Give period and scope as addresses carry them."""
        scope = {} if self.scope.name == ALL else {"scope": self.scope.name}
        return {"period": self.period.name, **scope}

    @property
    def shared(self) -> dict[str, str]:
        """Give the address that asks the same of whatever is known then."""
        return {**self.place, **self.choice.address()}

    @property
    def exactly(self) -> dict[str, str]:
        """Give the address that asks the same of the same knowledge."""
        return {**self.shared, "known": str(self.known.event), "at": times.iso(self.at) or ""}


def _asked() -> Asked:
    latest = reports.latest_knowledge(db.session(), WAIT)
    event = request.args.get("known", 0, type=int)
    known = reports.knowledge(db.session(), event) if 0 < event < latest.event else latest
    setup = directory(db.session())
    at = _moment(known)
    period = request.args.get("period") or _usual(setup, g.now).name
    try:
        read = commands.read(setup, period, request.args.get("scope") or ALL)
    except BadInput:
        abort(404)
    choice = choices.read(request.args, setup)
    return Asked(setup, known, at, read.period, read.scope, choice)


def _moment(known: Knowledge) -> datetime:
    """Give the instant that is asked at: that of the first answer, where an address carries it."""
    now: datetime = g.now
    try:
        return min(times.parse(request.args["at"]), now)
    except (KeyError, ValueError):
        return shelf.moment(now, known)


def _usual(setup: Directory, now: datetime) -> Period:
    """Give the last month that has ended, or the current one if it is the first."""
    current = month_of(now, setup.zone)
    first = reports.first_logged_at(db.session())
    return current.before if first and first < current.start else current


def _months(setup: Directory, now: datetime) -> list[Period]:
    """List the months that can be chosen, the latest first."""
    first = reports.first_logged_at(db.session())
    begin = month_of(first or now, setup.zone)
    months = month_of(now, setup.zone).months_to_here(MONTHS)
    return [month for month in reversed(months) if month.first >= begin.first]


def _compared(asked: Asked) -> Comparison:
    """Judge the period again; what was asked lately is remembered. Raises Refused, BadInput."""
    session = db.session()
    other = alternative(asked.setup, asked.choice.changes())
    question = comparing.ask(other, asked.period, asked.scope, now=asked.at, known=asked.known)
    url, revision = str(session.get_bind().engine.url), asked.setup.revision
    key = ("what-if", url, revision, asked.at, *sorted(asked.exactly.items()))
    return shelf.keep(
        key, lambda: comparing.compare(session, question), lambda made: len(made.differences)
    )


def _too_many(asked: Asked) -> str:
    """Say so where it would take too long, with what to do instead."""
    count = queries.size(db.session(), asked.period)
    if count <= MOST:
        return ""
    return _(
        "That is %(count)s incidents to judge again: a page does so for up to %(most)s. On the "
        "command line there is no such limit: flask desk what-if DESK.yaml --period %(period)s",
        count=report_words.number(count),
        most=report_words.number(MOST),
        period=asked.period.name,
    )


@blueprint.get("/what-if")
@requires(Act.TRY_TERMS)
def page() -> ResponseReturnValue:
    """Choose what to try, and show the period both ways."""
    asked = _asked()
    too_many = _too_many(asked) if asked.choice.ready else ""
    ahead = g.now <= asked.period.start
    found = _compared(asked) if asked.choice.ready and not too_many and not ahead else None
    text = render_template(
        "whatif/page.html", asked=asked, choice=asked.choice, months=_months(asked.setup, g.now),
        scopes=listing.scopes(asked.setup), found=found, too_many=too_many, ahead=ahead,
        shown=_shown(found) if found else None, **_words(asked.setup),
    )  # fmt: skip
    return text, 422 if asked.choice.asked and asked.choice.errors else 200


@dataclass(frozen=True)
class Shown:
    """Some of the clocks with another verdict."""

    rows: list[Difference]
    titles: dict[int, str]
    start: int
    count: int

    @property
    def before(self) -> int | None:
        """Give where the rows before begin."""
        return max(0, self.start - AT_ONCE) if self.start else None

    @property
    def after(self) -> int | None:
        """Give where the rows after begin."""
        return self.start + AT_ONCE if self.start + AT_ONCE < self.count else None


def _shown(found: Comparison) -> Shown:
    person: Person = current_user._get_current_object()
    turned = found.turned
    start = max(0, min(request.args.get("after", 0, type=int), max(0, len(turned) - 1)))
    rows = turned[start : start + AT_ONCE]
    numbers = [row.number for row in rows]
    titles = reports.visible_titles(db.session(), numbers, visible(person))
    return Shown(rows, titles, start, len(turned))


def _words(setup: Directory) -> dict[str, Any]:
    own = choices.subjects(setup)
    by_kind = {
        kind: [subject for subject in own.values() if subject.kind == kind]
        for kind in choices.KINDS
    }
    return {
        "setup": setup,
        "say": words,
        "report_say": report_words,
        "label": label,
        "kinds": choices.KINDS,
        "priorities": PRIORITIES,
        "subjects": [(words.subjects(kind), found) for kind, found in by_kind.items()],
        "may_report": may(current_user, Act.SEE_REPORTS),
    }


@blueprint.get("/what-if.csv")
@requires(Act.TRY_TERMS)
def differences() -> ResponseReturnValue:
    """Download what differs, clock by clock."""
    asked = _asked()
    if not asked.choice.ready:
        abort(404)
    if said := _too_many(asked):
        raise Refused(said)
    text = tables.to_csv(_compared(asked).differences, asked.setup)
    response = Response(text, mimetype="text/csv")
    name = f"what-if-{asked.period.name}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
