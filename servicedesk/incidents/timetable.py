"""What comes to an incident by itself, and when, as its story and the set-up say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from servicedesk.incidents import lifecycle
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.story import APPROVAL, ASKED, REQUESTER, Hold
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar, NoWorkingTime

HOLD_ENDS = "hold-ends"
REMIND_REQUESTER, NO_ANSWER = "remind-requester", "no-answer"
REMIND_APPROVER, CLOSE = "remind-approver", "close"
RETURN_LAPSES = "return-lapses"
UPDATE_MISSED = "update-missed"

REMINDERS = 2  # without an answer to them it is resolved
APPROVER_REMINDERS = 5
DECIDE_WITHIN = 60 * 60  # working seconds that a lead has for a return (H5)
NEVER_WAITS = "P1"
REMIND_AFTER, CLOSE_AFTER = 3, 5  # working days, where the set-up says nothing


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that comes by itself."""

    at: datetime
    kind: str  # one of the above


def duties(work: Clockwork) -> list[Duty]:
    """§4: give what comes next by itself, of each kind, as things stand; the earliest first.

    What follows a reminder is known once it was sent. Imported rows have nothing to come, and
    where there is no working time nothing comes.
    """
    found = [*_of_hold(work), *_of_resolution(work), *_of_return(work), *_of_major(work)]
    return sorted(found, key=lambda duty: (duty.at, duty.kind))


def _of_hold(work: Clockwork) -> Iterator[Duty]:
    story, hold = work.story, work.story.hold
    if hold is None or hold.imported:
        return
    if hold.until:
        yield Duty(hold.until, HOLD_ENDS)
    if hold.reason == REQUESTER:
        asked_enough = len(hold.reminded) >= REMINDERS
        if not (asked_enough and story.unfinished):  # H6: it can't be resolved yet
            yield from _reminder(work, hold, NO_ANSWER if asked_enough else REMIND_REQUESTER)
    still_asked = hold.reason == APPROVAL and story.approval == ASKED
    if still_asked and len(hold.reminded) < APPROVER_REMINDERS:
        yield from _reminder(work, hold, REMIND_APPROVER)


def _reminder(work: Clockwork, hold: Hold, kind: str) -> Iterator[Duty]:
    calendar = work.directory.calendar_of(work.story.desk_group, hold.start)
    days = _said(work.directory, "remind_after", REMIND_AFTER)
    if at := _next_reminder(calendar, hold, days):
        yield Duty(at, kind)


def _next_reminder(calendar: Calendar, hold: Hold, days: int) -> datetime | None:
    """Give the end of each third working day, say; after a reminder that was late: from there."""
    done = len(hold.reminded)
    planned = working_days_after(calendar, hold.start, days * (done + 1))
    before = working_days_after(calendar, hold.start, days * done) if done else None
    if before and hold.reminded[-1] > before:
        return working_days_after(calendar, hold.reminded[-1], days)
    return planned


def _of_resolution(work: Clockwork) -> Iterator[Duty]:
    story = work.story
    if story.state != lifecycle.RESOLVED or story.resolved_at is None or story.ended_by_history:
        return
    calendar = work.directory.calendar_of(story.desk_group, story.resolved_at)
    days = _said(work.directory, "close_after", CLOSE_AFTER)
    if days:
        at = working_days_after(calendar, story.resolved_at, days)
    else:
        at = _midnight_after(story.resolved_at, work.directory.zone)
    if at:
        yield Duty(at, CLOSE)


def _of_return(work: Clockwork) -> Iterator[Duty]:
    """H5: what nobody has decided goes through by itself; what has become urgent, at once."""
    proposal = work.story.proposal
    if proposal is None or not work.story.is_open:
        return
    if work.story.priority == NEVER_WAITS:
        yield Duty(proposal.asked_at, RETURN_LAPSES)
        return
    calendar = work.directory.calendar_of(proposal.sender, proposal.asked_at)
    try:
        yield Duty(calendar.reach(proposal.asked_at, DECIDE_WITHIN), RETURN_LAPSES)
    except NoWorkingTime:
        yield Duty(proposal.asked_at + timedelta(seconds=DECIDE_WITHIN), RETURN_LAPSES)


def _of_major(work: Clockwork) -> Iterator[Duty]:
    """Those concerned by a major incident hear of it on a rhythm, round the clock."""
    major = work.story.major
    if major and major.update_due and work.story.is_open:
        yield Duty(major.update_due, UPDATE_MISSED)


def _said(setup: Directory, name: str, usual: int) -> int:
    return int(setup.more.get(name, usual))


def working_days_after(calendar: Calendar, start: datetime, days: int) -> datetime | None:
    """C1: give the end of working hours of the n-th working day after; None: there is none."""
    try:
        return calendar.reach(start, calendar.working_days(start, days))
    except NoWorkingTime:
        return None


def _midnight_after(at: datetime, zone: str) -> datetime:
    """Let a desk that closes at once leave its requester the rest of the day to object."""
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local + timedelta(days=1), time(), local.tzinfo).astimezone(UTC)
