"""The page on which rules are tried on the last days, before they are published."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, Refused
from servicedesk.incidents.models import label
from servicedesk.incidents.visibility import visible
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.reports.queries import visible_titles
from servicedesk.reports.words import number
from servicedesk.rulebook import drafts, trying, trying_chart, trying_tables, trying_words, words
from servicedesk.rulebook import trying_queries as queries
from servicedesk.rulebook.drafts import Draft
from servicedesk.rulebook.tally import Trial
from servicedesk.setup import editing, load
from servicedesk.setup.check import check
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.setup.yamlfile import LARGEST, read

blueprint = Blueprint("trial", __name__)
SPANS = (7, 30, 90)  # days
SECONDS = 25.0  # that a page takes; the command line has no such limit
PEOPLE = 50  # that are listed; the files have all


class TooLong(Refused):
    """It would take longer than a page may."""


@dataclass(frozen=True)
class Asked:
    """What is tried beside the rules of now; without a draft or a file they are tried alone."""

    days: int
    draft: Draft | None = None
    file: str = ""  # its name
    policy: str = ""

    @property
    def is_now(self) -> bool:
        """Say whether the rules of now are tried, and nothing else."""
        return self.draft is None and not self.file


@dataclass(frozen=True)
class Setups:
    """The set-up as it is, and as it would be."""

    before: Directory
    after: Directory


@blueprint.get("/rules/trial")
@requires(Act.KEEP_RULES)
def start() -> ResponseReturnValue:
    """Choose what to try: the rules of now, or a whole set-up."""
    return _page(Asked(trying.DAYS))


@blueprint.post("/rules/trial")
@requires(Act.KEEP_RULES)
def page() -> ResponseReturnValue:
    """E1 to E4: try a draft, or a whole set-up, on the last days; nothing is kept."""
    asked = _asked()
    try:
        setups = _setups(asked)
        if request.form.get("act") == "csv":
            return _csv(asked, setups)
        return _page(asked, setups, _tried(asked, setups))
    except (BadInput, Refused) as error:
        return _page(asked, problem=str(error)), 422


def _asked() -> Asked:
    days = request.form.get("days", trying.DAYS, type=int)
    days = days if days in SPANS else trying.DAYS
    if request.files.get("file"):
        return Asked(days, file=(request.files["file"].filename or "")[:200])
    if "steps" in request.form:
        draft = drafts.read(request.form)
        return Asked(days, draft, policy=draft.key)
    return Asked(days, policy=request.form.get("of", "")[:64])


def _setups(asked: Asked) -> Setups:
    """Give both set-ups; raises BadInput or Refused for what can't be loaded."""
    if asked.draft:
        plan = editing.plan(asked.draft.document(editing.document(db.session())), g.now)
        return Setups(plan.before, plan.after)
    if request.files:
        if not asked.file:
            raise BadInput(_("Please choose a file."))
        planned = load.plan(check(read(_text(), asked.file)), g.now)
        return Setups(planned.before or planned.after, planned.after)
    setup = directory(db.session())
    return Setups(setup, setup)


def _text() -> str:
    found = request.files["file"].stream.read(LARGEST + 1)
    try:
        if len(found) > LARGEST:
            raise BadInput(_("The file is too large."))
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(_("This is no text in UTF-8.")) from error


def _in_time(asked: Asked) -> Any:
    """Give what stops a trial that takes too long."""
    end = time.monotonic() + SECONDS

    def look(count: int) -> None:
        if time.monotonic() > end:
            raise TooLong(
                _(
                    "After %(count)s incidents the time of a page was over. Please try fewer days, "
                    "or the command line, which takes its time: flask desk try-rules DESK.yaml "
                    "--days %(days)s",
                    count=number(count),
                    days=asked.days,
                )
            )

    return look


def _tried(asked: Asked, setups: Setups) -> Trial:
    return trying.try_rules(
        db.session(),
        setups.before,
        setups.after,
        asked.days,
        g.now,
        policy=asked.policy,
        progress=_in_time(asked),
    )


def _csv(asked: Asked, setups: Setups) -> ResponseReturnValue:
    """Download each firing; §9: numbers only, and of people their keys."""
    session = db.session()
    question = trying.Question(setups.before, setups.after, asked.days, g.now, asked.policy)
    fired = list(trying.fired_both_ways(session, question, _in_time(asked)))
    told = {id for it in fired for one in (*it.before, *it.after) for id in one.told}
    text = "".join(trying_tables.rows(fired, queries.people(session, told)))
    response = Response(text, mimetype="text/csv")
    name = f"rules-{asked.policy or 'all'}-{question.calendar[-1]}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _page(
    asked: Asked, setups: Setups | None = None, trial: Trial | None = None, problem: str = ""
) -> str:
    setup = directory(db.session())
    return render_template(
        "rulebook/trial.html",
        asked=asked,
        trial=trial,
        titles=_titles(trial) if trial else {},
        problem=problem,
        setup=setup,
        spans=SPANS,
        people=PEOPLE,
        say=trying_words,
        words=words,
        number=number,
        key=trying_chart.key,
        label=label,
        sentences=_sentences(setups, trial) if setups and trial else {},
    )


def _sentences(setups: Setups, trial: Trial) -> Mapping[Any, tuple[str, str]]:
    """Write each rule as it would be and as it is now; nothing where it is not there."""
    return {
        rule: (
            words.sentence(trial.after.rules[rule], setups.after)
            if rule in trial.after.rules
            else "",
            words.sentence(trial.before.rules[rule], setups.before)
            if rule in trial.before.rules
            else "",
        )
        for rule in trial.rules
    }


def _titles(trial: Trial) -> Mapping[int, str]:
    """§9: give the titles of examples that the reader may see; of the others there is a number."""
    person: Person = current_user._get_current_object()
    found = {
        one.number
        for way in (trial.after, trial.before)
        for count in way.counts.values()
        for one in count.examples
    }
    return visible_titles(db.session(), sorted(found), visible(person))
