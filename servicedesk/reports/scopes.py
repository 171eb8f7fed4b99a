"""What a report is about: all, or a group, a partner, a service, a department."""

from __future__ import annotations

from dataclasses import dataclass

from servicedesk.reports.facts import Fact
from servicedesk.setup.directory import Directory, Party

ALL, PARTNER = "all", "partner"
KINDS = ("group", PARTNER, "service", "department")


class NoScope(ValueError):
    """There is nothing of that name to report on."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the desk; `key` as people write it."""

    kind: str = ALL
    key: str = ""
    party: str | None = None  # ref of a group or partner
    service: int | None = None

    @property
    def name(self) -> str:
        """Write it as `all` or `group:network`."""
        return f"{self.kind}:{self.key}" if self.key else self.kind

    def takes(self, fact: Fact) -> bool:
        """Say whether an incident belongs to it: a party has whatever it was ever given."""
        if self.kind == "service":
            return fact.service == self.service
        if self.kind == "department":
            return fact.department == self.key
        return self.party is None or self.party in fact.given


def read_scope(said: str, setup: Directory) -> Scope:
    """Read `all`, `group:KEY`, `partner:KEY`, `service:KEY`, `department:NAME`; raises NoScope."""
    kind, _colon, key = said.partition(":")
    if said == ALL:
        return Scope()
    if kind not in KINDS or not key:
        raise NoScope(f"“{said}” is no scope: all, {', '.join(f'{k}:KEY' for k in KINDS)}")
    if kind == "department":
        return Scope(kind, key)
    if kind == "service":
        service = next((s for s in setup.services.values() if s.key == key), None)
        if service is None:
            raise NoScope(f"there is no service “{key}”")
        return Scope(kind, key, service=service.id)
    return Scope(kind, key, party=_party(kind, key, setup).ref)


def _party(kind: str, key: str, setup: Directory) -> Party:
    for party in setup.parties.values():
        if party.key == key and party.kind == kind:
            return party
    raise NoScope(f"there is no {kind} “{key}”")
