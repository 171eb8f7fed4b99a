"""How exclusions are said: which clocks, when, and what they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.exclusions.effects import Effect
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory


def clocks(keys: Iterable[str], setup: Directory) -> str:
    """Name the clocks of an exclusion: `Resolution, NetOne Inc. (all clocks)`."""
    return str(_(", ")).join(clock(key, setup) for key in keys)


def clock(key: str, setup: Directory) -> str:
    """Name a requester's clock, or all of a party's."""
    if ":" not in key:
        return clock_name(key)
    name = setup.party(key).name if key in setup.parties else key
    return str(_("%(party)s (all clocks)", party=name))


def span(start: datetime, end: datetime) -> str:
    """Write an interval in the reader's zone; the day stands once where it is the same."""
    zone = ZoneInfo(formats.reader_zone())
    one, two = start.astimezone(zone), end.astimezone(zone)
    last = f"{two:%H:%M}" if one.date() == two.date() else formats.moment(end)
    return f"{formats.moment(start)} – {last}"


def effect(said: Effect, setup: Directory) -> str:
    """Say what it changes: `Resolution: 9 h 10 of 8 h → net 7 h 40: met`."""
    gross = said.gross
    party = setup.party(gross.party).name if gross.party else None
    return str(
        _(
            "%(clock)s: %(gross)s of %(target)s → net %(net)s: %(verdict)s",
            clock=clock_name(gross.kind, party),
            gross=hours(gross.counted or 0),
            target=hours(gross.target) if gross.target is not None else "–",
            net=hours(said.net.counted),
            verdict=verdict(said.net.state),
        )
    )


def hours(seconds: int) -> str:
    """Write working time to the minute, rounded up: `45 min`, `8 h`, `26 h 10`."""
    whole, rest = divmod(-(-seconds // formats.MINUTE), 60)
    if not whole:
        return str(_("%(n)d min", n=rest))
    return str(_("%(h)d h %(m)02d", h=whole, m=rest) if rest else _("%(n)d h", n=whole))


def verdict(state: str) -> str:
    """Name the verdict of a clock, net."""
    names: dict[str, str] = {
        "met": _("met"),
        "breached": _("over the target"),
        "running": _("within the target so far"),
        "paused": _("within the target so far"),
        "cancelled": _("ended without a verdict"),
    }
    return names[state]


def state(name: str) -> str:
    """Name how an exclusion stands."""
    names: dict[str, str] = {
        "asked": _("to be decided"),
        "approved": _("approved"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
    }
    return names[name]
