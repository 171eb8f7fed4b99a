"""Policies and their versions as the pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import OPEN, Incident
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.models import Policy, PolicyVersion


@dataclass(frozen=True)
class Version:
    """What a policy said from an instant on."""

    number: int
    at: datetime
    by: str  # who published it; empty: it came as a file
    steps: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Known:
    """A policy with its versions, the first one first; a list of them has the last one only."""

    key: str
    active: bool
    versions: Sequence[Version]

    @property
    def last(self) -> Version:
        """Give the version in force."""
        return self.versions[-1]


def everything(session: Session) -> list[Known]:
    """List all policies, each with its last version, those in use first."""
    last = sa.select(
        PolicyVersion.policy_id, sa.func.max(PolicyVersion.number).label("number")
    ).group_by(PolicyVersion.policy_id)
    latest = last.subquery()
    newest = sa.and_(
        latest.c.policy_id == PolicyVersion.policy_id, latest.c.number == PolicyVersion.number
    )
    query = _versions().join(latest, newest).order_by(Policy.active.desc(), Policy.key)
    return [Known(row.key, row.active, [_version(row)]) for row in session.execute(query)]


def one(session: Session, key: str) -> Known | None:
    """Find a policy with all its versions."""
    query = _versions().where(Policy.key == key).order_by(PolicyVersion.number)
    rows = session.execute(query).all()
    return Known(key, rows[0].active, [_version(row) for row in rows]) if rows else None


def _versions() -> sa.Select[Any]:
    query = sa.select(
        Policy.key,
        Policy.active,
        PolicyVersion.number,
        PolicyVersion.steps,
        PolicyVersion.published_at,
        Person.name,
    )
    query = query.join(PolicyVersion, PolicyVersion.policy_id == Policy.id)
    return query.outerjoin(Person, Person.id == PolicyVersion.published_by_id)


def _version(row: Any) -> Version:
    return Version(row.number, row.published_at, row.name or "", row.steps)


def users(setup: Directory, key: str) -> list[Service]:
    """Give the services that go by a policy, by name."""
    found = (service for service in services(setup) if service.policy == key)
    return list(found)


def services(setup: Directory) -> list[Service]:
    """Give all services in use, by name."""
    return sorted(setup.services_by_key.values(), key=lambda service: service.name)


def open_incidents(session: Session, services: Collection[int]) -> Counter[int]:
    """Count what is open of some services, by the service's id."""
    query = sa.select(Incident.service_id, sa.func.count()).where(
        Incident.state.in_(OPEN), Incident.service_id.in_(services)
    )
    rows = session.execute(query.group_by(Incident.service_id))
    return Counter({row[0]: row[1] for row in rows})
