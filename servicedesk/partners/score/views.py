"""Scores as pages: all companies side by side, one in full, what is behind each figure.

A company's own people see their own company's, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import joinedload

from servicedesk import times
from servicedesk.db import db
from servicedesk.incidents.models import WorkRequest, label
from servicedesk.incidents.visibility import visible
from servicedesk.partners.score import behind, handed, pictures, queries, words
from servicedesk.partners.score.measures import MEASURES, OF_REQUESTS
from servicedesk.partners.score.score import Score
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.reports import words as reports
from servicedesk.reports.cases import Case
from servicedesk.reports.periods import Offered, Period, fiscal_from, month_of, offered
from servicedesk.reports.queries import visible_titles
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("scores", __name__)
FEW = 10


@dataclass(frozen=True)
class Eye:
    """Who looks at which company, and how addresses are written for them."""

    person: Person
    setup: Directory
    party: Party
    theirs: bool  # the company's own people look

    def score(self, **said: Any) -> str:
        """Give the address of the score."""
        if self.theirs:
            return url_for("scores.own", company=self.party.key, **said)
        return url_for("scores.one", key=self.party.key, **said)

    def figure(self, id: str, **said: Any) -> str:
        """Give the address of what is behind a figure."""
        if self.theirs:
            return url_for("scores.own_figure", id=id, company=self.party.key, **said)
        return url_for("scores.figure", key=self.party.key, id=id, **said)

    def file(self, id: str, format: str, said: Mapping[str, Any]) -> str:
        """Give the address of what is behind a figure as a file."""
        of = "exports.own_score" if self.theirs else "exports.score"
        return url_for(of, key=self.party.key, id=id, format=format, **said)

    def boxed(self, box: str) -> str:
        """Give the address of the hand-offs in a box."""
        if self.theirs:
            due = "overdue" if box == "overdue" else None
            return url_for("escalation.inbox", box="in-work", due=due)
        said: dict[str, Any] = handed.Asked(box).said()
        return url_for("scores.handoffs", key=self.party.key, **said)

    def case(self, id: str, case: Case) -> str:
        """Give the address of a case; nothing where the company has no page of it."""
        if not self.theirs:
            return url_for("incidents.page", number=case.number)
        if id in OF_REQUESTS or case.handoff is None:
            return ""
        return url_for("escalation.sheet", number=case.number, n=case.handoff)


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _now() -> datetime:
    """Give the instant that a score is judged at: the minute, so that its lists are the same."""
    now: datetime = g.now
    return now.replace(second=0, microsecond=0)


def _desk_eye(key: str) -> Eye:
    """Look at a company as the desk; there is no page of any other."""
    setup = directory(db.session())
    found = (p for p in setup.parties.values() if p.is_partner and p.key == key)
    party = next(found, None) or abort(404)
    return Eye(_actor(), setup, party, theirs=False)


def _own_eye() -> Eye:
    """Look at one's own company: of several the one that an address names."""
    setup, person = directory(db.session()), _actor()
    own = [setup.party(f"partner:{row.id}") for row in person.partners if row.active]
    asked = request.args.get("company")
    party = next((p for p in own if asked in (None, p.key)), None) or abort(404)
    return Eye(person, setup, party, theirs=True)


def _period(setup: Directory) -> Period:
    """Read the period of an address: the month under way where it says nothing that makes sense."""
    return behind.read_period(request.args, setup, _now())


def _month(instant: datetime, setup: Directory) -> Period:
    return month_of(instant, setup.zone, fiscal_from(setup))


def _score(eye: Eye, period: Period, *, course: bool = False) -> Score:
    return queries.score(db.session(), eye.setup, eye.party, period, _now(), course=course)


def _offered(setup: Directory, refs: list[str]) -> list[Offered]:
    began = queries.began(db.session(), refs)
    first = times.local_day(began or _now(), setup.zone)
    return offered(_month(_now(), setup), first, (13, 5, 3))


def _words(period: Period, setup: Directory, refs: list[str]) -> dict[str, Any]:
    return {
        "period": period,
        "offered": _offered(setup, refs),
        "setup": setup,
        "say": words,
        "report_say": reports,
        "draw": pictures,
        "label": label,
        "figure_of": MEASURES,
    }


# The desk's pages


@blueprint.get("/partners")
@requires(Act.SEE_SCORE, Reach.ALL)
def index() -> ResponseReturnValue:
    """Show all companies side by side."""
    session, setup = db.session(), directory(db.session())
    period = _period(setup)
    parties = [party for party in setup.parties.values() if party.is_partner]
    refs = [party.ref for party in parties]
    facts = queries.facts(session, setup, refs, period, at=_now())
    scores = [Score(party, setup, period, _now(), facts) for party in parties]
    now = handed.held(session, refs, g.now)
    shown = [s for s in scores if s.party.active or not s.is_empty or now[s.party.ref].open]
    return render_template(
        "partners/scores.html",
        scores=sorted(shown, key=lambda score: (not score.party.active, score.party.name)),
        eyes={party.ref: Eye(_actor(), setup, party, theirs=False) for party in parties},
        held=now,
        begun=period.start < _now(),
        **_words(period, setup, refs),
    )


@blueprint.get("/partners/<slug:key>")
@requires(Act.SEE_SCORE, Reach.ALL)
def one(key: str) -> ResponseReturnValue:
    """Show a company's score, what it has open, and its course over the months."""
    return _page(_desk_eye(key))


def _page(eye: Eye) -> str:
    period = _period(eye.setup)
    score, ref = _score(eye, period, course=True), eye.party.ref
    session = db.session()
    now = handed.held(session, [ref], g.now)[ref]
    asked = handed.Asked("open", sort="sent")
    found = handed.page(session, eye.setup, ref, asked, g.now, size=FEW)
    requests = _open_requests(ref)
    numbers = [row.incident.number for row in found.rows]
    numbers += [row.incident.number for row in requests]
    return render_template(
        "partners/score.html",
        eye=eye,
        score=score,
        held=now,
        open=found,
        requests=requests,
        titles=_titles(eye, numbers),
        begun=period.start < _now(),
        may_meet=may(current_user, Act.SEE_MEETINGS),
        **_words(period, eye.setup, [ref]),
    )


def _open_requests(ref: str) -> list[WorkRequest]:
    mine = sa.and_(WorkRequest.receiver == ref, WorkRequest.ended_at.is_(None))
    query = sa.select(WorkRequest).where(mine).options(joinedload(WorkRequest.incident))
    return list(db.session().scalars(query.order_by(WorkRequest.asked_at).limit(FEW)))


def _titles(eye: Eye, numbers: list[int]) -> dict[int, str]:
    """Give the titles that this person may see: of the company's people those handed to it."""
    if eye.theirs:
        mine = behind.was_handed(eye.party.ref)
        return visible_titles(db.session(), numbers, mine)
    return visible_titles(db.session(), numbers, visible(eye.person))


@blueprint.get("/partners/<slug:key>/figures/<id>")
@requires(Act.SEE_SCORE, Reach.ALL)
def figure(key: str, id: str) -> ResponseReturnValue:
    """F7: list exactly what is behind a figure."""
    return _behind(_desk_eye(key), id)


def _behind(eye: Eye, id: str) -> str:
    if id not in MEASURES:
        abort(404)
    period = _period(eye.setup)
    score = _score(eye, period)
    found = behind.narrowed(score, id, request.args)
    numbers = [case.number for case in found.shown]
    return render_template(
        "partners/figure.html",
        eye=eye,
        score=score,
        figure=MEASURES[id],
        found=found,
        result=score.results[id],
        titles=_titles(eye, numbers),
        asked=behind.requests(db.session(), eye.party.ref, numbers) if id in OF_REQUESTS else {},
        **_words(period, eye.setup, [eye.party.ref]),
    )


@blueprint.get("/partners/<slug:key>/hand-offs")
@requires(Act.SEE_SCORE, Reach.ALL)
def handoffs(key: str) -> ResponseReturnValue:
    """List a company's hand-offs, in boxes and narrowed."""
    eye, asked = _desk_eye(key), handed.read(request.args)
    after = request.args.get("after")
    found = handed.page(db.session(), eye.setup, eye.party.ref, asked, g.now, after)
    return render_template(
        "partners/handoffs.html",
        eye=eye,
        asked=asked,
        found=found,
        after=after,
        boxes=handed.BOXES,
        titles=_titles(eye, [row.incident.number for row in found.rows]),
        say=words,
        label=label,
    )


@blueprint.get("/partners/<slug:key>/hand-offs.csv")
@requires(Act.SEE_SCORE, Reach.ALL)
def handoffs_csv(key: str) -> ResponseReturnValue:
    """Give a list of hand-offs as CSV: all pages of what is shown, in its order."""
    eye, asked = _desk_eye(key), handed.read(request.args)
    text = handed.to_csv(db.session(), eye.setup, eye.party.ref, asked, g.now)
    name = f"hand-offs-{key}-{asked.box}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=headers)


# The company's own


@blueprint.get("/inbox/score")
@requires(Act.SEE_SCORE, Reach.HANDED)
def own() -> ResponseReturnValue:
    """Show a company's people its own score."""
    return _page(_own_eye())


@blueprint.get("/inbox/score/<id>")
@requires(Act.SEE_SCORE, Reach.HANDED)
def own_figure(id: str) -> ResponseReturnValue:
    """F7: list what is behind a figure of one's own company."""
    return _behind(_own_eye(), id)
