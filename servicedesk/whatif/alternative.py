"""An alternative set-up: the same ids, other terms, and the journal as it reads under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from servicedesk.event import Event
from servicedesk.incidents.priority import priority
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.sla.agreement import Agreement, Terms
from servicedesk.sla.calendar import Calendar, Version

CLASSIFIED = ("incident.logged", "incident.reclassified")
PRIORITISED = ("incident.logged", "incident.prioritised")


@dataclass(frozen=True)
class Changes:
    """What an alternative names, by key; all it names holds from the beginning of time."""

    calendars: Mapping[str, Version] = field(default_factory=dict)
    agreements: Mapping[str, Terms] = field(default_factory=dict)  # with users
    groups: Mapping[str, Terms] = field(default_factory=dict)
    partners: Mapping[str, Terms] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)  # the key of an agreement
    priorities: Mapping[str, str] | None = None  # None: each incident keeps its own


@dataclass(frozen=True)
class Alternative:
    """A set-up that never was, beside the one that is."""

    present: Directory
    setup: Directory  # the same ids
    services: Mapping[int, int]  # what incidents of a service are judged by: an agreement
    priorities: Mapping[str, str] | None = None

    def told(self, event: Event) -> Event:
        """C8, C9: give an event as it reads under the alternative; most are as they are."""
        said = dict(self._said(event))
        return replace(event, data={**event.data, **said}) if said else event

    def _said(self, event: Event) -> Iterator[tuple[str, str | int]]:
        data = event.data
        if event.kind in CLASSIFIED:
            agreement = self.services.get(data["service"], data["agreement"])
            if agreement != data["agreement"]:
                yield "agreement", agreement
        if event.kind in PRIORITISED and self.priorities is not None:
            new = priority(self.priorities, data["impact"], data["urgency"])
            if new != data["priority"]:
                yield "priority", new

    def leaves_alone(self, events: Iterable[Event], parties: Iterable[str]) -> bool:
        """Say whether what an incident is judged by is the same both ways.

        `events` are its journal as the alternative tells it, `parties` all that it was given to.
        """
        used = {event.data["agreement"] for event in events if event.kind in CLASSIFIED}
        used.update(self.setup.party(ref).agreement.id for ref in parties)
        return used <= self._alike

    @cached_property
    def _alike(self) -> frozenset[int]:
        """Give the agreements of which neither terms nor calendars differ."""
        before, after = self.present, self.setup
        same = {key for key, one in after.calendars.items() if before.calendars.get(key) is one}
        return frozenset(
            id
            for id, agreement in after.agreements.items()
            if before.agreements.get(id) is agreement
            and all(terms.calendar in same for terms in agreement.versions)
        )


def alternative(present: Directory, changes: Changes) -> Alternative:
    """Give the set-up as changes make it; what they do not name stays as it is, history included.

    Keys that the desk does not know are left unused.
    """
    agreements = {**present.agreements, **_of_parties(present, changes), **_named(present, changes)}
    ids = _customers(present, agreements)
    services = {
        service.id: ids[changes.services[service.key]]
        for service in present.services.values()
        if changes.services.get(service.key) in ids
    }
    setup = replace(
        present,
        calendars={**present.calendars, **dict(_calendars(present, changes))},
        agreements=agreements,
        parties={ref: _party(party, agreements) for ref, party in present.parties.items()},
        services={
            id: _service(service, agreements, services.get(id))
            for id, service in present.services.items()
        },
        priorities=present.priorities if changes.priorities is None else changes.priorities,
    )
    return Alternative(present, setup, services, changes.priorities)


def _calendars(present: Directory, changes: Changes) -> Iterator[tuple[str, Calendar]]:
    """C7: make a timeline of one version; one that is the same already stays the same object."""
    for key, version in changes.calendars.items():
        there = present.calendars.get(key)
        yield key, there if there and there.versions == (version,) else Calendar([version])


def _party(party: Party, agreements: Mapping[int, Agreement]) -> Party:
    return replace(party, agreement=agreements[party.agreement.id])


def _service(service: Service, agreements: Mapping[int, Agreement], other: int | None) -> Service:
    return replace(service, agreement=agreements[other or service.agreement.id])


def _of_parties(present: Directory, changes: Changes) -> dict[int, Agreement]:
    """Give the OLAs and contracts that changes name."""
    named = {"group": changes.groups, "partner": changes.partners}
    return {
        party.agreement.id: _one(party.agreement, named[party.kind][party.key])
        for party in present.parties.values()
        if party.key in named[party.kind]
    }


def _named(present: Directory, changes: Changes) -> dict[int, Agreement]:
    """Give the agreements with users that changes name; a new one gets an id of its own."""
    ids = _customers(present, present.agreements)
    fresh = max(present.agreements, default=0) + 1
    made = {}
    for key, terms in changes.agreements.items():
        id = ids.get(key)
        if id is None:
            id, fresh = fresh, fresh + 1
        made[id] = _one(present.agreements.get(id, Agreement(id, key)), terms)
    return made


def _customers(present: Directory, agreements: Mapping[int, Agreement]) -> dict[str, int]:
    """Give the ids of the agreements with users, by key: all that belong to no party."""
    own = {party.agreement.id for party in present.parties.values()}
    return {one.key: id for id, one in agreements.items() if id not in own}


def _one(there: Agreement, terms: Terms) -> Agreement:
    """C8: give an agreement of one version; one that is the same already stays the same object."""
    return there if there.versions == (terms,) else replace(there, versions=(terms,))
