"""Lines of incidents as they are shown, without texts that the reader may not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from servicedesk.board import words
from servicedesk.board.queries import Line
from servicedesk.incidents import attention, listing
from servicedesk.incidents.chips import Chip
from servicedesk.incidents.models import NO_DATE
from servicedesk.incidents.queries import Reader


@dataclass(frozen=True)
class Shown:
    """A line of a list: as the workbench has it, but without texts that may not be read."""

    row: listing.Row
    number: int
    seen: bool
    next: str
    why: Sequence[str] = ()
    chip: Chip | None = None  # the date that is in doubt


def shown(lines: Sequence[Line], reader: Reader, back: Mapping[str, str]) -> list[Shown]:
    """Make lines ready for a template; `back` is what leads from an incident back to its list."""
    rows = listing.rows([line.incident for line in lines], reader, back)
    return [
        Shown(
            row if line.seen else _masked(row),
            line.incident.number,
            line.seen,
            words.next_action(line.waits),
            [words.doubt(mark) for mark in line.marks],
            _ahead(row, attention.week_end(reader), reader.now) if line.marks else None,
        )
        for row, line in zip(rows, lines, strict=True)
    ]


def _masked(row: listing.Row) -> listing.Row:
    """§9: keep number and figures of a confidential one, and no text or name."""
    hidden = str(_("Confidential"))
    holder = row.holder
    if holder.kind == "requester":
        holder = replace(holder, name=_("Requester"))
    return replace(
        row, title=hidden, url="", preview_url="", requester="", service="", assignee=None,
        tags=[], holder=holder,
    )  # fmt: skip


def _ahead(row: listing.Row, end: datetime, now: datetime) -> Chip | None:
    """Choose the next date of the week that is still to be kept."""
    ahead = [
        chip
        for chip in (row.requested, row.promised, row.target)
        if chip.at and now < chip.at <= end
    ]
    return min(ahead, key=lambda chip: chip.at or NO_DATE, default=None)
