"""The desk's calendar beside a wish, while it is chosen: what each day would mean (D1, D6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from servicedesk import formats
from servicedesk.incidents.acts import Due
from servicedesk.incidents.spans import read_day
from servicedesk.setup.closures import holidays
from servicedesk.setup.directory import Directory, Service
from servicedesk.sla.agreement import Target, parse_target
from servicedesk.sla.days import Choice, Day, Kind, planned_for

WEEKS = 6


@dataclass(frozen=True)
class Hint:
    """What a chosen date means."""

    text: str
    tone: str = "quiet"  # quiet, soon
    glyph: str = "calendar-check"


@dataclass(frozen=True)
class Wishing:
    """What is shown beside a wish."""

    weeks: list[list[Day]]
    heads: tuple[str, ...]  # days of the week, Monday first
    chosen: date | None
    hints: list[Hint]
    lead: str  # D6: how long the service usually takes; nothing where that is not known
    closed: list[str]  # closed and special days besides those of every week, in words

    def label(self, day: Day) -> str:
        """Write a day's number; of today, and where a month begins, with the month."""
        if day.date.day != 1 and not day.is_today:
            return str(day.date.day)
        if formats.japanese():
            return f"{day.date.month}/{day.date.day}"
        return formats.far(day.date)

    def until(self, day: Day) -> str:
        """Write the last working moment of a day, in the reader's zone."""
        zone = ZoneInfo(formats.reader_zone())
        return f"{day.last.astimezone(zone):%H:%M}" if day.last else ""

    @property
    def has_short(self) -> bool:
        """Say whether a day is shown for which a wish is a rush."""
        return any(day.is_short for week in self.weeks for day in week)


@dataclass(frozen=True)
class Desk:
    """Whose calendar counts for a wish, and what is wished from."""

    setup: Directory
    service: Service | None
    group: str | None  # ref of the desk group

    @property
    def calendar(self) -> str | None:
        """Give the key of the calendar: the desk group's, else the desk's."""
        if self.group is None:
            return self._usual
        return self.setup.parties[self.group].agreement.versions[-1].calendar

    @property
    def _usual(self) -> str | None:
        wanted = self.setup.desk_calendar
        return next((k for k, one in self.setup.calendars.items() if one is wanted), None)

    @property
    def lead(self) -> Target | None:
        """D6: give the service's standard lead time."""
        said = self.service.more.get("lead_time") if self.service else None
        return parse_target(said) if said is not None else None


def desk_of(setup: Directory, service: Service | None) -> Desk:
    """Give the desk that a new incident of a service would come to."""
    group = setup.desk_group(service) if service else None
    return Desk(setup, service, group.ref if group else None)


class Typed(NamedTuple):
    """What a form was about to wish."""

    needed: str | None  # which of its choices
    day: date | None
    at: time | None

    def due(self, zone: str) -> Due | None:
        """D1: give the day, or with a time the instant in the desk's zone."""
        if self.day is None or self.at is None:
            return Due(self.day) if self.day else None
        return Due(at=datetime.combine(self.day, self.at, ZoneInfo(zone)).astimezone(UTC))


def typed(args: Mapping[str, str]) -> Typed:
    """Read from an address what a form was about to wish; what makes no sense is left out."""
    try:
        at = time.fromisoformat(args["time"]).replace(tzinfo=None) if args.get("time") else None
    except ValueError:
        at = None
    return Typed(args.get("needed"), read_day(args.get("day", "")), at)


def wishing(
    session: Session, desk: Desk, now: datetime, chosen: Due | None = None
) -> Wishing | None:
    """Lay out the next weeks and say what the chosen date means; None for a desk without hours."""
    if desk.calendar is None:
        return None
    choice = _choice(session, desk, desk.calendar, now)
    weeks = choice.weeks(WEEKS)
    return Wishing(
        weeks,
        tuple(formats.WEEKDAYS_JA if formats.japanese() else formats.WEEKDAYS),
        _day_of(chosen, choice),
        list(_hints(choice, desk, chosen)),
        lead_text(desk.lead),
        [_closed(day, choice) for week in weeks for day in week if _is_named(day)],
    )


def hints(session: Session, desk: Desk, now: datetime, chosen: Due) -> list[Hint]:
    """Say what a date means."""
    if desk.calendar is None:
        return []
    return list(_hints(_choice(session, desk, desk.calendar, now), desk, chosen))


def _choice(session: Session, desk: Desk, key: str, now: datetime) -> Choice:
    calendar, zone = desk.setup.calendars[key], desk.setup.zone
    lead = desk.lead.seconds_if_any(calendar, now, now) if desk.lead else None
    today = Choice(calendar, zone, now).today
    first, last = today - timedelta(days=7), today + timedelta(days=366)
    language = "ja" if formats.japanese() else "en"
    return Choice(calendar, zone, now, lead, holidays(session, key, first, last, language))


def _day_of(chosen: Due | None, choice: Choice) -> date | None:
    if chosen is None or chosen.at is None:
        return chosen.day if chosen else None
    return Choice(choice.calendar, choice.zone, chosen.at).today


def _hints(choice: Choice, desk: Desk, chosen: Due | None) -> Iterator[Hint]:
    if chosen is None or not (chosen.day or chosen.at):
        return
    if (due := chosen.judged(choice.zone)) <= choice.now:
        return
    planned = planned_for(choice.calendar, due, is_day=chosen.day is not None)
    if planned is None or planned <= choice.now:
        text = _("Until then the desk does not work any more. We do what we can.")
        yield Hint(text, "soon", "calendar-off")
    elif chosen.day:
        yield _plan_of_day(choice.day(chosen.day), planned)
    elif planned < due:
        yield Hint(_("We plan for %(at)s, the last working moment before.", **_at(planned)))
    else:
        yield Hint(_("We plan for %(at)s.", **_at(planned)))
    if choice.is_short(due) and desk.service:
        said = {"service": desk.service.name, "time": lead_text(desk.lead)}
        text = _("Rush: %(service)s usually takes %(time)s. We try, and mark it as a rush.", **said)
        yield Hint(text, "soon", "zap")


def _plan_of_day(day: Day, planned: datetime) -> Hint:
    """D1: say until when a day is planned for; if it is closed, why."""
    if not day.is_closed:
        return Hint(_("We plan for %(at)s, the last working moment of that day.", **_at(planned)))
    said = {"day": formats.day(day.date), "why": why_closed(day), **_at(planned)}
    text = _("Closed on %(day)s (%(why)s): we plan for %(at)s, the last working moment.", **said)
    return Hint(text, "soon", "calendar-off")


def _at(planned: datetime) -> dict[str, str]:
    return {"at": formats.moment(planned)}


def why_closed(day: Day) -> str:
    """Say in a word what a day is; of a public holiday its name."""
    words: dict[Kind, str] = {
        Kind.WORKING: _("working day"),
        Kind.REST: _("no working day"),
        Kind.HOLIDAY: day.name or _("public holiday"),
        Kind.DAY_OFF: _("company day off"),
        Kind.SPECIAL: _("special working day"),
    }
    return words[day.kind]


def _is_named(day: Day) -> bool:
    return not day.is_past and day.kind in (Kind.HOLIDAY, Kind.DAY_OFF, Kind.SPECIAL)


def _closed(day: Day, choice: Choice) -> str:
    said = {"day": formats.far(day.date, choice.today), "why": why_closed(day)}
    return str(_("%(day)s: %(why)s", **said))


def lead_text(lead: Target | None) -> str:
    """Write a lead time: `2 working days`, `4 h 00`."""
    if lead is None:
        return ""
    if lead.days is not None:
        return str(ngettext("%(num)s working day", "%(num)s working days", lead.days))
    return formats.left((lead.minutes or 0) * 60)
