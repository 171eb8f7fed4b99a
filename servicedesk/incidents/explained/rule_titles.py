"""What each rule number is about, in a few plain words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

TITLES: Mapping[str, LazyString] = {
    "C1": _l("A target is working time; days run to the end of the last day's hours"),
    "C2": _l("Only working hours count"),
    "C3": _l("Due is the earliest instant that uses the target up"),
    "C4": _l("What pauses a clock, and what does not"),
    "C5": _l("A clock that is paused has no due date"),
    "C6": _l("A clock follows from what happened, and from nothing else"),
    "C7": _l("The calendar in force at an instant decides on it"),
    "C8": _l("The agreement in force at the beginning counts, unless a later one was applied"),
    "C9": _l("Another priority or service brings another target; what was counted stays"),
    "C10": _l("Late from the instant at which the target was used up"),
    "C11": _l("A breach stays, but for an exclusion; dates are judged at the last resolution"),
    "C12": _l("From a resolution to its reopening nothing counts"),
    "C13": _l("What a first answer is"),
    "C14": _l("It runs on while others have the incident"),
    "C15": _l("Every clock says why"),
    "D1": _l("A day is kept until its end, an instant until it has passed"),
    "D2": _l("Neither holds nor calendars move a date"),
    "D3": _l("A date is revised openly: who, when and why is kept"),
    "D4": _l("The first wish is the headline"),
    "D5": _l("Without a date there is none to keep"),
    "D6": _l("A date lies after the report"),
    "H2": _l("How a hand-off goes, and how its clocks end"),
    "H4": _l("What was sent back or recalled needs no verdict"),
}


def rule_title(rule: str) -> str:
    """Say what a rule is about."""
    return str(TITLES.get(rule) or _("Rule %(number)s", number=rule))
