"""Clocks as the pages show them: name, target, verdict, share used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import SOON, day_length
from servicedesk.incidents.clocks import ClockState, Name
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory

Why = Callable[[Name], str]  # C15: gives the page that explains a clock
FEW = 4  # so many clocks are shown without folding any


@dataclass(frozen=True)
class Meter:
    """A clock as the page shows it."""

    name: str
    target: str
    verdict: str
    tone: str  # quiet soon late paused met cancelled
    share: float
    net: str = ""  # C11: how it stands without what is excluded, where anything is
    why_url: str = ""  # C15: the page that explains it


@dataclass(frozen=True)
class Meters:
    """The clocks of an incident: those that matter now, and those of parties that ended."""

    now: Sequence[Meter]
    ended: Sequence[Meter]

    @property
    def late(self) -> int:
        """Count what was late among those that ended."""
        return sum(meter.tone == "late" for meter in self.ended)


def meters(states: Iterable[ClockState], setup: Directory, why: Why | None = None) -> Meters:
    """Arrange the clocks that have a target; only many ended ones are set apart."""
    known = sorted((s for s in states if s.target is not None), key=_order)
    apart = len(known) > FEW
    ended = [s for s in known if apart and s.party and s.stopped_at]
    shown = [s for s in known if s not in ended]
    return Meters([meter(s, setup, why) for s in shown], [meter(s, setup, why) for s in ended])


def _order(state: ClockState) -> tuple[bool, bool, bool, datetime]:
    """The customer's clocks first, the resolution before the answer; then what runs."""
    return (
        state.party is not None,
        state.kind == "response",
        state.stopped_at is not None,
        state.started_at,
    )


def meter(state: ClockState, setup: Directory, why: Why | None = None) -> Meter:
    """Write a clock with a target; `why` gives the page that explains it."""
    length = day_length(setup.calendars[state.calendar or ""])
    party = setup.party(state.party).name if state.party else None
    target, counted = state.target or 0, state.counted or 0
    verdict, tone = _verdict(state.state, counted, target, length)
    share = min(1.0, counted / target) if target else 1.0
    net = _net(state, counted, target, length)
    name, url = clock_name(state.kind, party), why(state.name) if why else ""
    return Meter(name, span(target, length), verdict, tone, share, net, url)


def _net(state: ClockState, counted: int, target: int, length: int) -> str:
    if state.net is None or not state.net.excluded:
        return ""
    verdict, _tone = _verdict(state.net.state, counted - state.net.excluded, target, length)
    excluded = formats.left(state.net.excluded, length)
    return str(_("net %(verdict)s (%(time)s excluded)", verdict=verdict, time=excluded))


def span(seconds: int, length: int) -> str:
    """Write a span of working time that somebody set: `30 min`, `8 h`, `3 d`."""
    if seconds % formats.HOUR or (seconds >= 2 * length and seconds % length == 0):
        return formats.left(seconds, length)
    return str(_("%(n)d h", n=seconds // formats.HOUR))


def _verdict(state: str, counted: int, target: int, length: int) -> tuple[str, str]:
    left = target - counted
    match state:
        case "breached":
            over = formats.left(max(0, -left), length)
            return str(_("%(time)s over", time=over)) if left < 0 else str(_("over")), "late"
        case "met":
            return str(_("met, %(time)s", time=formats.left(counted, length))), "met"
        case "cancelled":
            return str(_("ended")), "cancelled"
        case "paused":
            return str(_("paused, %(time)s left", time=formats.left(left, length))), "paused"
        case _:
            tone = "soon" if left <= SOON else "quiet"
            return str(_("%(time)s left", time=formats.left(left, length))), tone
