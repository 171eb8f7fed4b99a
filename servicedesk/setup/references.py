"""What a set-up says about itself: whether everything that is named is there, and fits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from servicedesk.setup.policies import PAGES
from servicedesk.setup.problems import Path, Problem, did_you_mean
from servicedesk.setup.schedules import parts
from servicedesk.setup.schema import SetUp
from servicedesk.setup.values import NEXT

PEOPLE = ("people",)
MOST_COMPARED = 200  # looking for misspelt names takes time

# How one thing of a section is called.
_WORDS = {
    "calendars": "calendar",
    "groups": "group",
    "partners": "partner",
    "agreements": "agreement",
    "policies": "policy",
    "hooks": "hook",
    "services": "service",
    "people": "person",
}


def dangling(setup: SetUp, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what is named but not there, and what contradicts itself.

    Names come from the file itself, so that an entry with a problem of its own counts as there.
    """
    names = _Names(data)
    yield from _parties(setup, names)
    yield from _admins(setup)
    yield from _rotas(setup)
    yield from _agreements(setup, names)
    yield from _services(setup, names)
    yield from _policies(setup, names)
    yield from _hooks(setup, names)
    yield from _schedules(setup, names)
    yield from _approver(setup, names)
    yield from _people(setup, names)
    yield from _partner_people(setup)


class _Names:
    """The names in each section of a file."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._known = {word: data.get(word) or {} for word in _WORDS}
        self._compared = 0

    def count(self, section: str) -> int:
        """Say how many there are in a section."""
        return len(self._known[section])

    def missing(self, path: Path, name: str | None, *sections: str) -> Iterator[Problem]:
        """Give the problem of a name that stands in none of the sections."""
        found = [self._known[section] for section in sections]
        # A section that is not a mapping is a problem of its own.
        if name is None or not all(isinstance(names, dict) for names in found):
            return
        known = [key for names in found for key in names]
        if name not in known and (sections != PEOPLE or self._misspelt(name, known)):
            word = " or ".join(_WORDS[section] for section in sections)
            yield Problem(path, f'there is no {word} "{name}"', word=name, known=known)

    def _misspelt(self, name: str, known: Collection[str]) -> bool:
        """Say whether somebody who is named but not described looks like somebody who is."""
        self._compared += 1
        return self._compared <= MOST_COMPARED and bool(did_you_mean(name, known))

    def all_missing(self, path: Path, names: Iterable[str], *sections: str) -> Iterator[Problem]:
        """Give the problems of a list of names."""
        for place, name in enumerate(names):
            yield from self.missing((*path, place), name, *sections)


def _parties(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for section in ("groups", "partners"):
        entries = setup.groups if section == "groups" else setup.partners
        for key, party in entries.items():
            here = (section, key)
            yield from names.missing((*here, "calendar"), party.calendar, "calendars")
            yield from names.all_missing((*here, "members"), party.members, *PEOPLE)
            if key == NEXT:
                yield Problem(here, f'"{NEXT}" means the next step of a path and names no party')
    for key, group in setup.groups.items():
        yield from names.missing(("groups", key, "lead"), group.lead, *PEOPLE)
    for key in setup.groups.keys() & setup.partners.keys():
        yield Problem(("partners", key), f'"{key}" is a group already; paths could mean either')


def _admins(setup: SetUp) -> Iterator[Problem]:
    for key, partner in setup.partners.items():
        for place, person in enumerate(partner.admins or ()):
            if person not in partner.members:
                text = f'"{person}" is not among the members of "{key}"'
                yield Problem(("partners", key, "admins", place), text)


def _rotas(setup: SetUp) -> Iterator[Problem]:
    """Whoever is on call has to see what the group holds, so it is somebody of the group."""
    for key, group in setup.groups.items():
        ours = {*group.members, group.lead}
        for place, week in enumerate(group.rota.weeks if group.rota else ()):
            for person in dict.fromkeys(week.values()):
                if person not in ours:
                    text = f'"{person}" is neither a member of "{key}" nor its lead'
                    yield Problem(("groups", key, "rota", "weeks", place), text)


def _agreements(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for key, agreement in setup.agreements.items():
        here = ("agreements", key)
        if agreement.calendar is None and names.count("calendars") != 1:
            yield Problem(here, "calendar is missing")
        yield from names.missing((*here, "calendar"), agreement.calendar, "calendars")


def _services(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for key, service in setup.services.items():
        here = ("services", key)
        yield from names.all_missing((*here, "path"), service.path, "groups", "partners")
        yield from names.missing((*here, "agreement"), service.agreement, "agreements")
        yield from names.missing((*here, "policy"), service.policy, "policies")
        yield from names.missing((*here, "owner"), service.owner, *PEOPLE)
        for place, party in enumerate(service.path):
            if party in service.path[:place]:
                yield Problem((*here, "path", place), f'"{party}" stands in the path twice')
        if service.approval == "owner" and service.owner is None:
            yield Problem((*here, "approval"), "the service has no owner who could approve")


def _policies(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for key, steps in setup.policies.items():
        if key in PAGES:
            yield Problem(("policies", key), f'"{key}" is a page of the rules and names no policy')
        for place, step in enumerate(steps):
            here = ("policies", key, place)
            scope = (*here, "for")
            yield from names.all_missing((*scope, "service"), step.for_.service, "services")
            yield from names.all_missing((*scope, "group"), step.for_.group, "groups", "partners")
            yield from names.all_missing((*scope, "partner"), step.for_.partner, "partners")
            yield from names.all_missing((*here, "signal"), step.signal, "hooks")
            if step.receiver != NEXT:
                way = (*here, "hand_off") if step.hand_off else (*here, "do", "hand_off")
                yield from names.missing(way, step.receiver, "groups", "partners")


def _hooks(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for key, hook in setup.hooks.items():
        scope = ("hooks", key, "for")
        yield from names.all_missing((*scope, "service"), hook.for_.service, "services")
        yield from names.all_missing((*scope, "group"), hook.for_.group, "groups", "partners")
        yield from names.all_missing((*scope, "partner"), hook.for_.partner, "partners")


def _approver(setup: SetUp, names: _Names) -> Iterator[Problem]:
    here, key = ("reports", "approver"), setup.reports.approver
    yield from names.missing(here, key, *PEOPLE)
    if key in {one for partner in setup.partners.values() for one in partner.members}:
        yield Problem(here, "a person of a partner company cannot approve reports")


def _schedules(setup: SetUp, names: _Names) -> Iterator[Problem]:
    sections = {"group": "groups", "partner": "partners", "service": "services"}
    for key, schedule in setup.reports.schedules.items():
        here = ("reports", "schedules", key)
        kind, scope = parts(schedule.scope)
        if kind in sections:
            yield from names.missing((*here, "scope"), scope, sections[kind])
        yield from names.all_missing((*here, "people"), schedule.people, *PEOPLE)
        yield from names.missing((*here, "owner"), schedule.owner, *PEOPLE)


def _people(setup: SetUp, names: _Names) -> Iterator[Problem]:
    for key, person in setup.people.items():
        for word in ("manager", "deputy"):
            other = getattr(person, word)
            here = ("people", key, word)
            yield from names.missing(here, other, *PEOPLE)
            if other == key:
                yield Problem(here, f"nobody is their own {word}")


def _partner_people(setup: SetUp) -> Iterator[Problem]:
    """People of partner companies see their hand-offs only, so they can be nothing else."""
    ours = {
        key: group_key
        for group_key, group in setup.groups.items()
        for key in (*group.members, group.lead)
        if key
    }
    theirs = {key for partner in setup.partners.values() for key in partner.members}
    for key, person in setup.people.items():
        outside = key in theirs or "partner" in (person.roles or ())
        if outside and key in ours:
            text = f'a person of a partner company cannot be in the group "{ours[key]}"'
            yield Problem(("people", key), text)
        elif outside and set(person.roles or ()) - {"partner"}:
            text = "a person of a partner company has the role partner and no other"
            yield Problem(("people", key, "roles"), text)


def undescribed(setup: SetUp) -> set[str]:
    """Give people who are named somewhere, but have no entry of their own."""
    named = {key for group in setup.groups.values() for key in (*group.members, group.lead)}
    named |= {key for partner in setup.partners.values() for key in partner.members}
    named |= {service.owner for service in setup.services.values()}
    named |= {key for it in setup.people.values() for key in (it.manager, it.deputy)}
    for schedule in setup.reports.schedules.values():
        named |= {*schedule.people, schedule.owner}
    named.add(setup.reports.approver)
    return {key for key in named if key is not None} - setup.people.keys()


def default_roles(setup: SetUp) -> dict[str, list[str]]:
    """Give the roles of those for whom the file names none: by where they belong."""
    found = {key: ["employee"] for key in setup.people}
    for partner in setup.partners.values():
        found |= {key: ["partner"] for key in partner.members}
    for group in setup.groups.values():
        found |= {key: ["agent"] for key in (*group.members, group.lead) if key}
    return found
