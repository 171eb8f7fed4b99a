"""The rows and the views of the workbench, ready for its template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import formats
from servicedesk.incidents.chips import Chip, Chips, day_length
from servicedesk.incidents.dated import DATES, choices
from servicedesk.incidents.detail import Holder, holder, last_holder
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.incidents.queries import LISTS, SORTS, Filter, Reader
from servicedesk.incidents.spans import between
from servicedesk.people.models import Person
from servicedesk.setup.directory import REQUESTER, Party


@dataclass(frozen=True)
class Asked:
    """Which list an address asks for."""

    view: str
    sort: str
    narrowed: Filter

    def address(self, **changes: str) -> str:
        """Give the list's address, with changes; what becomes empty is left out."""
        said = self._said("view") | changes
        return url_for("incidents.workbench", **{n: text for n, text in said.items() if text})

    def everything(self) -> str:
        """Give the address of its view as a whole, in its order."""
        return replace(self, narrowed=Filter()).address()

    def back(self) -> dict[str, str]:
        """Give what leads from an incident back to this list."""
        return self._said("from")

    def export(self) -> str:
        """Give the address of the list as a file."""
        return url_for("incidents.export", **self._said("view"))

    @property
    def dates(self) -> tuple[str, ...]:
        """Give the dates by which it can be narrowed: what has ended has no next target."""
        return DATES[:2] if self.view == "done" else DATES

    @property
    def turned(self) -> str:
        """Give the order that is this one the other way round."""
        return turned(self.sort)

    def _said(self, view: str) -> dict[str, Any]:
        said = {view: self.view, **asdict(self.narrowed)}
        said["q"] = said.pop("text")
        said["sort"] = "" if self.sort == "next" else self.sort
        return {name: text for name, text in said.items() if text}


def turned(sort: str) -> str:
    """Give an order the other way round."""
    return sort[1:] if sort.startswith("-") else f"-{sort}"


def asked(args: Mapping[str, str], view: str, usual: str) -> Asked:
    """Read an address; what is not known counts as the usual."""
    return Asked(view if view in LISTS else usual, sorted_by(args), narrowed(args))


def sorted_by(args: Mapping[str, str], usual: str = "next") -> str:
    """Read how a list is sorted."""
    sort = args.get("sort", usual)
    return sort if sort in SORTS else usual


def narrowed(args: Mapping[str, str]) -> Filter:
    """Read what narrows a list; of dates only what makes sense."""
    names = ("service", "holder", "priority", "type", "only", "q")
    said = {name: args.get(name, "")[:200].replace("\0", "") for name in names}
    for date in DATES:
        when = args.get(date, "")
        said[date] = when if when in choices(date) else ""
        days = between(args.get(f"{date}_from", ""), args.get(f"{date}_to", ""))
        said[f"{date}_from"] = days.first.isoformat() if days.first else ""
        said[f"{date}_to"] = days.last.isoformat() if days.last else ""
    text = said.pop("q")
    return Filter(text=text, **said)


Choices = dict[str, list[tuple[str, str]]]  # (value, words) under headings


def holder_choices(reader: Reader, counts: Mapping[str, int], chosen: str) -> Choices:
    """Offer who holds something in the list, with how many, and who is chosen already."""
    found = dict(counts)
    if chosen and (party := reader.setup.by_key.get(chosen)):
        found.setdefault(party.ref, 0)
    requesters = found.pop(REQUESTER, None)
    offered = by_tier(reader.setup.parties[ref] for ref in found)
    choices = {
        tier: [(p.key, _counted(p, found, chosen)) for p in parties]
        for tier, parties in offered.items()
    }
    if requesters is not None:
        words = _("Requesters")
        choices[_("Others")] = [(REQUESTER, f"{words} · {requesters}")]
    return choices


def _counted(party: Party, counts: Mapping[str, int], chosen: str) -> str:
    """Name a party with its number; who is chosen has its number above the list."""
    return party.name if party.key == chosen else f"{party.name} · {counts[party.ref]}"


def by_tier(parties: Iterable[Party]) -> dict[str, list[Party]]:
    """Arrange parties under their tiers, partners last, each by name."""
    found: dict[str, list[Party]] = {}
    for party in sorted(parties, key=lambda p: (p.tier or 9, p.name)):
        words = _("Tier %(tier)s", tier=party.tier) if party.tier else _("Partners")
        found.setdefault(str(words), []).append(party)
    return found


@dataclass(frozen=True)
class Row:
    """One incident in a list."""

    number: str
    title: str
    url: str
    preview_url: str
    state: str
    ended: str  # when it was resolved or cancelled
    priority: str
    requester: str
    service: str
    requested: Chip
    promised: Chip
    target: Chip
    holder: Holder
    since: str
    held: str
    assignee: Person | None
    tags: Sequence[str]


def rows(incidents: Sequence[Incident], reader: Reader, back: Mapping[str, Any]) -> list[Row]:
    """Make the rows of a list; `back` is what leads from an incident back to this list."""
    chips = Chips(reader.setup, reader.now)
    return [_row(incident, reader, chips, back) for incident in incidents]


def _row(incident: Incident, reader: Reader, chips: Chips, back: Mapping[str, Any]) -> Row:
    requested, promised, target = chips.all(incident)
    return Row(
        number=incident.label,
        title=incident.title or str(_("Without title")),
        url=url_for("incidents.page", number=incident.number, **back),
        preview_url=url_for("incidents.preview", number=incident.number),
        state=incident.state,
        ended=formats.moment(incident.resolved_at or incident.cancelled_at),
        priority=incident.priority,
        requester=incident.requester.name,
        service=reader.setup.services[incident.service_id].name,
        requested=requested,
        promised=promised,
        target=target,
        holder=holder(reader.setup, incident) or last_holder(reader.setup, incident),
        since=formats.moment(incident.held_since),
        held=held_time(incident, reader),
        assignee=incident.assignee,
        tags=_tags(incident, reader),
    )


def _tags(incident: Incident, reader: Reader) -> list[str]:
    tags = [
        (incident.rush, _("Rush")),
        (incident.confidential, _("Confidential")),
        (incident.reopened > 0, _("Reopened")),
        (_is_away(incident, reader), _("Assignee is away")),
    ]
    return [str(words) for is_so, words in tags if is_so]


def _is_away(incident: Incident, reader: Reader) -> bool:
    """§3: an absent assignee's incidents show in the group's list."""
    if incident.state not in OPEN or incident.assignee is None:
        return False
    return not incident.assignee.active or incident.assignee.is_absent(reader.today)


def held_time(incident: Incident, reader: Reader) -> str:
    """Write for how long the holder has it: in its own working time."""
    if incident.holder is None or incident.held_since is None:
        return ""
    if incident.holder == REQUESTER:
        seconds = int((reader.now - incident.held_since).total_seconds())
        return formats.lasting(max(0, seconds))
    calendar = reader.setup.calendar_of(incident.holder, incident.held_since)
    return formats.left(calendar.counted(incident.held_since, reader.now), day_length(calendar))


def view_names() -> dict[str, tuple[str, str, str]]:
    """Name the views: words, icon and tone."""
    return {
        "next": (_("Next due"), "circle-dot", ""),
        "mine": (_("Mine"), "user", ""),
        "unassigned": (_("Unassigned"), "inbox", ""),
        "handed-off": (_("Awaiting answer"), "arrow-right-to-line", ""),
        "partners": (_("With partners"), "building-complex", ""),
        "requester": (_("Waiting for requester"), "circle-pause", ""),
        "soon": (_("Due soon"), "clock", "soon"),
        "overdue": (_("Overdue"), "triangle-alert", "late"),
        "stagnant": (_("Stagnant"), "hourglass", ""),
        "all": (_("All open"), "menu", ""),
        "done": (_("Resolved and closed"), "circle-check", ""),
        "long": (_("Long-running"), "hourglass", ""),
        "urgent": (_("Most urgent"), "star", ""),
        "at-risk": (_("Due soon or overdue"), "clock", "soon"),
        "doubtful": (_("Will probably be missed this week"), "triangle-alert", "soon"),
        "today": (_("Requested for today"), "flag", ""),
        "unaccepted": (_("Not accepted in time"), "arrow-right-to-line", ""),
        "sent": (_("Not accepted yet"), "arrow-right-to-line", ""),
        "bounced": (_("Came back lately"), "undo-2", ""),
        "returned": (pgettext("incidents", "Came back"), "undo-2", ""),
        "unanswered": (_("Not answered in time"), "arrow-right-to-line", "late"),
        "asked": (_("Questions to answer"), "circle-question-mark", "soon"),
        "to-decide": (_("Returns to decide on"), "scale", "soon"),
        "back": (pgettext("incidents", "Came back"), "undo-2", ""),
        "back-twice": (_("Came back twice or more"), "undo-2", ""),
        "waiting": (_("Waiting too long"), "hourglass", ""),
        "fresh": (_("Newly logged"), "circle-dashed", ""),
    }


def views(current: str, counts: Mapping[str, int], works: bool = True) -> list[dict[str, Any]]:
    """Arrange the views with their counts for the left column, for who works or looks on."""
    groups: list[tuple[str, tuple[str, ...]]] = [
        (_("Elsewhere"), ("handed-off", "partners", "requester")),
        (_("At risk"), ("soon", "overdue", "stagnant")),
    ]
    if works:
        groups.insert(0, (_("Work"), ("next", "mine", "unassigned")))
        groups.append((_("Everything"), ("all", "done")))
    else:
        groups.insert(0, (_("Everything"), ("all", "unassigned", "done")))
    names = view_names()
    return [
        {"title": title, "items": [_view(n, names[n], current, counts) for n in members]}
        for title, members in groups
    ]


def _view(
    name: str, words: tuple[str, str, str], current: str, counts: Mapping[str, int]
) -> dict[str, Any]:
    label, glyph, tone = words
    return {
        "label": label,
        "glyph": glyph,
        "tone": tone if counts.get(name) else "",
        "count": counts.get(name, ""),
        "current": name == current,
        "url": url_for("incidents.workbench", view=name),
    }
