"""An everyday incident: its length is chosen beforehand, so that its dates can be made to fit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from servicedesk import times
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import Story
from servicedesk.demo.tale import Tale, soon
from servicedesk.incidents.acts import Due
from servicedesk.incidents.priority import priority
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party

# How many in a hundred are late, by service; the others: OTHERS.
LATE_TARGET = {"erp": 18, "network": 12, "printing": 6, "accounts": 3}
LATE_WISH = {"erp": 10, "network": 7, "cad": 6, "accounts": 1, "workplace": 3}
OTHERS_TARGET, OTHERS_WISH = 8, 3
WITH_WISH, AS_DAY = 74, 70
UNTARGETED = 4  # working days taken for a target where there is none
HOUR = 3600
LONG = 36 * HOUR


class Paced(Tale):
    """A tale that takes a chosen working time from logging to resolving."""

    def __init__(
        self, stage: Stage, story: Story, requester: Person, at: datetime, *, steps: int
    ) -> None:
        super().__init__(stage, story, requester, at)
        self.rng = stage.rng
        self.start = at
        self.terms = self.service.agreement.at(at)
        self.calendar = stage.setup.calendars[self.terms.calendar]
        self.impact, self.urgency = self._weight()
        self.span = self._length(steps)
        self.end = self.calendar.reach(at, self.span)
        self.steps = steps

    def chance(self, percent: float) -> bool:
        """Say yes so many times in a hundred."""
        return self.rng.random() * 100 < percent

    # How long it takes

    def _weight(self) -> tuple[int, int]:
        """Vary impact and urgency a little."""
        impact, urgency = self.story.impact, self.story.urgency
        if self.chance(12):
            impact = min(3, max(1, impact + self.rng.choice((-1, 1))))
        if self.chance(15):
            urgency = min(3, max(1, urgency + self.rng.choice((-1, 1))))
        # Nobody works with what stops everybody and yet is not urgent.
        return (2, urgency) if (impact, urgency) == (1, 3) else (impact, urgency)

    def _target(self, kind: str) -> int | None:
        """Give the working seconds of a target."""
        name = priority(self.stage.setup.priorities, self.impact, self.urgency)
        target = self.terms.target(kind, name)
        return target.seconds(self.calendar, self.start, self.start) if target else None

    def _length(self, steps: int) -> int:
        """Choose the working seconds to the resolution: the more steps, the longer."""
        target = self._target("resolution") or UNTARGETED * 8 * HOUR
        if self.chance(LATE_TARGET.get(self.service.key, OTHERS_TARGET) * (0.6 + steps / 4)):
            return round(target * self.rng.uniform(1.05, 1.4 if target > LONG else 1.9))
        share = self.rng.betavariate(0.8 + steps / 2, 4.5 - steps * 0.8)
        if target > LONG:  # what has a week is not left lying for most of it
            share *= 0.6
        return max(round(target * 0.92 * share), 12 * 60 * (1 + steps))

    def go(self, share: float, party: Party | None = None) -> Person:
        """Go on to a share of the way, in the working hours of who acts; give who does."""
        party = party or self.holder
        at = max(self._on_the_way(share), soon(self.at, self.rng.uniform(2, 9)))
        calendar = self.stage.calendar(party.ref)
        if not calendar.is_open(at):
            at = calendar.reach(at, self.rng.randint(240, 2400))
        self.to(at)
        return self.worker(party)

    def _on_the_way(self, share: float) -> datetime:
        return self.calendar.reach(self.start, round(self.span * share))

    def first_answer(self) -> Person:
        """Go on to the first answer: mostly well within its target."""
        target = self._target("response") or HOUR
        share = self.rng.betavariate(1.2, 3.2) * 0.9
        if self.chance(5):
            share = self.rng.uniform(1.05, 1.7)
        seconds = min(round(target * share), round(self.span * 0.7))
        self.to(self.calendar.reach(self.start, max(seconds, 120)))
        return self.go(0.01, self.path[0])

    # What is wished for

    def chosen_wish(self) -> Due | None:
        """Choose the wish so that it will be kept or missed."""
        if not self.chance(WITH_WISH):
            return None
        if self.chance(LATE_WISH.get(self.service.key, OTHERS_WISH)):
            return self._early_wish()
        return self._late_enough_wish()

    def _late_enough_wish(self) -> Due:
        if self.chance(AS_DAY):
            slack = self.rng.choice((0, 1, 1, 2, 3, 4, 7)) + self.steps // 2
            return Due(day=self._working(self._day(self.end) + timedelta(days=slack)))
        slack = self.rng.choice((1, 3, 5, 9, 14)) + 2 * self.steps
        return Due(at=self._full_hour(self.calendar.reach(self.end, slack * HOUR), 1))

    def _early_wish(self) -> Due | None:
        """Wish for what will not be kept: a day before, or an hour."""
        before, logged = self._day(self.end) - timedelta(days=1), self._day(self.start)
        if before > logged and self.chance(AS_DAY):
            return Due(day=self._working(before, -1))
        at = self._full_hour(self._on_the_way(self.rng.uniform(0.5, 0.85)), 0)
        return Due(at=at) if at > soon(self.start, 20) else None

    def _day(self, at: datetime) -> date:
        return times.local_day(at, self.stage.setup.zone)

    def _working(self, day: date, step: int = 1) -> date:
        """Move a day that is not worked to the next that is, but not before the logging."""
        while not self.stage.is_working(day) and day > self._day(self.start):
            day += timedelta(days=step)
        return day

    def _full_hour(self, at: datetime, more: int) -> datetime:
        return at.replace(minute=0, second=0) + timedelta(hours=more)
