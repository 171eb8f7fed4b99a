"""The set-up as one immutable snapshot: what every rule looks things up in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from servicedesk.setup.rota import Pattern
from servicedesk.setup.signals import Hook
from servicedesk.setup.steps import Step
from servicedesk.sla.agreement import Agreement, Terms
from servicedesk.sla.calendar import Calendar

REQUESTER = "requester"


@dataclass(frozen=True, slots=True)
class Party:
    """A support group or a partner company."""

    ref: str  # "group:3" or "partner:1": how the journal names it
    key: str
    name: str
    agreement: Agreement  # OLA or contract
    tier: int = 0  # 1 to 3; 0: a partner
    lead: int | None = None
    active: bool = True
    mail: str | None = None
    valid_from: date | None = None  # days on which a partner's contract holds
    valid_to: date | None = None
    rota: tuple[Pattern, ...] = ()  # who is on call: its versions

    def takes(self, day: date) -> bool:
        """Say whether it takes work on a day: a partner's contract holds."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    @property
    def id(self) -> int:
        """Give the row's id."""
        return int(self.ref.partition(":")[2])

    @property
    def kind(self) -> str:
        """Say `group` or `partner`."""
        return self.ref.partition(":")[0]

    @property
    def is_partner(self) -> bool:
        """Say whether this is a partner company."""
        return self.tier == 0


@dataclass(frozen=True, slots=True)
class Service:
    """A service with the path that its incidents climb."""

    id: int
    key: str
    name: str
    path: tuple[str, ...]  # parties' refs
    agreement: Agreement
    policy: str | None = None
    owner: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True
    policy_since: datetime | None = None  # when it was given its policy


@dataclass(frozen=True)
class Directory:
    """Everything that DESK.yaml sets up, but people."""

    name: str
    zone: str
    language: str
    revision: int
    calendars: Mapping[str, Calendar]
    agreements: Mapping[int, Agreement]
    parties: Mapping[str, Party]
    services: Mapping[int, Service]
    priorities: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    policies: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    hooks: Mapping[str, Hook] = field(default_factory=dict)  # those in use

    def party(self, ref: str) -> Party:
        """Look a party up by its ref; raises KeyError."""
        return self.parties[ref]

    def receives(self, ref: str, at: datetime) -> bool:
        """Say whether a party takes work at an instant: in use, and its contract holds that day."""
        party = self.parties[ref]
        return party.active and party.takes(at.astimezone(ZoneInfo(self.zone)).date())

    def calendar_of(self, ref: str, at: datetime) -> Calendar:
        """Give a party's calendar by the terms in force at an instant."""
        return self.calendars[self.parties[ref].agreement.at(at).calendar]

    def terms(self, agreement: int, at: datetime) -> Terms:
        """Give an agreement's version in force at an instant."""
        return self.agreements[agreement].at(at)

    @cached_property
    def by_key(self) -> Mapping[str, Party]:
        """Give active parties by key; groups win over partners of the same key."""
        partners = {p.key: p for p in self.parties.values() if p.is_partner and p.active}
        return partners | {p.key: p for p in self.parties.values() if p.tier and p.active}

    @cached_property
    def services_by_key(self) -> Mapping[str, Service]:
        """Give active services by key."""
        return {s.key: s for s in self.services.values() if s.active}

    def desk_group(self, service: Service) -> Party | None:
        """Give the first tier-1 group of a service's path."""
        steps = (self.parties[ref] for ref in service.path)
        return next((party for party in steps if party.tier == 1), None)

    @cached_property
    def desk_calendar(self) -> Calendar | None:
        """Give the calendar that the desk as a whole plans by: its first tier-1 group's."""
        desks = (p for p in self.parties.values() if p.tier == 1 and p.active)
        first = min(desks, key=lambda p: p.id, default=None)
        if first is None:
            return next(iter(self.calendars.values()), None)
        return self.calendars[first.agreement.versions[-1].calendar]
