"""Says the verdict on a clock, with its arithmetic in words."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.explained.words import Narrator, exactly
from servicedesk.incidents.why.parts import Verdict


def tone(state: str) -> str:
    """Give the tone that a state is shown in."""
    return {"breached": "late", "met": "met", "paused": "paused"}.get(state, "quiet")


def state_word(state: str) -> str:
    """Name a verdict."""
    words: dict[str, str] = {
        "running": _("Running"),
        "paused": _("Paused"),
        "met": _("Met"),
        "breached": _("Late"),
        "cancelled": _("Without a verdict"),
    }
    return words[state]


def say(verdict: Verdict, narrator: Narrator) -> str:
    """Say a verdict in a sentence or two."""
    if narrator.name[0] in ("requested", "promised"):
        return _of_date(verdict, narrator)
    counted = exactly(verdict.counted or 0)
    if verdict.state == "breached":
        return _late(verdict, counted)
    if verdict.target is None:
        return str(_("%(time)s counted; there is no target now, so no verdict.", time=counted))
    return _in_time(verdict, counted, verdict.target)


def _in_time(verdict: Verdict, counted: str, target: int) -> str:
    left = target - (verdict.counted or 0)
    said = {
        "counted": counted,
        "target": exactly(target),
        "left": exactly(left),
        "due": formats.moment(verdict.due_at),
    }
    match verdict.state:
        case "met" if left:
            return str(_("%(counted)s counted, target %(target)s: met, %(left)s to spare.", **said))
        case "met":
            return str(_("%(counted)s counted, target %(target)s: met exactly.", **said))
        case "cancelled":
            return str(_("%(counted)s counted of %(target)s when it ended: no verdict.", **said))
        case "paused":
            paused = _("%(counted)s counted of %(target)s: %(left)s left. Paused, so not due.")
            return str(paused % said)
    if left == 0:
        used = _("%(counted)s counted of %(target)s since %(due)s: late as soon as more counts.")
        return str(used % said)
    if verdict.due_at is None:
        return str(_("%(counted)s counted of %(target)s: %(left)s left.", **said))
    return str(_("%(counted)s counted of %(target)s: %(left)s left, due %(due)s.", **said))


def _late(verdict: Verdict, counted: str) -> str:
    then = verdict.target_then
    said = {
        "counted": counted,
        "target": exactly(verdict.target or 0),
        "then": exactly(then or 0),
        "over": exactly(abs((verdict.counted or 0) - (verdict.target or 0))),
        "since": formats.moment(verdict.breached_at),
    }
    if verdict.at_once:
        since = _("Late since %(since)s, when the target became %(then)s.", **said)
    else:
        since = _("Late since %(since)s, by the target of %(then)s then.", **said)
    if verdict.target is None:
        return _together(_("%(counted)s counted, no target now.", **said), since)
    if verdict.stays:
        fits = _("%(counted)s counted, target %(target)s now: a breach stays all the same.", **said)
        return _together(fits, since)
    if then == verdict.target and not verdict.at_once:
        over = _("%(counted)s counted, target %(target)s: over by %(over)s since %(since)s.")
        return str(over % said)
    return _together(_("%(counted)s counted, target %(target)s: over by %(over)s.", **said), since)


def _together(*sentences: str) -> str:
    gap = "" if formats.japanese() else " "
    return gap.join(sentences)


def _of_date(verdict: Verdict, narrator: Narrator) -> str:
    """D1: say up to when it is kept, and what was at the last resolution or is now."""
    at, due = verdict.judged_at, verdict.due_at
    said = {"date": narrator.date(verdict.date), "at": formats.moment(at)}
    said["time"] = _apart(at, due)
    late = verdict.state == "breached"
    match verdict.outcome:
        case "cancelled" if not late:
            return str(_("%(date)s. Cancelled %(at)s: nothing to keep any more.", **said))
        case "cancelled":
            return str(_("%(date)s. Cancelled %(at)s: %(time)s late by then.", **said))
        case "resolved" if not late:
            return str(_("%(date)s. Resolved %(at)s: kept, %(time)s before its end.", **said))
        case "resolved":
            return str(_("%(date)s. Resolved %(at)s: %(time)s late.", **said))
    if late:
        return str(_("%(date)s. Not resolved yet: %(time)s late.", **said))
    return str(_("%(date)s. Not resolved yet: %(time)s left.", **said))


def _apart(one: datetime | None, two: datetime | None) -> str:
    if one is None or two is None:
        return ""
    return exactly(abs(int((one - two).total_seconds())))
