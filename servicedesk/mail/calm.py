"""When a message may go: what comes together, quiet hours, and so many an hour; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from servicedesk.mail.channels import (
    ACCOUNT,
    ANSWERS,
    ASKED,
    DUTY,
    HANDOFFS,
    QUESTIONS,
    RULES,
    WORK,
)
from servicedesk.sla.calendar import Version
from servicedesk.sla.hours import DAY_MINUTES, Window
from servicedesk.sla.zones import DAY, epoch, utc

SETTLES, QUIET, LIMIT = "settles", "quiet", "limit"  # why a message is kept back
URGENT_SETTLES = 20  # seconds, at most
SOON, NOTICE = "duty_soon", timedelta(hours=8)  # a turn on call is known so long ahead at least
HOUR = timedelta(hours=1)
USUAL_MOST = 20  # mails that somebody gets within an hour
HIGH = ("P1", "P2")
REPORT = "report_ready"
LOOKED_AHEAD = 40  # days; where all of them are off, the days off are not quiet

# Kinds of the desk's own side, which come in storms: they wait a little for each other.
STORMS = RULES.kinds | WORK.kinds
# Whatever the hour: the way in, who is on call, what was chosen for that hour, what answers a
# thing that the reader has done this minute, what goes back by itself within the hour.
COMES = ACCOUNT.kinds | DUTY.kinds - {SOON} | {"digest", "received", "return_asked", "report_test"}
# Never counted out: the way in, and what somebody has to decide or to answer in time.
FREE = ACCOUNT.kinds | ASKED.kinds | ANSWERS.kinds | QUESTIONS.kinds | DUTY.kinds | {"digest"}


@dataclass(frozen=True, slots=True)
class Told:
    """A message, as far as it says when it may go."""

    kind: str
    priority: str = ""  # of what it is about
    dues: tuple[datetime, ...] = ()  # instants for which it would come too late
    on_call: bool = False  # its reader is on call now, of the group that has it
    is_major: bool = False  # it is about a major incident, or what belongs to one
    has_link: bool = False  # by which one gets in or decides
    to_partner: bool = False  # its reader is one of a partner company's people
    urgent: bool = False  # of several messages: one of them is


def is_urgent(it: Told, now: datetime, until: datetime) -> bool:
    """Say whether a message may not wait until an instant.

    A rule's message of P1 or P2, whatever tells who is on call of their group's incidents, a major
    incident, what is due before that instant, and the kinds that come at any hour.
    """
    return (
        it.urgent
        or it.kind in COMES
        or it.on_call
        or it.is_major
        or (it.kind == "rule" and it.priority in HIGH)
        or any(now < due <= until for due in it.dues)
    )


def is_free(it: Told) -> bool:
    """Say whether no limit holds a message back: it lets in, or has to be decided in time.

    What a partner is handed is answered by mail: nothing of it is held back but in quiet hours.
    """
    return it.kind in FREE or it.has_link or it.to_partner


def is_alone(it: Told) -> bool:
    """Say whether a message is never put together with others.

    H7: a hand-off is answered by mail. F9: a report goes with its file.
    """
    return it.kind == REPORT or (it.to_partner and it.kind in HANDOFFS.kinds)


def settling(it: Told, seconds: int) -> int:
    """Give how long a new message waits for others, in seconds."""
    if it.kind not in STORMS or is_alone(it):
        return 0
    return min(seconds, URGENT_SETTLES) if it.priority in HIGH else seconds


@dataclass(frozen=True, slots=True)
class Held:
    """A message is kept back until an instant."""

    until: datetime
    why: str


def hold(it: Told, now: datetime, quiet: datetime | None, room: datetime | None) -> Held | None:
    """Say until when a message is kept back; None: it may go now.

    `quiet` is the end of the reader's quiet hours, if it is quiet; `room` is when they may get
    another mail, if they have had as many as they may. Both lie ahead.
    """
    if quiet and not is_urgent(it, now, quiet):
        return Held(quiet, QUIET)
    if room and not is_free(it) and not is_urgent(it, now, room):
        return Held(room, LIMIT)
    return None


# So many an hour


def room_at(sent: Sequence[datetime], most: int, now: datetime) -> datetime | None:
    """Give when another mail may be sent, by when the last were; None: now."""
    recent = sorted(at for at in sent if at > now - HOUR)
    return recent[-most] + HOUR if len(recent) >= most else None


def most(said: Mapping[str, Any], desk: int) -> int:
    """Give how many mails somebody gets within an hour: their own number, not above the desk's."""
    own = said.get("most")
    return min(own, desk) if isinstance(own, int) and own > 0 else desk


# Quiet hours


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, in minutes; and all day while the desk is off."""

    start: int
    end: int
    weekends: bool = False

    @property
    def window(self) -> Window:
        """Give the window that begins on a day; the end may be the next day's."""
        return self.start, self.end + (DAY_MINUTES if self.end <= self.start else 0)


def read_quiet(said: object) -> QuietHours | None:
    """Read quiet hours as they are kept; None: there are none."""
    if not isinstance(said, Mapping):
        return None
    try:
        start, end = (_minutes(said[name]) for name in ("from", "to"))
    except (AttributeError, KeyError, ValueError):
        return None
    return QuietHours(start, end, bool(said.get("weekends"))) if start != end else None


def _minutes(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return hour * 60 + minute


def quiet_until(
    hours: QuietHours, zone: str, is_off: Callable[[date], bool], now: datetime
) -> datetime | None:
    """Give when quiet hours end; None if it is not quiet.

    An instant is quiet if its wall clock lies in the hours, as for working time (C2): daylight
    saving makes a night longer or shorter, and its end is where the wall clock says so.
    """
    if hours.weekends:
        end = _end(hours, zone, is_off, now)
        if end is None or end < now + timedelta(days=LOOKED_AHEAD):
            return end
    return _end(replace(hours, weekends=False), zone, is_off, now)


def _end(
    hours: QuietHours, zone: str, is_off: Callable[[date], bool], now: datetime
) -> datetime | None:
    start = end = epoch(now)
    found = _version(hours, zone, is_off, now).spans(start, start + LOOKED_AHEAD * DAY)
    for first, last, _day in found:
        if first > end:
            break
        end = max(end, last)
    return utc(end) if end > start else None


def _version(
    hours: QuietHours, zone: str, is_off: Callable[[date], bool], now: datetime
) -> Version:
    """Write quiet hours as working time is written: what is quiet is open."""
    today = now.astimezone(ZoneInfo(zone)).date()
    near = range(-1, LOOKED_AHEAD + 2) if hours.weekends else ()
    days = (today + timedelta(days=n) for n in near)
    whole = ((0, DAY_MINUTES), hours.window)
    weekly = ((hours.window,),) * 7
    return Version(zone, weekly, special={day: whole for day in days if is_off(day)})
