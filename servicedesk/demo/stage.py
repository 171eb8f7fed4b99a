"""Where the demo's incidents happen: its people, its calendars, its now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk import times
from servicedesk.incidents.acts import Due
from servicedesk.people.models import Group, Partner, Person
from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.calendar import Calendar

LOOK_BACK = timedelta(days=200)
FRIDAY = 4


@dataclass
class Stage:
    """The company at one instant, which is the end of its history."""

    session: Session
    setup: Directory
    now: datetime
    rng: Random
    told: dict[str, Any] = field(default_factory=dict)  # the chosen cases so far, by name

    @property
    def today(self) -> date:
        """Give the local day of now."""
        return times.local_day(self.now, self.setup.zone)

    def party(self, key: str) -> Party:
        """Look a group or partner up by key."""
        return self.setup.by_key[key]

    @cached_property
    def people(self) -> dict[str, Person]:
        """Give everybody by key."""
        return {person.key: person for person in self.session.scalars(sa.select(Person))}

    @cached_property
    def staff(self) -> dict[str, list[Person]]:
        """Give the members of each group and partner, by its ref."""
        groups = self.session.scalars(sa.select(Group).options(selectinload(Group.members)))
        partners = self.session.scalars(sa.select(Partner).options(selectinload(Partner.members)))
        found = {f"group:{group.id}": list(group.members) for group in groups}
        return found | {f"partner:{partner.id}": list(partner.members) for partner in partners}

    @cached_property
    def employees(self) -> list[Person]:
        """Give everybody who only reports, in the order of keys."""
        everybody = sorted(self.people.values(), key=lambda person: person.key)
        return [person for person in everybody if person.roles == ["employee"]]

    def requester(
        self, language: str, departments: Sequence[str] = (), unlike: Person | None = None
    ) -> Person:
        """Choose who reports something in a language."""
        able = [p for p in self.employees if p.language == language and p is not unlike]
        near = [p for p in able if not departments or p.department in departments]
        return self.rng.choice(near or able)

    # Time

    def calendar(self, ref: str | None = None) -> Calendar:
        """Give the calendar of a party; without one the desk's."""
        if ref is None:
            ref = self.party("desk").ref
        return self.setup.calendar_of(ref, self.now)

    def ago(self, *, days: float = 0, hours: float = 0, before: datetime | None = None) -> datetime:
        """Give an instant some working days (of eight hours) and hours before now, or another."""
        left = round((days * 8 + hours) * 3600)
        then = before or self.now
        for start, end in reversed(self.calendar().windows(then - LOOK_BACK, then)):
            length = round((end - start).total_seconds())
            if left <= length:
                return end - timedelta(seconds=max(left, 60))
            left -= length
        raise ValueError("that is before the history")

    @cached_property
    def meeting(self) -> datetime:
        """Give when last month's meetings were: in its fourth week, on a weekday at 10:30."""
        day = (self.today.replace(day=1) - timedelta(days=1)).replace(day=24)
        while day.weekday() > FRIDAY or not self.is_working(day):
            day -= timedelta(days=1)
        return times.midnight(day, self.setup.zone) + timedelta(hours=10, minutes=30)

    def ahead(self, *, hours: float) -> datetime:
        """Give an instant some working hours after now, on a quarter of an hour."""
        at = self.calendar().reach(self.now, round(hours * 3600))
        return at.replace(minute=at.minute // 15 * 15, second=0)

    def working_day(self, days: int) -> Due:
        """Give the day so many working days after today, or before it."""
        day, step = self.today, 1 if days > 0 else -1
        while days:
            day += timedelta(days=step)
            days -= step * self.is_working(day)
        return Due(day=day)

    def at(self, days: int, clock: str) -> datetime:
        """Give a time of the last weekday that is worked, so many working days ago or earlier."""
        hour, minute = map(int, clock.split(":"))
        while (day := self.working_day(-days).day or self.today).weekday() > FRIDAY:
            days += 1
        return times.midnight(day, self.setup.zone) + timedelta(hours=hour, minutes=minute)

    def is_working(self, day: date) -> bool:
        """Say whether the desk works some time of a local day."""
        start, end = times.midnight(day, self.setup.zone), times.end_of_day(day, self.setup.zone)
        return bool(self.calendar().windows(start, end))
