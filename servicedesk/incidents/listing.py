"""The rows and the views of the workbench, ready for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import Chip, Chips, day_length
from servicedesk.incidents.detail import Holder, holder
from servicedesk.incidents.models import Incident
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.setup.directory import REQUESTER


@dataclass(frozen=True)
class Row:
    """One incident in a list."""

    number: str
    title: str
    url: str
    preview_url: str
    state: str
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
        priority=incident.priority,
        requester=incident.requester.name,
        service=reader.setup.services[incident.service_id].name,
        requested=requested,
        promised=promised,
        target=target,
        holder=holder(reader.setup, incident) or Holder("none", "–", None, None),
        since=formats.moment(incident.held_since or incident.resolved_at),
        held=held_time(incident, reader),
        assignee=incident.assignee,
        tags=list(_tags(incident)),
    )


def _tags(incident: Incident) -> list[str]:
    tags = [(incident.confidential, _("Confidential")), (incident.reopened > 0, _("Reopened"))]
    return [str(words) for is_so, words in tags if is_so]


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
    }


def views(current: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Arrange the views with their counts for the left column."""
    groups = (
        (_("Work"), ("next", "mine", "unassigned")),
        (_("Elsewhere"), ("handed-off", "partners", "requester")),
        (_("At risk"), ("soon", "overdue", "stagnant")),
        (_("Everything"), ("all", "done")),
    )
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
