"""Draws an explained clock on the life line: a lane of its own, or a picture of it alone."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents import lifeline
from servicedesk.incidents.explained.words import exactly
from servicedesk.incidents.picture import Painter
from servicedesk.incidents.why import Kind, Section, Stretch, Why
from servicedesk.incidents.why.parts import Doing, sums
from servicedesk.setup.directory import Directory

TRACTS: dict[Kind, lifeline.TractKind] = {
    Kind.OUTSIDE: "outside",
    Kind.PAUSED: "paused",
    Kind.STOPPED: "stopped",
    Kind.EXCLUDED: "excluded",
    Kind.UNDATED: "outside",
    Kind.AHEAD: "ahead",
    Kind.LATE: "over",
}


def track(why: Why, name: str, note: str, directory: Directory) -> lifeline.Track:
    """C15: give a clock's lane: what counted, what did not, and its target."""
    calendar = directory.calendars[why.state.calendar] if why.state.calendar else None
    return lifeline.Track(
        name,
        note,
        tuple(_section(section, name) for section in why.sections if section.stretches),
        _goal(why, name),
        calendar.windows if calendar else None,
    )


def alone(painter: Painter, why: Why, chosen: lifeline.Track) -> lifeline.Picture:
    """Draw a clock without anything else of its incident: no holder, no other date."""
    line = painter.line()
    begin, end = why.start, max(why.end, why.start)
    return painter.drawn(
        replace(
            line,
            title=_("How the clock went"),
            start=begin,
            now=end,
            ended=end if why.state.stopped_at else None,
            working=chosen.windows or painter.desk.windows,
            edge_label=painter.at_edge(end),
            lanes=(),
            bars=(),
            hand_offs=(),
            dots=(),
            rail=(),
            marks=(),
            track=chosen,
        )
    )


def _section(section: Section, name: str) -> lifeline.Section:
    tracts = [lifeline.Tract(s.start, s.end, _kind(s)) for s in section.stretches]
    return lifeline.Section(section.start, section.end, _sentence(section, name), tuple(tracts))


def _kind(stretch: Stretch) -> lifeline.TractKind:
    if stretch.net_kind in TRACTS:
        return TRACTS[stretch.net_kind]
    return "over" if stretch.over else "counted"


def _sentence(section: Section, name: str) -> str:
    found = sums(section.stretches)
    said = {
        "name": name,
        "start": formats.moment(section.start),
        "end": formats.moment(section.end),
        "time": exactly(found.get(Kind.COUNTED, 0)),
    }
    if section.doing == Doing.PAUSED:
        return str(_("%(name)s: paused from %(start)s to %(end)s.", **said))
    if section.doing == Doing.STOPPED:
        return str(_("%(name)s: stopped from %(start)s to %(end)s.", **said))
    if section.date is not None or section.calendar is None:
        return str(_("%(name)s: from %(start)s to %(end)s.", **said))
    return str(_("%(name)s: %(time)s counted from %(start)s to %(end)s.", **said))


def _goal(why: Why, name: str) -> lifeline.Goal | None:
    at = why.state.breached_at or why.state.due_at
    if at is None:
        return None
    breached = why.state.breached_at is not None
    said = {"name": name, "at": formats.moment(at)}
    if breached:
        return lifeline.Goal(at, True, _("%(name)s: late from %(at)s.", **said))
    return lifeline.Goal(at, False, _("%(name)s: due %(at)s.", **said))
