"""Says why a clock stands as it does, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk import formats
from servicedesk.incidents.clocks import CUSTOMER, Name
from servicedesk.incidents.episodes import DateEntry
from servicedesk.incidents.story import REQUESTER
from servicedesk.incidents.telling import Teller, clock_name, hold_reason
from servicedesk.incidents.why.parts import Basis, Doing, Kind, Section, Step, Stretch, What
from servicedesk.sla.why import Reason

HOUR = formats.HOUR
DATES = ("requested", "promised")
DATED = (
    What.DATED,
    What.PROPOSED,
    What.CONFIRMED,
    What.DECLINED,
    What.ACCEPTED,
    What.UNDATED,
)


class Eye(StrEnum):
    """As what somebody reads it."""

    DESK = "desk"
    REQUESTER = "requester"  # what is public
    PARTNER = "partner"  # nothing but what it had itself


def exactly(seconds: int) -> str:
    """Write a length of time to the second, never in days: `8 h 20`, `2 min 05 s`."""
    hours, rest = divmod(seconds, HOUR)
    minutes, left = divmod(rest, 60)
    if left and seconds < 60:
        return str(_("%(n)d s", n=left))
    if left:
        said = {"h": hours, "m": minutes, "s": left}
        short = _("%(m)d min %(s)02d s", **said)
        return str(_("%(h)d h %(m)02d min %(s)02d s", **said) if hours else short)
    if hours and minutes:
        return str(_("%(h)d h %(m)02d", h=hours, m=minutes))
    return str(_("%(n)d h", n=hours) if hours else _("%(n)d min", n=minutes))


def name_of(name: Name, party: str | None) -> str:
    """Name a clock or date in full."""
    dates = {"requested": _("Requested date"), "promised": _("Promised date")}
    return dates.get(name[0]) or clock_name(name[0], party)


def kind_word(kind: Kind) -> str:
    """Name what a stretch is."""
    words: dict[Kind, str] = {
        Kind.COUNTED: _("counted"),
        Kind.OUTSIDE: _("outside working hours"),
        Kind.PAUSED: _("paused"),
        Kind.STOPPED: _("stopped"),
        Kind.EXCLUDED: _("excluded"),
        Kind.AHEAD: _("up to the date"),
        Kind.LATE: _("past the date"),
        Kind.UNDATED: _("without a date"),
    }
    return words[kind]


def reason_word(reason: Reason) -> str:
    """Name why time is outside working hours."""
    words: dict[Reason, str] = {
        Reason.NIGHT: _("after hours"),
        Reason.BREAK: _("between working hours"),
        Reason.WEEKEND: _("weekend"),
        Reason.HOLIDAY: _("public holiday"),
        Reason.DAY_OFF: _("company day off"),
    }
    return words[reason]


def stretch_word(stretch: Stretch) -> str:
    """Say what a stretch is, and why."""
    if stretch.reason:
        return reason_word(stretch.reason)
    if stretch.net_kind == Kind.EXCLUDED:
        return str(_("counted, but excluded"))
    if stretch.over and stretch.kind == Kind.COUNTED:
        return str(_("counted, over the target"))
    return kind_word(stretch.kind)


@dataclass(frozen=True)
class Narrator:
    """Says the steps of one clock."""

    teller: Teller
    name: Name
    eye: Eye

    def event(self, step: Step) -> str:
        """Say what happened, as far as the reader may know."""
        event = step.event
        if event is None or self.eye == Eye.PARTNER or step.what == What.MOVED:
            return ""
        told = self.teller.tell(event)
        if told:
            return told.text if told.public or self.eye == Eye.DESK else ""
        if event.kind == "comment.added" and self.eye == Eye.DESK:
            return str(_("%(who)s replied", who=self.teller.actor(event)))
        return ""

    def effect(self, step: Step, section: Section) -> str:
        """Say what it did to the clock."""
        if step.what in (What.STARTED, What.RETARGETED, What.APPLIED):
            return self._targeted(step)
        if step.what in DATED:
            return self._dated(step)
        if step.what == What.RAN_ON:
            return self._ran_on(step)
        if step.what == What.STOPPED:
            return self._stopped()
        if step.what == What.PAUSED:
            return self._paused(step)
        return self._went_on(step, section)

    # targets

    def _targeted(self, step: Step) -> str:
        if step.basis is None:
            return str(_("From here on a date can be asked for or promised."))
        source, target = self._source(step.basis), self._target(step.basis)
        if step.what == What.STARTED:
            return str(
                _("The clock starts: %(target)s, by %(source)s.", target=target, source=source)
            )
        if step.what == What.APPLIED:
            said = _("%(source)s was applied to it: %(target)s.", source=source, target=target)
            return str(said[:1].upper() + said[1:])
        stays = _("%(target)s from here on, by %(source)s; what was counted stays.")
        said = stays % {"target": target, "source": source}
        return str(said[:1].upper() + said[1:])

    def _source(self, basis: Basis) -> str:
        """C8: say which version of which agreement."""
        said = {"name": self._agreement(basis), "n": basis.version}
        if self.eye == Eye.PARTNER:
            return str(_("your contract, version %(n)d", **said))
        if self.eye == Eye.REQUESTER:
            return str(_("the agreement for this service"))
        if self.name[1] is None:
            return str(_("agreement “%(name)s”, version %(n)d", **said))
        if self.teller.setup.party(self.name[1]).is_partner:
            return str(_("the contract of %(name)s, version %(n)d", **said))
        return str(_("the targets of %(name)s, version %(n)d", **said))

    def _agreement(self, basis: Basis) -> str:
        return self.teller.party(self.name[1]) if self.name[1] else basis.agreement

    def _target(self, basis: Basis) -> str:
        """C1: say how long, and for which priority; days with what they came to."""
        said = {"p": basis.priority, "time": exactly(basis.seconds or 0)}
        if self.eye == Eye.REQUESTER:
            return str(_("target %(time)s", **said) if basis.seconds else _("no target"))
        if basis.seconds is None:
            return str(_("no target for %(p)s", **said))
        if basis.target and basis.target.days:
            said["days"] = ngettext(
                "%(num)d working day", "%(num)d working days", basis.target.days
            )
            return str(_("target %(days)s for %(p)s, which is %(time)s", **said))
        return str(_("target %(time)s for %(p)s", **said))

    # what happens to it

    def _paused(self, step: Step) -> str:
        if self.name[0] == "answer":
            return str(_("It rests while the work is with somebody else."))
        if step.hold is None or self.eye != Eye.DESK:
            return str(_("The clock pauses."))
        reason = hold_reason(step.hold)
        return str(_("The clock pauses: the agreement names “%(reason)s”.", reason=reason))

    def _ran_on(self, step: Step) -> str:
        if self.name[0] == "response":
            return str(_("It runs on: nothing pauses the clock of the first answer."))
        if step.hold:
            reason = hold_reason(step.hold)
            return str(_("It runs on: the agreement does not name “%(reason)s”.", reason=reason))
        if step.party is None or step.party == REQUESTER:
            return str(_("It runs on."))
        return str(_("It runs on while %(name)s has it.", name=self.teller.party(step.party)))

    def _stopped(self) -> str:
        words: dict[str, str] = {
            "response": _("The clock stops: that is the first answer."),
            "acceptance": _("The clock stops: accepted, or ended."),
            "answer": _("The clock stops: the hand-off has ended."),
        }
        if self.name[0] == "holding":
            if self.eye == Eye.PARTNER:
                return str(_("The clock stops: you no longer have it."))
            name = self.teller.party(self.name[1] or "")
            return str(_("The clock stops: %(name)s no longer has it.", name=name))
        if self.name[0] in DATES:
            return str(_("It is judged here."))
        return words.get(self.name[0]) or str(_("The clock stops."))

    def _went_on(self, step: Step, section: Section) -> str:
        match step.what:
            case What.ENDED:
                return str(_("It ends without a verdict; what was late before stays so."))
            case What.CALENDAR if self.eye == Eye.REQUESTER:
                return str(_("Other working hours are in force from here on."))
            case What.CALENDAR:
                said = {"n": step.number, "name": section.calendar}
                force = _("Version %(n)d of calendar “%(name)s” is in force from here on.", **said)
                return str(force)
            case What.MOVED:
                return self._moved(step, section)
            case What.REOPENED if self.name[0] in DATES:
                return str(_("It is judged anew at the next resolution."))
            case What.REOPENED | What.RETURNED:
                return str(_("The clock goes on; what lay between does not count."))
        return self._resumed(section)

    def _moved(self, step: Step, section: Section) -> str:
        clocks = step.event.data["clocks"] if step.event else ()
        own = (c for c in clocks if (c["kind"], c.get("party"), c.get("handoff")) == self.name)
        moved: Mapping[str, Any] = next(own, {})
        said = {
            "n": step.number,
            "name": section.calendar,
            "to": self.teller.moment(moved.get("to")),
            "before": self.teller.moment(moved.get("from")),
        }
        return str(
            _(
                "Version %(n)d of calendar “%(name)s” was published:"
                " due %(to)s, no longer %(before)s.",
                **said,
            )
        )

    def _resumed(self, section: Section) -> str:
        if section.target is None:
            return str(_("The clock goes on."))
        left = section.target - section.before
        if left < 0:
            return str(_("The clock goes on, %(time)s over.", time=exactly(-left)))
        return str(_("The clock goes on with %(time)s left.", time=exactly(left)))

    # dates

    def _dated(self, step: Step) -> str:
        said = {"date": self.date(step.date)}
        words: dict[What, str] = {
            What.DATED: _("From here on %(date)s counts.", **said),
            What.PROPOSED: _("Noted: %(date)s. It counts once the requester confirms it.", **said),
            What.CONFIRMED: _("Confirmed: from here on %(date)s counts.", **said),
            What.DECLINED: _("Declined: %(date)s.", **said),
            What.ACCEPTED: _("Accepted: %(date)s.", **said),
            What.UNDATED: _("Taken back: from here on no date counts."),
        }
        return words[step.what]

    def date(self, entry: DateEntry | None) -> str:
        """D1: write a wish or promise: a day, or an instant."""
        if entry is None:
            return "–"
        zone = self.teller.setup.zone
        return _dated_day(entry.day, zone) if entry.day else formats.moment(entry.due)


def _dated_day(day: date, zone: str) -> str:
    return str(_("%(day)s, up to its end", day=formats.day(day, zone)))


def doing_word(section: Section, name: Name) -> str:
    """Say what a clock does in a section, as a heading."""
    if name[0] in DATES:
        if section.doing == Doing.STOPPED:
            return str(_("Ended"))
        return str(_("With a date") if section.date else _("Without a date"))
    words: Mapping[Doing, str] = {
        Doing.RUNS: _("Runs"),
        Doing.PAUSED: _("Paused"),
        Doing.STOPPED: _("Stopped"),
    }
    return words[section.doing]


def may_be_read(name: Name, eye: Eye) -> bool:
    """§9: say whether a clock is for a reader; of a partner's its company is asked besides."""
    if eye == Eye.REQUESTER:
        return name[0] in (*CUSTOMER, *DATES)
    return eye == Eye.DESK or name[1] is not None
