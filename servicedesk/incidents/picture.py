"""Puts an incident's story and clocks into its life line, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk import formats, times
from servicedesk.event import Event
from servicedesk.incidents import lifeline
from servicedesk.incidents.chips import day_length, left_between
from servicedesk.incidents.clocks import ClockState, Clockwork
from servicedesk.incidents.dates.revisions import answered
from servicedesk.incidents.story import REQUESTER, DateEntry, Holding
from servicedesk.sla.calendar import Calendar


@dataclass(frozen=True)
class Painter:
    """Draws one incident for one reader at one instant."""

    work: Clockwork
    events: Sequence[Event]
    now: datetime

    def picture(self, track: lifeline.Track | None = None) -> lifeline.Picture:
        """Draw the whole life line, with a lane for a clock that was chosen."""
        return self.drawn(replace(self.line(), track=track))

    def drawn(self, line: lifeline.LifeLine) -> lifeline.Picture:
        """Draw a life line."""
        return lifeline.picture(line, self.tick, formats.moment)

    def mini(self) -> Markup:
        """Draw the small one without words."""
        return lifeline.draw_mini(self.line(), "mini")

    def line(self) -> lifeline.LifeLine:
        """Gather what the life line is made of."""
        story = self.work.story
        ended = None if story.is_open else story.resolved_at or story.cancelled_at or self.now
        return lifeline.LifeLine(
            title=_("Who held it when, and its dates"),
            start=story.logged_at,
            now=max(self.now, story.changed_at),
            ended=ended,
            zone=formats.reader_zone(),
            working=self.desk.windows,
            edge_label=self.at_edge(ended or self.now),
            lanes=list(self._lanes()),
            bars=[self._bar(holding) for holding in story.holdings],
            hand_offs=list(self._hand_offs()),
            dots=list(self._dots()),
            rail=list(self._rail()),
            marks=[*self._dates("requested"), *self._dates("promised"), *self._targets()],
        )

    @property
    def desk(self) -> Calendar:
        """The calendar of the group that stays answerable."""
        story = self.work.story
        return self.work.directory.calendar_of(story.desk_group, story.logged_at)

    def tick(self, at: datetime, unit: str) -> str:
        """Write a tick's label."""
        local = at.astimezone(ZoneInfo(formats.reader_zone()))
        if unit == "time":
            return f"{local:%H:%M}"
        if unit == "year":
            return f"{local.year}"
        if unit == "month":
            if formats.japanese():
                return f"{local.month}月"
            return formats.MONTHS[local.month - 1]
        return formats.near(local.date()) if unit == "day" else formats.far(local.date())

    def at_edge(self, at: datetime) -> str:
        """Write the instant at which the past ends, for the pill below it."""
        local = at.astimezone(ZoneInfo(formats.reader_zone()))
        today = times.local_day(self.now, formats.reader_zone())
        return f"{local:%H:%M}" if local.date() == today else formats.moment(at)

    def _calendar(self, ref: str) -> Calendar | None:
        if ref == REQUESTER:
            return None
        return self.work.directory.calendar_of(ref, self.work.story.logged_at)

    def _name(self, ref: str) -> str:
        return str(_("Requester")) if ref == REQUESTER else self.work.directory.party(ref).name

    def _lanes(self) -> Iterator[lifeline.Lane]:
        for ref in dict.fromkeys(h.holder for h in self.work.story.holdings):
            calendar = self._calendar(ref)
            kind: lifeline.parts.LaneKind = "requester"
            if ref != REQUESTER:
                tier = self.work.directory.party(ref).tier
                kind = _KINDS[tier]
            windows = calendar.windows if calendar else None
            yield lifeline.Lane(ref, kind, self._name(ref), self._held(ref, calendar), windows)

    def _held(self, ref: str, calendar: Calendar | None) -> str:
        """Write how long a party held it: in its own working time; the requester in plain time."""
        spans = [
            (h.start, h.end or max(self.now, h.start))
            for h in self.work.story.holdings
            if h.holder == ref
        ]
        if calendar is None:
            return formats.lasting(sum(int((end - start).total_seconds()) for start, end in spans))
        seconds = sum(calendar.counted(start, end) for start, end in spans)
        return formats.left(seconds, day_length(calendar))

    def _bar(self, holding: Holding) -> lifeline.Bar:
        until = formats.moment(holding.end) if holding.end else _("now")
        sentence = _(
            "%(name)s held it from %(start)s to %(end)s.",
            name=self._name(holding.holder),
            start=formats.moment(holding.start),
            end=until,
        )
        paused = list(self._paused(holding))
        return lifeline.Bar(holding.holder, holding.start, holding.end, sentence, paused)

    def _paused(self, holding: Holding) -> Iterator[lifeline.parts.Span]:
        story = self.work.story
        end = holding.end or max(self.now, holding.start)
        pauses = self.work.directory.terms(story.agreement, story.logged_at).pauses
        for hold in story.holds:
            start, stop = max(hold.start, holding.start), min(hold.end or end, end)
            if hold.reason in pauses and start < stop:
                yield start, stop

    def _hand_offs(self) -> Iterator[lifeline.HandOff]:
        holdings = self.work.story.holdings
        for one, two in pairwise(holdings):
            if one.end == two.start and one.holder != two.holder:
                sentence = _(
                    "%(at)s: from %(one)s to %(two)s.",
                    at=formats.moment(two.start),
                    one=self._name(one.holder),
                    two=self._name(two.holder),
                )
                yield lifeline.HandOff(two.start, one.holder, two.holder, sentence)

    def _dots(self) -> Iterator[lifeline.Dot]:
        lanes = {h.holder for h in self.work.story.holdings}
        for event in self.events:
            if event.kind != "comment.added" or event.data.get("kind") != "reply":
                continue
            desk = bool(event.data.get("response"))
            holder = self.work.story.holder_at(event.at - timedelta(seconds=1))
            lane = holder if desk and holder else REQUESTER
            said = _("%(at)s: the desk replied.") if desk else _("%(at)s: the requester replied.")
            if lane in lanes:
                yield lifeline.Dot(event.at, lane, said % {"at": formats.moment(event.at)})

    def _rail(self) -> Iterator[lifeline.Stretch]:
        clock = self.work.entries["resolution", None, None].clock
        spans = [(s.start, s.end, s.calendar) for s in clock.stretches]
        if clock.phase == "run" and self.now > clock.since:
            spans.append((clock.since, self.now, clock.calendar))
        breach = clock.breach_by(self.now)
        for start, end, calendar in spans:
            for opens, closes in calendar.windows(start, end):
                if breach and opens < breach < closes:
                    yield lifeline.Stretch(opens, breach, "counted")
                    yield lifeline.Stretch(breach, closes, "over")
                else:
                    over = breach is not None and opens >= breach
                    yield lifeline.Stretch(opens, closes, "over" if over else "counted")

    def _dates(self, kind: lifeline.parts.MarkKind) -> Iterator[lifeline.Mark]:
        names = {"requested": _("Requested"), "promised": _("Promised")}
        for entry in self.work.story.dates:
            if entry.kind == kind and entry.due and entry.state in ("current", "superseded"):
                yield self._date(kind, names[kind], entry, entry.due)

    def _date(
        self, kind: lifeline.parts.MarkKind, name: str, entry: DateEntry, due: datetime
    ) -> lifeline.Mark:
        text = formats.day(entry.day, self.work.directory.zone) if entry.day else None
        short = text or formats.moment(due)
        state = self._date_state(entry, due)
        said = ", ".join(part for part in (short, answered(self.events, entry.n)) if part)
        return lifeline.Mark(
            kind, due, state, f"{name} {short}", short, f"{name}: {said}.", entry.day is not None
        )

    def _date_state(self, entry: DateEntry, due: datetime) -> lifeline.parts.MarkState:
        if entry.state == "superseded":
            return "superseded"
        states = {s.kind: s.state for s in self.work.states(self.now)}
        return _MARK_STATES.get(states[entry.kind], "open")

    def _targets(self) -> Iterator[lifeline.Mark]:
        for state in self.work.states(self.now):
            if state.kind == "resolution":
                yield from self._resolution(state)
            if state.kind == "response":
                yield from self._response(state)

    def _resolution(self, state: ClockState) -> Iterator[lifeline.Mark]:
        at = state.breached_at or state.due_at
        if at is None:
            return
        short = formats.moment(at)
        label = _("Resolution target %(at)s", at=short)
        if state.breached_at:
            over = formats.left(state.left, day_length(self._clock_calendar(state)))
            label = f"{label} · " + _("%(time)s over", time=over)
        mark = _MARK_STATES.get(state.state, "open")
        yield lifeline.Mark("target", at, mark, label, short, f"{label}.")

    def _response(self, state: ClockState) -> Iterator[lifeline.Mark]:
        met = state.state == "met"
        at = state.stopped_at if met else state.breached_at or state.due_at
        if at is None:
            return
        short = formats.moment(at)
        words = {"met": _("First answer met"), "breached": _("First answer late")}
        label = words.get(state.state, _("First answer by %(at)s", at=short))
        mark = _MARK_STATES.get(state.state, "open")
        yield lifeline.Mark("response", at, mark, label, short, f"{label}: {short}.")

    def _clock_calendar(self, state: ClockState) -> Calendar:
        return self.work.directory.calendars[state.calendar or ""]

    def left_on_desk(self, due: datetime) -> int:
        """Give the desk's working seconds from now to an instant."""
        return left_between(self.desk, self.now, due)


_KINDS: tuple[lifeline.parts.LaneKind, ...] = ("partner", "tier-1", "tier-2", "tier-3")
_MARK_STATES: dict[str, lifeline.parts.MarkState] = {"met": "met", "breached": "breached"}
