"""How agreements, what changes of them, and whether they can be kept, are written."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from servicedesk import formats
from servicedesk.administration.agreements.compare import (
    Difference,
    OtherCalendar,
    OtherPause,
    OtherTarget,
)
from servicedesk.administration.agreements.said import REASONS, Said
from servicedesk.incidents.chips import day_length
from servicedesk.incidents.telling import hold_reason
from servicedesk.setup.directory import Directory
from servicedesk.setup.feasibility import OPENING, PRIORITIES, Fit, Verdict
from servicedesk.sla.agreement import Target
from servicedesk.sla.calendar import Calendar

HOUR = 60  # minutes


def sort(kind: str) -> str:
    """Name a sort of agreement."""
    names: dict[str, str] = {
        "sla": _("Customer agreement (SLA)"),
        "ola": _("Agreement of a group (OLA)"),
        "uc": _("Partner contract (UC)"),
    }
    return names[kind]


def clock(kind: str) -> str:
    """Name what a target is for."""
    names: dict[str, str] = {
        "response": _("First answer"),
        "resolution": _("Resolution"),
        "acceptance": pgettext("clock", "Acceptance"),
        "answer": pgettext("clock", "Answer"),
        "holding": pgettext("clock", "Holding"),
        OPENING: _("Begins to work"),
    }
    return names[kind]


def pauses(said: Said) -> list[str]:
    """Name the hold reasons during which the resolution rests."""
    return [hold_reason(reason) for reason in REASONS if reason in said.pauses]


def target(said: Target | None) -> str:
    """Write a target: `30 min`, `4 h`, `2 working days`; none: `–`."""
    if said is None:
        return "–"
    if said.days:
        return ngettext("%(num)s working day", "%(num)s working days", said.days)
    return minutes(said.minutes or 0)


def minutes(count: int) -> str:
    """Write working minutes: `30 min`, `4 h`, `4 h 30`; never in days, which are another thing."""
    hours, rest = divmod(count, HOUR)
    if not hours:
        return _("%(n)d min", n=rest)
    return _("%(h)d h %(m)02d", h=hours, m=rest) if rest else _("%(n)d h", n=hours)


def seconds(count: int | None) -> str:
    """Write the working time that a target has come to; none: `–`."""
    return "–" if count is None else minutes(count // 60)


def priorities(names: Sequence[str]) -> str:
    """Write priorities: `P1`, `P1–P3`, `P1, P3`; all of them as every priority."""
    if len(names) == len(PRIORITIES):
        return _("All priorities")
    places = [PRIORITIES.index(name) for name in names]
    if len(names) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def difference(it: Difference) -> str:
    """Write a difference between two versions as a sentence."""
    match it:
        case OtherCalendar():
            return _("Calendar: from %(before)s to %(after)s.", before=it.before, after=it.after)
        case OtherPause() if it.pauses:
            return _("The resolution rests during “%(reason)s” now.", reason=hold_reason(it.reason))
        case OtherPause():
            return _(
                "The resolution rests no more during “%(reason)s”.", reason=hold_reason(it.reason)
            )
        case OtherTarget():
            return _other_target(it)


def _other_target(it: OtherTarget) -> str:
    said = {"of": priorities(it.priorities), "clock": clock(it.kind)}
    before, after = target(it.before), target(it.after)
    if it.before is None:
        return _("%(of)s, %(clock)s: %(after)s, where there was no target.", after=after, **said)
    if it.after is None:
        return _("%(of)s, %(clock)s: no target any more; it was %(before)s.", before=before, **said)
    return _("%(of)s, %(clock)s: from %(before)s to %(after)s.", before=before, after=after, **said)


def verdict(fit: Fit) -> tuple[str, str]:
    """Say whether a path fits, with the tone of the sign."""
    match fit.verdict:
        case Verdict.ALWAYS:
            return "met", _("Fits")
        case Verdict.PARTLY:
            return "soon", _("Fits in %(share)s", share=share(fit))
        case Verdict.NEVER:
            return "late", _("Never fits")
        case Verdict.UNKNOWN:
            return "quiet", _("Can’t be promised")
        case Verdict.NO_TIME:
            return "late", _("No working time")
        case Verdict.NO_TARGET:
            return "quiet", _("No target")


def share(fit: Fit) -> str:
    """F5: write the share of starts from which it fits, rounded towards the worse."""
    percent = 100 * (fit.starts - fit.late) // fit.starts
    return _("%(n)d %%", n=percent) if percent else _("under 1 %")


def notes(fit: Fit, setup: Directory) -> list[str]:
    """Say what is behind a verdict, a sentence for each thing."""
    said = []
    if fit.verdict == Verdict.NO_TIME:
        said.append(_no_time(fit, setup))
    if fit.verdict == Verdict.PARTLY:
        count = {"late": fit.late, "all": fit.starts}
        said.append(_("Late from %(late)s of %(all)s starts.", **count))
    if fit.late and fit.kept:
        last = setup.party(fit.service.path[fit.kept - 1]).name
        said.append(_("Fits as far as %(name)s.", name=last))
    if fit.silent:
        said.append(_("%(names)s: no target.", names=_names(fit.silent, setup)))
    if fit.vague:
        names = _names(fit.vague, setup)
        said.append(_("%(names)s: a target for acceptance only.", names=names))
    return said


def _no_time(fit: Fit, setup: Directory) -> str:
    if not fit.closed:
        return _("The agreement’s calendar has no working time.")
    name = setup.party(fit.closed).name
    return _("The calendar of %(name)s has no working time.", name=name)


def _names(refs: Sequence[str], setup: Directory) -> str:
    return ", ".join(setup.party(ref).name for ref in refs)


def spare(seconds: int, calendar: Calendar) -> str:
    """Write how much is to spare, or how late it is, in working time."""
    amount = formats.left(abs(seconds), day_length(calendar))
    if seconds < 0:
        return _("%(time)s late", time=amount)
    return _("%(time)s to spare", time=amount)
