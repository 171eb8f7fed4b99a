"""What a list of people changes: worked out from who is there, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from servicedesk.people.register.roster import Entry, Problem, Roster
from servicedesk.people.sources import (
    FIELDS,
    LIST,
    SET_UP,
    USUAL_ROLES,
    Sources,
    Values,
    released,
    settle,
)


@dataclass(frozen=True, slots=True)
class There:
    """Somebody whom the desk knows already."""

    id: int
    key: str
    values: Mapping[str, Any]  # by field; managers and deputies by key: who is new has no id
    sources: Sources
    active: bool = True
    listed: bool = False
    imported: bool = False
    barred: bool = False

    @property
    def left_set_up(self) -> bool:
        """Say whether the set-up named them once and no longer does."""
        return self.listed and not self.active and not self.barred


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be written of one person; `id` is None for who is new."""

    id: int | None
    key: str
    values: Mapping[str, Any]
    sources: Mapping[str, str]
    active: bool
    listed: bool
    imported: bool


@dataclass
class Plan:
    """What a list changes."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)  # fields by key
    back: list[str] = field(default_factory=list)  # had left, and are in the list again
    disabled: list[str] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)  # in the list, but disabled by hand
    unchanged: int = 0
    earlier: int = 0  # who came by lists and could be disabled
    rows: list[Row] = field(default_factory=list)
    leavers: list[int] = field(default_factory=list)
    roles: dict[str, list[str]] = field(default_factory=dict)  # that everybody in it will have
    problems: list[Problem] = field(default_factory=list)

    @property
    def disables_many(self) -> bool:
        """Say whether so many would be disabled that the list may not be whole."""
        return 2 * len(self.disabled) > self.earlier

    def __bool__(self) -> bool:
        return bool(self.rows or self.leavers)


def plan(roster: Roster, there: Mapping[str, There]) -> Plan:
    """Work out what a list changes, and what is wrong with it."""
    found = Plan(problems=list(roster.problems))
    for entry in roster.entries:
        _place(found, entry, there.get(entry.key))
    _see_off(found, roster.keys, there)
    found.problems += _problems(roster, found, there)
    found.problems.sort()
    return found


def _place(plan: Plan, entry: Entry, there: There | None) -> None:
    """Work out one person of the list."""
    if there is None:
        values, sources = settle({}, LIST, _said(entry, USUAL_ROLES), {})
        plan.added.append(entry.key)
        row = Row(None, entry.key, dict.fromkeys(FIELDS) | values, sources, True, False, True)
        plan.rows.append(row)
        plan.roles[entry.key] = row.values["roles"]
        return
    listed = there.listed and not there.left_set_up
    before = there.sources if listed else released(there.sources, SET_UP)
    lost_roles = there.left_set_up and "roles" not in before
    said = _said(entry, [] if there.values["roles"] and not lost_roles else USUAL_ROLES)
    values, sources = settle(before, LIST, said, {})
    after = {**there.values, **values}
    active = not there.barred
    plan.roles[entry.key] = after["roles"]
    _compare(plan, there, after, active)
    row = Row(there.id, entry.key, after, sources, active, listed, True)
    if row != _as_it_is(there):
        plan.rows.append(row)


def _said(entry: Entry, usual: list[str]) -> Values:
    """Give what a line says; an empty cell for the roles says employee, no column the usual."""
    said: Values = {name: entry.fields[name] for name in FIELDS if name in entry.fields}
    roles = said["roles"] or USUAL_ROLES if "roles" in said else usual
    return said | {"roles": roles} if roles else said


def _compare(plan: Plan, there: There, after: Values, active: bool) -> None:
    """Count one person among the changed or the unchanged."""
    changed = [name for name in FIELDS if after[name] != there.values[name]]
    if changed:
        plan.changed[there.key] = changed
    if there.barred:
        plan.barred.append(there.key)
    elif active and not there.active:
        plan.back.append(there.key)
    elif not changed:
        plan.unchanged += 1


def _as_it_is(there: There) -> Row:
    sources = dict(there.sources)
    return Row(
        there.id,
        there.key,
        dict(there.values),
        sources,
        there.active,
        there.listed,
        there.imported,
    )


def _see_off(plan: Plan, keys: Iterable[str], there: Mapping[str, There]) -> None:
    """Work out who came by an earlier list and is no longer in it; the set-up's people stay."""
    for key in there.keys() - set(keys):
        person = there[key]
        if not person.imported:
            continue
        if person.listed:
            row = _as_it_is(person)
            sources = released(person.sources, LIST)
            plan.rows.append(Row(row.id, key, row.values, sources, row.active, row.listed, False))
        elif person.active:
            plan.disabled.append(key)
            plan.leavers.append(person.id)
    plan.disabled.sort()
    plan.earlier = sum(it.imported and it.active and not it.listed for it in there.values())


# What is wrong between the lines, and against who is there


def _problems(roster: Roster, plan: Plan, there: Mapping[str, There]) -> Iterator[Problem]:
    gone = set(plan.disabled)
    stay = {key for key, it in there.items() if it.active and key not in gone}
    yield from _unknown(roster, roster.keys | stay)
    yield from _loops(roster, plan, there)
    yield from _taken(roster, {key: there[key] for key in stay - roster.keys})


def _unknown(roster: Roster, known: set[str]) -> Iterator[Problem]:
    for entry in roster.entries:
        for name in ("manager", "deputy"):
            other = entry.one(name)
            if other and other not in known:
                yield Problem(entry.line, name, "nobody", other)


def _loops(roster: Roster, plan: Plan, there: Mapping[str, There]) -> Iterator[Problem]:
    """Give each loop of managers once, at its first line."""
    managers = {key: it.values["manager"] for key, it in there.items()}
    managers |= {row.key: row.values["manager"] for row in plan.rows}
    lines = {entry.key: entry.line for entry in roster.entries if entry.one("manager")}
    met: set[str] = set()
    for key, line in lines.items():
        loop = _loop(key, managers, met)
        if loop:
            first = min((lines[one] for one in loop if one in lines), default=line)
            yield Problem(first, "manager", "loop", " → ".join([*loop, loop[0]][:10]))


def _loop(key: str, managers: Mapping[str, str | None], met: set[str]) -> list[str]:
    """Follow the managers of somebody up to whom was met already; give the loop they come to."""
    way: list[str] = []
    above: str | None = key
    while above and above not in met:
        met.add(above)
        way.append(above)
        above = managers.get(above)
    return way[way.index(above) :] if above in way else []


def _taken(roster: Roster, others: Mapping[str, There]) -> Iterator[Problem]:
    """Give the mail addresses that somebody outside the list has."""
    owners = {str(it.values["mail"]).lower(): key for key, it in others.items()}
    for entry in roster.entries:
        mail = entry.one("mail") or ""
        if mail.lower() in owners:
            yield Problem(entry.line, "mail", "taken", mail, owners[mail.lower()])
