"""A comparison as files and as text: figures, verdicts, and clock by clock what differs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from servicedesk.incidents.models import label
from servicedesk.reports.contents import dumps, figure_json
from servicedesk.setup.directory import Directory
from servicedesk.times import iso
from servicedesk.whatif.comparing import COMPARED, Comparison, Pair
from servicedesk.whatif.differences import TURNS, Difference, Side

SIDES = ("state", "priority", "target_seconds", "due_at", "counted_seconds", "breached_at",
         "counts", "net_state")  # fmt: skip
COLUMNS = (
    "number", "service", "kind", "party", "handoff", "change",
    *(f"{name}_{way}" for name in SIDES for way in ("before", "after")),
)  # fmt: skip


def to_csv(differences: Iterable[Difference], setup: Directory) -> str:
    """Write what differs: a line a clock, the columns in a fixed order."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_record(each, setup) for each in differences)
    return out.getvalue()


def _record(each: Difference, setup: Directory) -> dict[str, Any]:
    sides = {"before": _side(each.before), "after": _side(each.after)}
    return {
        "number": label(each.number),
        "service": setup.services[each.service].key,
        "kind": each.kind,
        "party": setup.party(each.party).key if each.party else "",
        "handoff": each.handoff or "",
        "change": each.change,
        **{f"{name}_{way}": side[name] for way, side in sides.items() for name in SIDES},
    }


def _side(side: Side | None) -> dict[str, Any]:
    if side is None:
        return dict.fromkeys(SIDES, "")
    return {
        "state": side.state,
        "priority": side.priority,
        "target_seconds": "" if side.target is None else side.target,
        "due_at": iso(side.due) or "",
        "counted_seconds": "" if side.counted is None else side.counted,
        "breached_at": iso(side.breached_at) or "",
        "counts": int(side.counts),
        "net_state": side.net,
    }


def to_json(found: Comparison) -> str:
    """Write a comparison's figures and counts; the same knowledge gives the same bytes."""
    question, counts = found.question, found.counts
    return dumps(
        {
            "period": question.period.name,
            "scope": question.scope.name,
            "zone": question.period.zone,
            "judged_at": iso(question.at),
            "cutoff": iso(question.known.at),
            "cutoff_event": question.known.event,
            "incidents": found.incidents,
            "figures": {id: _figure(found.pairs[id]) for id in COMPARED},
            "verdicts": {turn: counts[turn] for turn in TURNS},
            "clocks": len(found.differences),
        }
    )


def _figure(pair: Pair) -> dict[str, Any]:
    both = {"before": pair.before, "after": pair.after}
    said = {way: figure_json(pair.figure, result) for way, result in both.items()}
    for way, missed in zip(both, pair.missed or (), strict=False):
        said[way]["missed"] = missed
    return said | ({"net": _figure(pair.net)} if pair.net else {})
