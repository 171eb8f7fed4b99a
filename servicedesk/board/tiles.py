"""The four numbers of the board: each with its list, and against a week and a month ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.board import past, words
from servicedesk.board.queries import Held
from servicedesk.incidents import attention
from servicedesk.incidents.queries import Reader
from servicedesk.reports.queries import first_logged_at

Changes = Sequence[tuple[str, str, str]]  # by how much, against what, better or worse


@dataclass(frozen=True)
class Tile:
    """A number with its list, a part of it with its own, and how it changed."""

    label: str
    glyph: str
    value: int
    url: str
    changes: Changes = ()
    note: str = ""
    note_url: str = ""


def list_of(view: str, **narrowed: Any) -> str:
    """Give the address of a list of the workbench."""
    return url_for("incidents.workbench", view=view, **narrowed)


def tiles(session: Session, reader: Reader, now: Held) -> list[Tile]:
    """Make the strip; a desk that had nothing a week or a month ago is not compared with it."""
    changes = _changes(session, reader, now)
    overdue = [
        (by, _("overdue, %(against)s", against=against), direction)
        for by, against, direction in changes["overdue"]
    ]
    days = _("over %(n)s days", n=attention.LONG.days)
    late = _("%(n)s overdue", n=now.overdue)
    return [
        Tile(_("Open now"), "list", now.count, list_of("all"), changes["open"]),
        Tile(_("Long-running"), "hourglass", now.long, list_of("long"), changes["long"], days),
        Tile(_("Most urgent (P1)"), "star", now.urgent, list_of("urgent"), changes["urgent"]),
        Tile(
            _("Due soon or overdue"), "clock", now.soon + now.overdue, list_of("at-risk"),
            overdue, late, list_of("overdue"),
        ),
    ]  # fmt: skip


def _changes(session: Session, reader: Reader, now: Held) -> Mapping[str, Changes]:
    zone = reader.setup.zone
    against = {
        _("vs last week"): past.week_before(reader.now, zone),
        _("vs last month"): past.month_before(reader.now, zone),
    }
    first = first_logged_at(session)
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    known = {name: at for name, at in against.items() if first is not None and first <= at}
    if not known:
        return found
    numbers = past.numbers(session, reader.setup, *known.values())
    for name, then in zip(known, numbers, strict=True):
        for figure, by in _differences(now, then):
            found[figure].append((words.change(by), name, words.direction(by)))
    return found


def _differences(now: Held, then: past.Numbers) -> list[tuple[str, int]]:
    return [
        ("open", now.count - then.open),
        ("long", now.long - then.long),
        ("urgent", now.urgent - then.urgent),
        ("overdue", now.overdue - then.overdue),
    ]
