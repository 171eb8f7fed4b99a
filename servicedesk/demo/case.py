"""A chosen incident: which story, by whom, since when, and how it came to stand where it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from servicedesk.demo.letterbox import telling
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import stories
from servicedesk.demo.tale import Tale, soon
from servicedesk.escalation import commands
from servicedesk.incidents.acts import Due
from servicedesk.people.models import Person

BLUR = 0.6  # hours


Script = Iterator[datetime]  # when what comes next is done


class Case(Tale):
    """A tale that is told by how long before now each act happened.

    One with a script is kept as it stood then, and goes on by commands (`going_on`).
    """

    script: Script | None = None
    goes_on_at: datetime
    number: int

    def follow(self, script: Script | None) -> None:
        """Tell how it begins; what follows the first instant of a script is left to commands."""
        if script is None:
            return
        at = next(script, None)
        if at is not None:
            self.script, self.goes_on_at = script, at

    @property
    def told_until(self) -> datetime:
        """Give the instant at which the tale is kept."""
        return self.at if self.script else super().told_until

    def keep(self) -> None:
        """Keep it, with its number for the commands to come."""
        super().keep()
        self.number = self.incident.number

    def before(self, *, days: float = 0, hours: float = 0) -> datetime:
        """Give an instant some working days and hours before now, and after what is told."""
        return max(self.stage.ago(days=days, hours=hours), soon(self.at, 2))

    def around(self, days: float) -> datetime:
        """Give an instant some working days before last month's meetings, or after them."""
        meeting, seconds = self.stage.meeting, round(days * 8 * 3600)
        if seconds >= 0:
            return self.stage.calendar().reach(meeting, max(seconds, 60))
        return self.stage.ago(days=-days, before=meeting)

    def after(self, minutes: float) -> datetime:
        """Give an instant so many minutes after it was logged, but after what is told."""
        return max(soon(self.act.story.logged_at, minutes), soon(self.at, 1))

    def do(
        self, command: Callable[..., Any], *said: Any, by: str, mailed: bool = False, **more: Any
    ) -> Any:
        """Do what somebody does on its page; mailed: it is to be answered by mail."""
        with telling(self.stage, self.at, mailed=mailed):
            return command(self.number, *said, actor=self.person(by), now=self.at, **more)

    def ago(self, *, days: float = 0, hours: float = 0) -> None:
        """Go on some working days and hours before now: what is days ago, not to the minute."""
        hours += _blurred(self.stage.rng, days)
        self.to(self.stage.ago(days=days, hours=hours))

    def end_hold(self) -> None:
        """Go on when the hold comes to its end."""
        hold = self.act.story.hold
        if hold and hold.until:
            self.to(hold.until)

    def day(self, days: int) -> Due:
        """Give a day so many working days from today; 0: today."""
        return self.stage.working_day(days)

    def hour(self, hours: float) -> Due:
        """Give an instant so many working hours from now."""
        return Due(at=self.stage.ahead(hours=hours))

    def person(self, key: str) -> Person:
        """Look somebody up."""
        return self.stage.people[key]

    def opened(self, *, wait: float = 20, wish: Due | None = None, **how: Any) -> Person:
        """Log it; some working minutes later the first tier takes it and answers."""
        self.log(wish=wish, **how)
        self.wait(wait, self.holder)
        who = self.worker(self.holder)
        self.accept(who)
        self.reply(who, self.story.reply)
        return who

    def up(self, note: str | None, *, step: int = 1, accepted: float | None = 15) -> Person:
        """Hand it to a step of the path, which takes it some working minutes later."""
        who, to = self.worker(self.holder), self.path[step]
        self.hand_off(who, to.key, note or self.story.note, reason="skill")
        if accepted is not None:
            self.wait(accepted, to)
            self.accept()
        return self.worker(to)

    def out(self, *, accepted: float | None = 20, ticket: str = "", **more: Any) -> Person:
        """Hand it to the partner company, which accepts some working minutes later."""
        who, to = self.worker(self.holder), self.path[-1]
        self.hand_off(who, to.key, self.story.partner or self.story.note, reason="vendor", **more)
        if accepted is not None:
            self.wait(accepted, to)
            self.accept()
            if ticket:
                self.ticket(ticket)
        return self.worker(to)

    def give(self, to: str, note: str | None, *, by: str, reason: str, **more: Any) -> None:
        """Hand it to a group or partner, on its page."""
        self.do(commands.hand_off, to, by=by, note=note or self.story.note, reason=reason, **more)


def _blurred(rng: Random, days: float) -> float:
    return rng.uniform(-BLUR, BLUR) if days >= 1 else 0


Play = Callable[[Case], Script | None]


@dataclass(frozen=True)
class Featured:
    """A case that the demo always has."""

    name: str
    story: str
    days: float
    hours: float
    minutes: float  # by the wall clock, whether anybody works or not
    requester: str | None
    workers: Sequence[str]
    words: dict[str, str]
    how: Play
    before_meeting: float = 0  # working days before last month's meetings; 0: before now
    clock: str = ""  # the time of a weekday that is worked, so many days ago

    def logged_at(self, stage: Stage) -> datetime:
        """Give when it was logged."""
        if self.before_meeting:
            return stage.ago(days=self.before_meeting, before=stage.meeting)
        if self.minutes:
            return soon(stage.now, -self.minutes)
        if self.clock:
            return stage.at(round(self.days), self.clock)
        blur = _blurred(Random(self.name), self.days)  # noqa: S311
        return stage.ago(days=self.days, hours=self.hours + blur)

    def play(self, stage: Stage) -> Case:
        """Tell it."""
        story = stories()[self.story].told(stage.rng, self.words)
        people = stage.people
        who = people[self.requester] if self.requester else None
        who = who or stage.requester(story.language, story.departments)
        case = Case(stage, story, who, self.logged_at(stage))
        chosen = {people[key].id: people[key] for key in self.workers}
        for ref, members in stage.staff.items():
            for member in members:
                if member.id in chosen:
                    case.workers[ref] = member
        stage.told[self.name] = case
        case.follow(self.how(case))
        return case


def featured(
    into: list[Featured],
    story: str,
    *,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    before_meeting: float = 0,
    by: str | None = None,
    with_: str = "",
    clock: str = "",
    **words: str,
) -> Callable[[Play], Play]:
    """Add a case: how long ago it was logged, by whom, and who works on it."""

    def keep(how: Play) -> Play:
        chosen = (by, with_.split(), words)
        when = (days, hours, minutes)
        into.append(Featured(how.__name__, story, *when, *chosen, how, before_meeting, clock))
        return how

    return keep
