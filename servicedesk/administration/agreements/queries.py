"""Agreements as the pages show them: versions, who uses them, what goes by an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.administration.agreements.said import Said, of_terms
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.journal import EventRow
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.sla.agreement import Agreement, Terms
from servicedesk.sla.models import Agreement as AgreementRow
from servicedesk.sla.models import Application, CalendarRow, ClockRow

# The events that say by which agreement, and by which version of one, an incident goes.
_TELLING = ("incident.logged", "incident.reclassified", "agreement.applied")


@dataclass(frozen=True)
class Known:
    """An agreement with its versions, the first one first."""

    id: int
    kind: str  # sla, ola, uc
    key: str
    active: bool
    agreement: Agreement
    party: Party | None = None  # whose it is; none: a customer's

    @property
    def name(self) -> str:
        """Give the name of the party, or else the key."""
        return self.party.name if self.party else self.key

    @property
    def last(self) -> Terms:
        """Give the version in force."""
        return self.agreement.versions[-1]

    @property
    def said(self) -> Said:
        """Give what the version in force says."""
        return of_terms(self.last, self.kind)

    @property
    def versions(self) -> list[tuple[Terms, Said]]:
        """Give all versions with what they say."""
        return [(terms, of_terms(terms, self.kind)) for terms in self.agreement.versions]


def everything(session: Session, setup: Directory) -> list[Known]:
    """List all agreements in the order in which they were made, those in use first."""
    parties = {party.agreement.id: party for party in setup.parties.values()}
    query = sa.select(AgreementRow.id, AgreementRow.kind, AgreementRow.key, AgreementRow.active)
    order = (AgreementRow.active.desc(), AgreementRow.id)
    return [
        Known(id, kind, key, active, setup.agreements[id], parties.get(id))
        for id, kind, key, active in session.execute(query.order_by(*order))
    ]


def one(session: Session, setup: Directory, kind: str, key: str) -> Known | None:
    """Find an agreement."""
    found = (each for each in everything(session, setup) if (each.kind, each.key) == (kind, key))
    return next(found, None)


def users(known: Known, setup: Directory) -> list[Service]:
    """Give the services that an agreement is for, or whose path its party stands in."""
    services = setup.services_by_key.values()
    if known.party:
        return [service for service in services if known.party.ref in service.path]
    return [service for service in services if service.agreement.id == known.id]


def calendars(session: Session) -> list[str]:
    """List the calendars in use."""
    query = sa.select(CalendarRow.key).where(CalendarRow.active)
    return list(session.scalars(query.order_by(CalendarRow.key)))


def earlier(session: Session, setup: Directory) -> Counter[int]:
    """C8: count the open incidents that still go by an earlier version, by the agreement's id."""
    changed = {id: it for id, it in setup.agreements.items() if len(it.versions) > 1}
    if not changed:
        return Counter()
    since = {id: it.versions[-1] for id, it in changed.items()}
    latest = max(it.valid_from for it in since.values() if it.valid_from)
    told = {row["id"]: row for row in _told(session, latest)}
    found = {(row["agreement"], id) for id, row in told.items()}
    found |= set(_with_parties(session, setup, since))
    return Counter(
        agreement
        for agreement, incident in found
        if agreement in since and _is_earlier(told.get(incident), agreement, since[agreement])
    )


def _told(session: Session, before: Any) -> Iterator[dict[str, Any]]:
    """Read by which agreement each incident goes that was open and logged before an instant."""
    query = sa.select(EventRow.incident_id, EventRow.kind, EventRow.data, Incident.logged_at)
    query = query.join(Incident, Incident.id == EventRow.incident_id).where(
        Incident.state.in_(OPEN), Incident.logged_at < before, EventRow.kind.in_(_TELLING)
    )
    lines: Iterable[Any] = session.execute(query.order_by(EventRow.incident_id, EventRow.seq))
    for id, events in groupby(lines, itemgetter(0)):
        yield _agreed(id, events)


def _agreed(id: int, events: Iterable[Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": id, "agreement": 0, "applied": {}}
    for _id, kind, data, logged_at in events:
        row["logged_at"] = logged_at
        if kind == "agreement.applied":
            row["applied"][data["agreement"]] = data["version"]
        else:
            row["agreement"] = data["agreement"]
    return row


def _with_parties(
    session: Session, setup: Directory, since: Mapping[int, Terms]
) -> Iterator[tuple[int, int]]:
    """Give agreement and incident where a party's clock began before a version, and may go on."""
    parties = {
        ref: it.agreement.id for ref, it in setup.parties.items() if it.agreement.id in since
    }
    query = sa.select(ClockRow.party, ClockRow.incident_id, ClockRow.started_at)
    query = query.join(Incident, Incident.id == ClockRow.incident_id).where(
        Incident.state.in_(OPEN),
        ClockRow.party.in_(parties),
        sa.or_(ClockRow.stopped_at.is_(None), ClockRow.kind == "holding"),
    )
    for party, incident, started in session.execute(query):
        agreement = parties[party or ""]
        valid_from = since[agreement].valid_from
        if valid_from and started < valid_from:
            yield agreement, incident


def _is_earlier(row: Mapping[str, Any] | None, agreement: int, version: Terms) -> bool:
    """Say so unless the version was applied, or the incident was logged under it."""
    if row is None or version.valid_from is None:
        return False
    applied = row["applied"].get(agreement, 0) >= version.number
    return not applied and row["logged_at"] < version.valid_from


def applications(session: Session, agreement: int) -> list[Application]:
    """C8: list when an agreement was applied to what was open, the last time first."""
    query = sa.select(Application).where(Application.agreement_id == agreement)
    return list(session.scalars(query.order_by(Application.id.desc())))
