"""A trial of rules as files: JSON with what it adds up to, CSV with each firing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from servicedesk.incidents.models import label
from servicedesk.reports.contents import dumps
from servicedesk.rulebook.tally import Count, Mark, Trial, Way, Would
from servicedesk.rulebook.trying import Fired
from servicedesk.times import iso

COLUMNS = ("rules", "number", "policy", "step", "cycle", "round", "due_at", "fired_at", "told")
TRIED, NOW = "tried", "now"

People = Mapping[int, tuple[str, str]]


def rows(fired: Iterable[Fired], people: People) -> Iterator[str]:
    """Write each firing, of the rules that are tried and of those of now, line by line."""
    yield _line(COLUMNS)
    for it in fired:
        for way, some in ((TRIED, it.after), (NOW, it.before)):
            for one in some:
                yield _line(_cells(way, one, people))


def _cells(way: str, it: Would, people: People) -> tuple[Any, ...]:
    told = " ".join(people[id][0] for id in it.told if id in people)
    times = iso(it.due), iso(it.at)
    return way, label(it.number), it.policy, it.step, it.cycle, it.round, *times, told


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def to_json(trial: Trial) -> str:
    """Write what a trial adds up to; people by their keys."""
    return dumps(
        {
            "from": iso(trial.start),
            "until": iso(trial.end),
            "zone": trial.zone,
            "policy": trial.policy or None,
            "incidents": trial.incidents,
            TRIED: _way(trial.after, trial),
            NOW: _way(trial.before, trial),
            "same": trial.same,
            "new": trial.new,
            "gone": trial.gone,
            "really": {"firings": sum(trial.really.values()), "days": _days(trial.really)},
            "marks": [_mark(it, trial) for it in trial.marks],
        }
    )


def _way(way: Way, trial: Trial) -> dict[str, Any]:
    worst = way.worst()
    return {
        "firings": way.firings,
        "messages": way.messages,
        "days": _days(way.days),
        "rules": [
            {"policy": rule[0], "step": rule[1], **_count(way.count(rule), trial)}
            for rule in way.rules
        ],
        "people": [
            {
                "person": _key(id, trial),
                "messages": way.people[id],
                "most_a_day": worst[id][0],
                "on": worst[id][1].isoformat(),
            }
            for id in trial.people
            if id in way.people
        ],
    }


def _count(count: Count, trial: Trial) -> dict[str, Any]:
    return {
        "firings": count.firings,
        "incidents": count.incidents,
        "messages": count.messages,
        "told_nobody": count.unheard,
        "examples": [
            {
                "number": label(it.number),
                "due_at": iso(it.due),
                "fired_at": iso(it.at),
                "told": [_key(id, trial) for id in it.told],
            }
            for it in count.examples
        ],
    }


def _mark(it: Mark, trial: Trial) -> dict[str, Any]:
    said = {
        "kind": it.kind,
        "policy": it.rule[0] if it.rule else None,
        "step": it.rule[1] if it.rule else None,
        "person": _key(it.person, trial) if it.person else None,
        "count": it.count or None,
        "of": it.of or None,
        "day": it.day.isoformat() if it.day else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _key(person: int, trial: Trial) -> str:
    return trial.names.get(person, ("", ""))[0]


def _days(days: Mapping[Any, int]) -> dict[str, int]:
    return {day.isoformat(): days[day] for day in sorted(days) if days[day]}
