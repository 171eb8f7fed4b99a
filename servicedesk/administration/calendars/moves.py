"""Open deadlines that a calendar's new version would move, as lines of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from flask_babel import gettext as _

from servicedesk.incidents.models import label
from servicedesk.incidents.preview import Moved
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory
from servicedesk.times import iso

SHOWN = 100


def clock(moved: Moved, setup: Directory) -> str:
    """Name a clock, and whose it is."""
    party = setup.parties.get(moved.party or "")
    return clock_name(moved.kind, party.name if party else None)


def state(name: str) -> str:
    """Name a clock's verdict."""
    names: dict[str, str] = {
        "running": _("running"),
        "paused": _("paused"),
        "met": _("met"),
        "breached": _("breached"),
        "cancelled": _("cancelled"),
    }
    return names.get(name, "–")


def as_csv(moved: Sequence[Moved], setup: Directory) -> str:
    """Write all of them, instants in UTC."""
    out = io.StringIO(newline="")
    out.write("\ufeff")  # the mark by which spreadsheets know UTF-8
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ("number", "clock", "party", "hand_off", "due_before", "due_after", "before", "after")
    )
    for one in moved:
        party = setup.parties.get(one.party or "")
        whose = (one.kind, party.key if party else "", one.handoff or "")
        dues = (iso(one.due_before) or "", iso(one.due_after) or "")
        writer.writerow((label(one.number), *whose, *dues, one.state_before, one.state_after))
    return out.getvalue()
