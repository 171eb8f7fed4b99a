"""What the desk can answer to a wish: the earliest date with its reason, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import day_length
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.dates.earliest import Earliest, Part, Way, earliest
from servicedesk.incidents.meters import span
from servicedesk.incidents.models import Incident
from servicedesk.incidents.story import APPROVAL, REQUESTER, DateEntry
from servicedesk.incidents.telling import hold_reason
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Target
from servicedesk.times import local_day


@dataclass(frozen=True)
class Course:
    """One way that it may go: when it would end, and why, party by party."""

    title: str
    at: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """What the promise dialog offers."""

    wish: str = ""  # the date asked for, where agreeing with it is possible
    verdict: str = ""  # whether that date can be kept
    tone: str = "quiet"  # quiet, soon, late
    day: date | None = None  # the earliest that is safe
    date: str = ""
    waits: str = ""  # what it can't begin before
    target: str = ""  # how that compares with the customer's target
    courses: tuple[Course, ...] = ()
    reason: str = ""  # in the requester's language


def propose(work: Clockwork, incident: Incident, now: datetime) -> Proposal:
    """Say what can be promised of an incident as things stand."""
    found = earliest(work, now)
    return _Words(found, work, incident, now).proposal() if found else Proposal()


@dataclass(frozen=True)
class _Words:
    found: Earliest
    work: Clockwork
    incident: Incident
    now: datetime

    @property
    def setup(self) -> Directory:
        return self.work.directory

    def proposal(self) -> Proposal:
        whole = self.found.whole
        day = whole.day(self.setup.zone)
        verdict, tone = self._verdict()
        return Proposal(
            self._wish(),
            verdict,
            tone,
            day,
            formats.day(day, self.setup.zone),
            self._waits(),
            self._target(),
            tuple(self._courses()),
            self._reason(day) if day else "",
        )

    def _wish(self) -> str:
        """Write the date asked for, if it lies ahead and is not promised yet."""
        wish, promise = self.found.wish, self.work.story.current("promised")
        if wish is None or wish.due is None or wish.due <= self.now:
            return ""
        agreed = promise and promise.due == wish.due and promise.answer != "declined"
        return "" if agreed else self._date(wish)

    def _date(self, entry: DateEntry) -> str:
        if entry.day:
            return formats.day(entry.day, self.setup.zone)
        return formats.moment(entry.due)

    def _verdict(self) -> tuple[str, str]:
        """Say whether the wish can be kept, as far as targets say."""
        here, whole, wish = self.found.here, self.found.whole, self.found.wish
        if whole.at is None:
            return self._no_date(), "soon"
        at = formats.moment(whole.at)
        if wish is None or wish.due is None:
            return str(_("Nothing was asked for. Earliest: %(at)s.", at=at)), "quiet"
        said = {"wish": self._date(wish), "at": at, "here": formats.moment(here.at)}
        if wish.due <= self.now:
            return str(_("The wish (%(wish)s) has passed. Earliest: %(at)s.", **said)), "late"
        if whole.keeps(wish):
            return str(_("The wish (%(wish)s) can be kept: earliest %(at)s.", **said)), "quiet"
        if here.keeps(wish):
            sentence = _(
                "The wish (%(wish)s) can be kept if it is solved where it is (%(here)s), "
                "not if it has to go to the end of the path (%(at)s).",
                **said,
            )
            return str(sentence), "soon"
        sentence = _("By the targets the wish (%(wish)s) can't be kept: earliest %(at)s.", **said)
        return str(sentence), "late"

    def _no_date(self) -> str:
        closed = self.found.whole.closed
        if closed:
            name = self.setup.party(closed).name
            sentence = _("%(name)s has no working time: there is no earliest date.", name=name)
        else:
            sentence = _("Nobody on the way has a target: there is no earliest date.")
        return str(sentence)

    def _waits(self) -> str:
        hold = self.found.waits
        if hold is None:
            return ""
        if hold.reason == REQUESTER:
            sentence = _("It can't begin before the requester has answered; counted from now.")
        elif hold.reason == APPROVAL:
            sentence = _("It can't begin before it is approved; counted from now.")
        elif hold.until:
            said = {"reason": hold_reason(hold.reason), "at": formats.moment(hold.until)}
            sentence = _("On hold (%(reason)s): it goes on %(at)s.", **said)
        else:
            sentence = _("On hold: %(reason)s", reason=hold_reason(hold.reason))
        return str(sentence)

    def _target(self) -> str:
        inside, at = self.found.in_target, formats.moment(self.found.target)
        if inside is None:
            return ""
        if inside:
            return str(_("That is within the target for solving it (%(at)s).", at=at))
        return str(_("That is after the target for solving it (%(at)s).", at=at))

    def _courses(self) -> Iterator[Course]:
        here, whole = self.found.here, self.found.whole
        if len(whole.parts) == 1:
            yield self._course(str(_("It is at the end of its path")), whole)
            return
        yield self._course(str(_("If it is solved where it is")), here)
        yield self._course(str(_("If it has to go to the end of the path")), whole)

    def _course(self, title: str, way: Way) -> Course:
        lines = tuple(self._line(part, n == 0) for n, part in enumerate(way.parts))
        return Course(title, formats.moment(way.at) or str(_("no date")), lines)

    def _line(self, part: Part, present: bool) -> str:
        """Say of a party what it takes: `Service desk: 3 h 20 left of 8 h, until Thu 15:20`."""
        party = self.setup.party(part.leg.party)
        if part.target is None:
            return str(_("%(name)s: no target, so it says nothing", name=party.name))
        said = {"name": party.name, "whole": self._span(part, part.target)}
        if part.closed:
            return str(_("%(name)s: %(whole)s, but no working time for it", **said))
        said["until"] = formats.moment(part.leg.end)
        if present:
            return self._left(part, said)
        if party.is_partner:
            return str(_("%(name)s: %(whole)s by contract, until %(until)s", **said))
        return str(_("%(name)s: %(whole)s by its target, until %(until)s", **said))

    def _left(self, part: Part, said: dict[str, str]) -> str:
        left = part.left or 0
        said["left"] = formats.left(left, self._length(part))
        if left > 0:
            return str(_("%(name)s: %(left)s left of %(whole)s, until %(until)s", **said))
        if left > -formats.MINUTE:
            return str(_("%(name)s: nothing left of %(whole)s", **said))
        return str(_("%(name)s: nothing left of %(whole)s, %(left)s over", **said))

    def _span(self, part: Part, target: Target) -> str:
        """Write a target as it was set."""
        if target.days:
            return str(_("%(n)d d", n=target.days))
        return span(60 * (target.minutes or 0), self._length(part))

    def _length(self, part: Part) -> int:
        return day_length(self.setup.calendar_of(part.leg.party, part.leg.start))

    def _reason(self, day: date) -> str:
        """Say it to the requester: without the names and contracts of those behind the desk."""
        language = self.incident.requester.language or self.setup.language
        with force_locale(language) if language else nullcontext():
            said = {"date": formats.far(day, local_day(self.now, self.setup.zone))}
            if len(self.found.whole.parts) > 1:
                sentence = _(
                    "More than one team may have to work on this, one after the other. By their "
                    "working hours %(date)s is the earliest day that we can be sure of.",
                    **said,
                )
            else:
                sentence = _(
                    "By our working hours %(date)s is the earliest day that we can be sure of.",
                    **said,
                )
            answer = _("This counts from your answer to our question.")
            waits = self.found.waits and self.found.waits.reason == REQUESTER
            return f"{sentence} {answer}" if waits else str(sentence)
