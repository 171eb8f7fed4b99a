"""Clocks as the pages show them: name, target, verdict, share used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import SOON, day_length
from servicedesk.incidents.clocks import ClockState
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory

FEW = 4  # so many clocks are shown without folding any


@dataclass(frozen=True)
class Meter:
    """A clock as the page shows it."""

    name: str
    target: str
    verdict: str
    tone: str  # quiet soon late paused met cancelled
    share: float


@dataclass(frozen=True)
class Meters:
    """The clocks of an incident: those that matter now, and those of parties that ended."""

    now: Sequence[Meter]
    ended: Sequence[Meter]

    @property
    def late(self) -> int:
        """Count what was late among those that ended."""
        return sum(meter.tone == "late" for meter in self.ended)


def meters(states: Iterable[ClockState], setup: Directory) -> Meters:
    """Arrange the clocks that have a target; only many ended ones are set apart."""
    known = sorted((s for s in states if s.target is not None), key=_order)
    apart = len(known) > FEW
    ended = [s for s in known if apart and s.party and s.stopped_at]
    shown = [s for s in known if s not in ended]
    return Meters([meter(s, setup) for s in shown], [meter(s, setup) for s in ended])


def _order(state: ClockState) -> tuple[bool, bool, bool, datetime]:
    """The customer's clocks first, the resolution before the answer; then what runs."""
    return (
        state.party is not None,
        state.kind == "response",
        state.stopped_at is not None,
        state.started_at,
    )


def meter(state: ClockState, setup: Directory) -> Meter:
    """Write a clock with a target."""
    length = day_length(setup.calendars[state.calendar or ""])
    party = setup.party(state.party).name if state.party else None
    target, counted = state.target or 0, state.counted or 0
    verdict, tone = _verdict(state, setup, length)
    share = min(1.0, counted / target) if target else 1.0
    return Meter(clock_name(state.kind, party), span(target, length), verdict, tone, share)


def span(seconds: int, length: int) -> str:
    """Write a span of working time that somebody set: `30 min`, `8 h`, `3 d`."""
    if seconds % formats.HOUR or (seconds >= 2 * length and seconds % length == 0):
        return formats.left(seconds, length)
    return str(_("%(n)d h", n=seconds // formats.HOUR))


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
            tone = "soon" if left <= SOON else "quiet"
            return str(_("%(time)s left", time=formats.left(left, length))), tone
