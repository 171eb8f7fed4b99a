"""What pages say of schedules."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from servicedesk.reports.approvals import REFUSED
from servicedesk.reports.schedules.models import Run, Schedule
from servicedesk.reports.schedules.running import SEAL, TOLD_AFTER
from servicedesk.setup.schedules import APPROVED, FILE, ITSELF, LINK, MONTH, QUARTER, YEAR

RETRIED, WAITS, SENT, COMES, ENDED = "retried", "waits", "sent", "comes", "ended"


def every(value: str) -> str:
    """Name how often a report comes."""
    words = {
        MONTH: _("Every month"),
        QUARTER: _("Every quarter"),
        YEAR: _("Every fiscal year"),
    }
    return words[value]


def day(n: int) -> str:
    """Name a working day of the month; 0 is its last one."""
    return _("Working day %(n)s", n=n) if n else _("Last working day")


def when(it: Schedule) -> str:
    """Say on which day and at what time a schedule is due."""
    if it.day:
        return _("On working day %(n)s at %(time)s", n=it.day, time=it.at)
    return _("On the last working day at %(time)s", time=it.at)


def send(value: str) -> str:
    """Name how a report is mailed."""
    return {FILE: _("With the PDF"), LINK: _("With a link")}[value]


def seal(value: str) -> str:
    """Name who seals a report."""
    words = {
        ITSELF: _("Sent once sealed"),
        APPROVED: _("Sent once approved"),
    }
    return words[value]


def outcome(run: Run) -> str:
    """Say in one word how a run stands."""
    if run.done_at:
        return SENT
    if run.next_at is None:
        return ENDED
    if run.error or run.tries > TOLD_AFTER:
        return RETRIED
    return WAITS if run.waits else COMES


def missed(mails: Sequence[tuple[int, str, str]]) -> dict[int, list[str]]:
    """Say by run who did not get a mail, and why."""
    reasons = {
        "unsubscribed": _("unsubscribed meanwhile"),
        "no right": _("may not have it"),
        "no address": _("has no address"),
    }
    said: dict[int, list[str]] = {}
    for run, name, error in mails:
        why = reasons.get(error, error)
        said.setdefault(run, []).append(_("not to %(name)s: %(why)s", name=name, why=why))
    return said


def waits(run: Run) -> str:
    """Say what a run waits for."""
    words = {SEAL: _("Waits to be sealed"), REFUSED: _("Not approved")}
    return words.get(run.waits or "", "") or _("Waits for approval")
