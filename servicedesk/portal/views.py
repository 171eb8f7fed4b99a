"""An employee's home, and the page on which everybody reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats, times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError
from servicedesk.incidents import commands, narrowing, queries
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dates.wishing import Desk, desk_of, hints, typed, wishing
from servicedesk.incidents.files import uploads
from servicedesk.incidents.guess import guess, told
from servicedesk.incidents.listing import narrowed, sorted_by, turned
from servicedesk.incidents.models import label
from servicedesk.incidents.queries import Filter
from servicedesk.intake.forms import ASKED, QuestionsForm, begin_with, questions_form
from servicedesk.intake.queries import template, templates
from servicedesk.intake.questions import questions, with_answers
from servicedesk.major.queries import known
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.portal.cards import cards
from servicedesk.portal.forms import NewForm
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.calendar import NoWorkingTime

blueprint = Blueprint("portal", __name__)


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


@blueprint.get("/home")
@requires(Act.LOG_INCIDENT)
def home() -> ResponseReturnValue:
    """Ask what is wrong; below, one's own incidents: sorted, and narrowed by their dates."""
    session, setup = db.session(), directory(db.session())
    ended, sort = request.args.get("show") == "ended", sorted_by(request.args, "newest")
    asked = own_filter(request.args)
    reader = queries.Reader(_actor(), setup, g.now)
    said: dict[str, Any] = {"narrowed": asked, "sort": sort, "after": request.args.get("after")}
    page = queries.own(session, reader, is_open=not ended, **said)
    return render_template(
        "portal/home.html",
        cards=cards(session, page.incidents, setup, g.now),
        page=page,
        ended=ended,
        text=asked.text,
        sort=sort,
        downwards=narrowing.is_downwards(sort),
        turned=turned(sort),
        sorts=narrowing.sort_choices(sort, own_sorts()),
        date_filters=narrowing.filters(asked, OWN_DATES),
        many=page.total > HANDFUL or asked.is_dated or sort != "newest" or page.next,
        narrowed=asked.is_dated,
        address=_home_address,
        answer_by=first_answer_by(setup, g.now),
        templates=templates(session, _actor()),
        disturbances=known(session, _actor()),
    )


HANDFUL = 5  # up to so many cards need no sorting
OWN_DATES = ("requested", "promised")  # what a requester sees of the three


def own_filter(args: Mapping[str, str]) -> Filter:
    """Read what narrows one's own incidents: words, and the two dates."""
    asked = narrowed(args)
    dates = {name: getattr(asked, name) for name in OWN_DATES}
    return Filter(text=asked.text, **dates)


def own_sorts() -> dict[str, str]:
    """Name what one's own incidents can be sorted by."""
    names = narrowing.sort_names()
    return {name: names[name] for name in ("newest", *OWN_DATES, "changed")}


def _home_address(**changes: str) -> str:
    """Give the address of this list, with changes; what becomes empty is left out."""
    names = ("show", "q", "sort", *OWN_DATES)
    said: dict[str, Any] = {name: request.args.get(name, "")[:200] for name in names} | changes
    return url_for("portal.home", **{name: text for name, text in said.items() if text})


def first_answer_by(setup: Directory, now: datetime) -> datetime | None:
    """Say when a usual incident logged now would get its first answer, if it is promised."""
    service = next(iter(setup.services_by_key.values()), None)
    if service is None:
        return None
    terms = service.agreement.at(now)
    target = terms.target("response", "P3")
    calendar = setup.calendars[terms.calendar]
    try:
        return calendar.reach(now, target.seconds(calendar, now, now)) if target else None
    except NoWorkingTime:
        return None


@blueprint.route("/incidents/new", methods=["GET", "POST"])
@requires(Act.LOG_INCIDENT)
def new() -> ResponseReturnValue:
    """Report a problem or ask for something: in under a minute."""
    setup = directory(db.session())
    today = times.local_day(g.now, setup.zone)
    title, wished = request.args.get("title", "")[:300], typed(request.args)
    service = request.args.get("service") or _guessed(title, setup)
    needed = wished.needed or "none"
    form = NewForm(title=title, service=service, needed=needed, day=wished.day, time=wished.at)
    services = [(s.key, s.name) for s in setup.services_by_key.values()]
    form.offer(services, today)
    if chosen := template(db.session(), _actor(), request.values.get("template", type=int)):
        begin_with(form, chosen, setup.services[chosen.service_id])
        return _new_page(form, setup, today)
    if not form.is_submitted():
        return _new_page(form, setup, today)
    return _report(form, setup, today)


def _report(form: NewForm, setup: Directory, today: date) -> ResponseReturnValue:
    """Log it, once what its service asks besides was on the page."""
    service = setup.services_by_key.get(form.service.data or "")
    shown = service is not None and request.form.get(ASKED) == service.key
    more = questions_form(questions(service), request.form if shown else None, needed=shown)
    if not (form.validate() & more.validate()):
        return _new_page(form, setup, today, more), 422
    if more.asked and not shown:
        return _new_page(form, setup, today, step=True)
    try:
        number = _log(form, with_answers(form.description.data or "", more.answers()), setup, today)
    except DeskError as error:
        form.form_errors.append(str(error))
        return _new_page(form, setup, today, more), error.status
    flash(_say_received(number, setup))
    return redirect(url_for("incidents.page", number=number), 303)


def _guessed(title: str, setup: Directory) -> str:
    """Guess the service, so that it needs no choosing where the words tell."""
    if not title:
        return ""
    services = {service.id: service for service in setup.services_by_key.values()}
    names = [(service.id, service.name) for service in services.values()]
    earlier = queries.recent_titles(db.session(), list(services))
    found = guess(title, names, told(earlier, _actor().id))
    return services[found].key if found else ""


def _new_page(
    form: NewForm,
    setup: Directory,
    today: date,
    more: QuestionsForm | None = None,
    step: bool = False,
) -> str:
    service = setup.services_by_key.get(form.service.data or "")
    return render_template(
        "portal/new.html",
        form=form,
        service=service,
        more=questions_form(questions(service)) if more is None else more,
        step=step,
        files_again=step and any(file.filename for file in form.files.data or ()),
        templates=templates(db.session(), _actor()),
        for_others=may(_actor(), Act.LOG_FOR_OTHERS),
        disturbances=known(db.session(), _actor()),
        wishing=wishing(db.session(), desk_of(setup, service), g.now, form.wish(today, setup.zone)),
        today=today,
        answer_by=first_answer_by(setup, g.now),
    )


def _log(form: NewForm, description: str, setup: Directory, today: date) -> int:
    person = _actor()
    other = _requester(form) if may(person, Act.LOG_FOR_OTHERS) else None
    return commands.log(
        actor=person,
        now=g.now,
        title=form.title.data or "",
        description=description,
        service=form.service.data,
        requester=other,
        impact=int(form.impact.data),
        urgency=int(form.urgency.data),
        type=form.type.data,
        channel=form.channel.data if other else "portal",
        confidential=bool(form.confidential.data),
        wish=form.wish(today, setup.zone),
        uploads=uploads(form.files.data or []),
    )


def _requester(form: NewForm) -> int | None:
    """Find for whom the desk logs; by sign-in name, mail or full name."""
    said = (form.requester.data or "").strip()
    if not said:
        return None
    named = sa.or_(Person.key == said, Person.name == said, Person.mail == said)
    query = sa.select(Person.id).where(named, Person.active.is_(True)).limit(2)
    found = db.session.scalars(query).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(_("Several people have this name: please use the sign-in name."))
    raise BadInput(_("There is nobody of this name."))


def _say_received(number: int, setup: Directory) -> str:
    """Say the number, when the first answer is due, and what the wish means (D1, D6)."""
    found = queries.find(db.session(), _actor(), number)
    if found is None:
        return str(_("Received as %(number)s.", number=label(number)))
    said = [_("Received as %(number)s.", number=found.label)]
    if found.target_kind == "response" and found.target_due is not None:
        due = formats.moment(found.target_due)
        said = [_("Received as %(number)s. First answer by %(due)s.", number=found.label, due=due)]
    if found.requested_due:
        desk = Desk(setup, setup.services[found.service_id], found.desk_group)
        wish = Due(found.requested_day, None if found.requested_day else found.requested_due)
        said += [hint.text for hint in hints(db.session(), desk, g.now, wish)]
    return " ".join(map(str, said))


@blueprint.get("/people")
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def people() -> ResponseReturnValue:
    """Complete a name, for the desk logging for somebody."""
    said = request.args.get("q", "").replace("\0", "").strip()[:100]
    like = said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = sa.select(Person.key, Person.name, Person.department).where(Person.active.is_(True))
    named = sa.or_(Person.name.ilike(f"%{like}", escape="\\"), Person.key.ilike(like, escape="\\"))
    if not said:
        return {"people": []}
    rows = db.session.execute(query.where(named).order_by(Person.name).limit(20))
    return {"people": [{"key": k, "name": n, "department": d} for k, n, d in rows]}
