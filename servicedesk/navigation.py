"""What each person finds in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats
from servicedesk.bridge import queries as set_aside
from servicedesk.db import db
from servicedesk.errors import NotAllowed
from servicedesk.escalation.work import queries as work
from servicedesk.incidents import asked
from servicedesk.incidents.exclusions import deciding
from servicedesk.major import queries as majors
from servicedesk.people.companies import administered
from servicedesk.people.permissions import Act, HasRoles, Reach, may, reaches
from servicedesk.people.queries import desk_name, desk_zone
from servicedesk.reports import approvals
from servicedesk.reports.schedules import queries as scheduled
from servicedesk.setup.snapshot import NoDesk, directory
from servicedesk.times import local_day

Root = str | tuple[str, ...]  # how the endpoints of a place begin
BOARD = ("board.index", "board.wishes", "flow.")
RULES = ("rule", "trial.")
REPORTS = ("reports.", "schedules.", "drafting.", "choosing.")
PARTNERS = ("scores.", "meetings.")  # pages that the desk finds under its partner companies
RARE = frozenset({
    "board.morning", "oncall.index", "rulebook.index", "scores.index", "register.everybody",
    "administration.index", "spreadsheet.index",
})  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A place in the top bar."""

    label: str
    url: str
    current: bool
    rare: bool = False  # waits under “More” where there are many


def context() -> dict[str, Any]:
    """Give every template what the frame needs."""
    signed_in = current_user and current_user.is_authenticated
    takes_calls = bool(signed_in and may(current_user, Act.LOG_FOR_OTHERS))
    return {"navigation": entries(), "desk_name": desk_name(), "takes_calls": takes_calls}


def entries() -> list[Entry]:
    """List the places of the person who is signed in."""
    if not (current_user and current_user.is_authenticated):
        return []
    places = [
        Entry(label, url_for(endpoint), (request.endpoint or "").startswith(root), endpoint in RARE)
        for label, endpoint, root in _places(current_user)
        if endpoint in current_app.view_functions
    ]
    waiting = [*_approvals(), *_exclusions(), *_mails(), *_work()]
    places += [*_company(), *_scheduled()]
    return sorted([*places, *_majors(), *waiting], key=lambda entry: entry.rare)


def _company() -> list[Entry]:
    """Name the company to who looks after its people."""
    person = current_user._get_current_object()
    if not (may(person, Act.KEEP_COMPANY) and administered(db.session(), person)):
        return []
    current = (request.endpoint or "").startswith("company.")
    return [Entry(_("Our company"), url_for("company.page"), current)]


def _scheduled() -> list[Entry]:
    """Name the scheduled reports to who may have some, but not see all reports."""
    person = current_user._get_current_object()
    current = (request.endpoint or "").startswith("schedules.")
    if may(person, Act.SEE_REPORTS) or not may(person, Act.SEE_SCHEDULES):
        return []
    keeps = may(person, Act.KEEP_SCHEDULES)
    if not (keeps or scheduled.is_there_for(db.session(), person)):
        return []
    return [Entry(_("Scheduled reports"), url_for("schedules.index"), current, rare=keeps)]


def _approvals() -> list[Entry]:
    """Name the approvals, with their number, to who is asked for one."""
    person, today = current_user._get_current_object(), local_day(formats.now(), desk_zone())
    session, current = db.session(), request.endpoint == "report_approval.index"
    count = asked.count(session, person, today) + approvals.count(session, person, formats.now())
    if not (count or current):
        return []
    label = _("Approvals (%(num)s)", num=count) if count else _("Approvals")
    return [Entry(label, url_for("report_approval.index"), current)]


def _exclusions() -> list[Entry]:
    """Name the exclusions, with their number, to who can decide one."""
    person, session = current_user._get_current_object(), db.session()
    current = (request.endpoint or "").startswith("exclusions.")
    if not may(person, Act.DECIDE_EXCLUSION):
        return []
    try:
        count = deciding.count(session, person, directory(session))
    except NoDesk:  # there are people before there is a desk
        return []
    if not (count or request.endpoint == "exclusions.index"):
        return []
    label = _("Exclusions (%(num)s)", num=count) if count else _("Exclusions")
    return [Entry(label, url_for("exclusions.index"), current)]


def _work() -> list[Entry]:
    """Name the work requests, with their number, to whose groups are asked (H6)."""
    person, current = current_user._get_current_object(), request.endpoint == "work.index"
    if not person.groups:
        return []
    count = work.count_open(db.session(), person)
    if not (count or current):
        return []
    label = _("Work requests (%(num)s)", num=count) if count else _("Work requests")
    return [Entry(label, url_for("work.index"), current)]


def _mails() -> list[Entry]:
    """Name the mails that were set aside, with their number, to who decides about them."""
    person, current = current_user._get_current_object(), request.endpoint == "bridge.index"
    if not may(person, Act.DECIDE_MAIL):
        return []
    count = set_aside.count(db.session(), person)
    if not (count or current):
        return []
    label = _("Mail set aside (%(num)s)", num=count) if count else _("Mail set aside")
    return [Entry(label, url_for("bridge.index"), current)]


def _majors() -> list[Entry]:
    """Name the major incidents, with how many go on or wait for a decision."""
    person = current_user._get_current_object()
    current = (request.endpoint or "").startswith("major")
    if not may(person, Act.SEE_MAJORS):
        return []
    count = majors.count(db.session(), person)
    label = _("Major incidents (%(num)s)", num=count) if count else _("Major incidents")
    return [Entry(label, url_for("major.index"), current, rare=not count)]


def _places(person: HasRoles) -> list[tuple[str, str, Root]]:
    seen = reaches(person, Act.SEE_INCIDENT)
    reports, works = may(person, Act.SEE_REPORTS), may(person, Act.WORK_INCIDENT)
    dashboard = _("Dashboard"), "dashboard.index", "dashboard."
    places: tuple[tuple[bool, str, str, Root], ...] = (
        (reports and not works, *dashboard),
        (Reach.ALL in seen, _("Workbench"), "incidents.workbench", "incidents."),
        (may(person, Act.LOG_INCIDENT), _("Home"), "portal.home", "portal."),
        (Reach.HANDED in seen, _("Inbox"), "escalation.inbox", "escalation."),
        (Reach.HANDED in seen, _("Work requests"), "work.index", "work."),
        ("lead" in person.held_roles, _("My group"), "board.own_group", "board.group"),
        (may(person, Act.SEE_DASHBOARD) and (works or not reports), *dashboard),
        (may(person, Act.SEE_BOARD), _("Board"), "board.index", BOARD),
        (may(person, Act.SEE_BOARD), _("Morning page"), "board.morning", "board.morning"),
        (may(person, Act.SEE_ROTA), _("On call"), "oncall.index", "oncall."),
        (may(person, Act.KEEP_RULES), _("Rules"), "rulebook.index", RULES),
        (Reach.ALL in reaches(person, Act.SEE_SCORE), _("Partners"), "scores.index", PARTNERS),
        (Reach.HANDED in reaches(person, Act.SEE_SCORE), _("Our score"), "scores.own", "scores."),
        (
            Reach.HANDED in reaches(person, Act.SEE_MEETINGS),
            _("Meetings"),
            "meetings.own",
            "meetings.",
        ),
        (may(person, Act.SEE_REPORTS), _("Reports"), "reports.index", REPORTS),
        (may(person, Act.SET_UP), _("People"), "register.everybody", "register."),
        (may(person, Act.SET_UP), _("Administration"), "administration.index", "administration."),
        (may(person, Act.SET_UP), _("Moving in"), "spreadsheet.index", "spreadsheet."),
    )
    return [(label, endpoint, root) for is_theirs, label, endpoint, root in places if is_theirs]


def first_page() -> str:
    """Give the page that a person sees first."""
    places = entries()
    if not places:
        raise NotAllowed(_("You have no role on this desk yet: please ask its administrator."))
    return places[0].url
