"""Scheduled reports: the report itself, that one fails, that one waits to be sealed."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk.mail import addresses, dates
from servicedesk.mail.letter import Button, File, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.people.permissions import Act, may
from servicedesk.reports import approvals, commands, words
from servicedesk.reports.models import Report
from servicedesk.reports.periods import fiscal_from, read_period
from servicedesk.reports.schedules import queries
from servicedesk.reports.schedules.models import Run, Schedule
from servicedesk.setup.schedules import FILE

LARGEST = 7_000_000  # bytes of a file that goes with a mail, a third more there: many take 10 MB


def _ready(it: Matter) -> Letter:
    """F9: send a report to who still wants it and still may have it."""
    run = _run(it)
    if it.person is None or not queries.is_wanted(it.session, run.schedule, it.person):
        raise NotToBeSent("unsubscribed")
    return _with_report(it, run.schedule, queries.report(it.session, run.report_in(it.language)))


def _test(it: Matter) -> Letter:
    """Send the latest report of a schedule to who tries its mail."""
    schedule = it.session.get(Schedule, it.data.get("schedule") or 0)
    if schedule is None:
        raise NotToBeSent("overtaken")
    runs = queries.runs(it.session, schedule, 1, done=True)
    latest = runs[0].report_in(it.language) if runs else None
    return _with_report(it, schedule, queries.report(it.session, latest), is_test=True)


def _with_report(
    it: Matter, schedule: Schedule, row: Report | None, *, is_test: bool = False
) -> Letter:
    """Write the letter; §9: whoever may not have the report any more gets nothing."""
    scope = queries.scope_of(row.scope if row else schedule.scope, it.setup)
    if it.person is None or not (
        queries.may_open(it.person, row, it.setup) if row else queries.may_have(it.person, scope)
    ):
        raise NotToBeSent("no right")
    if row is None:
        if not is_test:
            raise NotToBeSent("no report")
        return _without_report(schedule)
    data = commands.read_newest(row)
    attached = schedule.send == FILE and len(data) <= LARGEST
    period = words.period(read_period(row.period, row.zone, fiscal_from(it.setup)))
    subject = _("Service report: %(period)s", period=period)
    return Letter(
        _("Test: %(subject)s", subject=subject) if is_test else subject,
        _("The service report for %(period)s is ready.", period=period),
        _why(schedule, is_test=is_test),
        Button(_("Open the report"), addresses.page("schedules.file", id=row.id)),
        lines=(
            _("It is attached.")
            if attached
            else _("The button leads to it; signing in is needed for that."),
            _("You can unsubscribe under %(url)s", url=addresses.page("schedules.index")),
        ),
        facts=facts(
            (_("About"), words.scope(scope, it.setup) if scope else None),
            (_("Revision"), str(row.revision)),
            (_("Sealed"), dates.moment(row.sealed_at, it.zone)),
            (_("State"), _approval(it, row)),
            ("SHA-256", row.approved_sha256 or row.sha256),
        ),
        files=(File(queries.file_name(row), data),) if attached else (),
    )


def _approval(it: Matter, row: Report) -> str | None:
    """Say whether it is approved, where somebody is asked."""
    found = approvals.of(it.session, row)
    if found is None:
        return None
    return str(_("approved") if found.state == approvals.APPROVED else _("not approved yet"))


def _without_report(schedule: Schedule) -> Letter:
    return Letter(
        _("Test: %(subject)s", subject=schedule.name),
        _("So the mail of this schedule reaches you. There is no report of it yet."),
        _why(schedule, is_test=True),
        Button(_("Open the schedules"), addresses.page("schedules.index")),
    )


def _why(schedule: Schedule, *, is_test: bool) -> str:
    if is_test:
        return str(_("You get this because you asked for a test mail."))
    return str(_("You get this because you subscribed to “%(name)s”.", name=schedule.name))


def _failed(it: Matter) -> Letter:
    run = _run(it)
    if run.done_at is not None:
        raise NotToBeSent("overtaken")
    said = {"name": run.schedule.name}
    return Letter(
        _("Scheduled report fails: %(name)s", **said),
        _("The scheduled report %(name)s could not be made or sent.", **said),
        _("You get this because it is your schedule, or you administer the desk."),
        Button(_("Open the schedules"), addresses.page("schedules.index")),
        lines=(_("It is tried again by itself, with growing pauses; nobody is told twice."),),
        facts=facts(
            (_("Period"), _period(it, run)),
            (_("Tries"), str(run.tries)),
            (_("Reason"), run.error or str(_("It was cut off each time."))),
            (_("Next try"), it.at(run.next_at)),
        ),
    )


def _waiting(it: Matter) -> Letter:
    run = _run(it)
    if run.done_at is not None or it.person is None or not may(it.person, Act.MAKE_REPORT):
        raise NotToBeSent("overtaken")
    scope = None if run.scope == "all" else run.scope
    page = addresses.page("reports.month", period=run.period, scope=scope)
    said = {"name": run.schedule.name, "period": _period(it, run)}
    return Letter(
        _("Report to be sealed: %(period)s", period=said["period"]),
        _("%(name)s waits until the report for %(period)s is sealed, and is sent then.", **said),
        _("You get this because you can seal it."),
        Button(_("Open the report"), page),
    )


def _period(it: Matter, run: Run) -> str:
    return words.period(queries.period_of(run, it.setup))


def _run(it: Matter) -> Run:
    row = it.session.get(Run, it.data.get("run") or 0)
    if row is None or not row.schedule.active:
        raise NotToBeSent("overtaken")
    return row


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "report_ready": _ready,
    "report_test": _test,
    "report_failed": _failed,
    "report_waiting": _waiting,
}
