"""Clocks as the pages show them: name, target, verdict, share used."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import day_length, soon_seconds
from servicedesk.incidents.clocks import ClockState
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory


@dataclass(frozen=True)
class Meter:
    """A clock as the page shows it."""

    name: str
    target: str
    verdict: str
    tone: str  # quiet soon late paused met cancelled
    share: float


def meter(state: ClockState, setup: Directory) -> Meter:
    """Write a clock with a target."""
    length = day_length(setup.calendars[state.calendar or ""])
    party = setup.party(state.party).name if state.party else None
    target, counted = state.target or 0, state.counted or 0
    verdict, tone = _verdict(state, setup, length)
    share = min(1.0, counted / target) if target else 1.0
    return Meter(clock_name(state.kind, party), formats.left(target, length), verdict, tone, share)


def _verdict(state: ClockState, setup: Directory, length: int) -> tuple[str, str]:
    left = state.left or 0
    match state.state:
        case "breached":
            over = formats.left(max(0, -left), length)
            return str(_("%(time)s over", time=over)) if left < 0 else str(_("over")), "late"
        case "met":
            return str(_("met, %(time)s", time=formats.left(state.counted, length))), "met"
        case "cancelled":
            return str(_("ended")), "cancelled"
        case "paused":
            return str(_("paused, %(time)s left", time=formats.left(left, length))), "paused"
        case _:
            tone = "soon" if left <= soon_seconds(setup) else "quiet"
            return str(_("%(time)s left", time=formats.left(left, length))), tone
