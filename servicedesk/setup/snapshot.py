"""Loads the set-up into memory, once for each revision of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk.errors import DeskError
from servicedesk.people.models import Group, Partner
from servicedesk.people.models import Service as ServiceRow
from servicedesk.setup import rota
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.setup.models import Desk, Policy
from servicedesk.setup.models import Hook as HookRow
from servicedesk.setup.signals import Hook, read_hook
from servicedesk.setup.steps import Step, read_steps
from servicedesk.sla import calendar
from servicedesk.sla.agreement import Agreement, read_terms
from servicedesk.sla.models import Agreement as AgreementRow
from servicedesk.sla.models import AgreementVersion, CalendarRow, CalendarVersion


class NoDesk(DeskError):
    """The desk has not been set up yet: `flask desk load DESK.yaml` does that."""

    status = 503


_kept: dict[str, Directory] = {}
_lock = Lock()


def directory(session: Session) -> Directory:
    """Give the set-up as it is now; one small query unless it changed. Raises NoDesk."""
    revision = session.scalar(sa.select(Desk.revision))
    if revision is None:
        raise NoDesk(NoDesk.__doc__ or "")
    place = str(session.get_bind().engine.url)
    kept = _kept.get(place)
    if kept is not None and kept.revision == revision:
        return kept
    if session.info.get("unkept"):
        return _load(session)
    with _lock:
        kept = _kept[place] = _load(session)
    return kept


def directory_if_any(session: Session) -> Directory | None:
    """Give the set-up as it is now; None: there are people before there is a desk."""
    try:
        return directory(session)
    except NoDesk:
        return None


@contextmanager
def unkept(session: Session) -> Iterator[None]:
    """Keep nothing that is read meanwhile: a set-up that is not committed may yet be undone."""
    session.info["unkept"] = True
    try:
        yield
    finally:
        session.info["unkept"] = False


def forget() -> None:
    """Forget what is kept, for when a database was replaced under the same address."""
    _kept.clear()


def _load(session: Session) -> Directory:
    desk = session.scalars(sa.select(Desk)).one()
    agreements = _agreements(session)
    return Directory(
        name=desk.name,
        zone=desk.zone,
        language=desk.language,
        revision=desk.revision,
        calendars=_calendars(session),
        agreements=agreements,
        parties=_parties(session, agreements),
        services=_services(session, agreements),
        priorities=dict(desk.priorities),
        more=dict(desk.more),
        policies=_policies(session),
        hooks=_hooks(session),
    )


def _policies(session: Session) -> dict[str, tuple[Step, ...]]:
    query = sa.select(Policy.key, Policy.steps, Policy.since).where(Policy.active)
    return {key: read_steps(steps, since) for key, steps, since in session.execute(query)}


def _hooks(session: Session) -> dict[str, Hook]:
    rows = session.scalars(sa.select(HookRow).where(HookRow.active).order_by(HookRow.id))
    return {
        row.key: read_hook(row.id, row.key, row.name, row.format, row.titles, row.more)
        for row in rows
    }


def _calendars(session: Session) -> dict[str, calendar.Calendar]:
    query = sa.select(CalendarRow).options(selectinload(CalendarRow.versions))
    return {
        row.key: calendar.Calendar([read_version(version) for version in row.versions])
        for row in session.scalars(query)
    }


def read_version(row: CalendarVersion) -> calendar.Version:
    """Read a stored calendar version."""
    said = row.definition
    closed = {date.fromisoformat(day) for day in (*row.holidays, *(said.get("closed") or ()))}
    special = {
        date.fromisoformat(day): tuple(calendar.parse_window(window) for window in windows)
        for day, windows in (said.get("open") or {}).items()
    }
    return calendar.Version(
        zone=said["zone"],
        weekly=calendar.parse_hours(said.get("hours") or {}),
        days_off=frozenset(closed),
        special=special,
        valid_from=row.valid_from,
        holidays=frozenset(map(date.fromisoformat, row.holidays)),
    )


def _agreements(session: Session) -> dict[int, Agreement]:
    query = sa.select(AgreementVersion, AgreementRow.key).join(
        AgreementRow, AgreementRow.id == AgreementVersion.agreement_id
    )
    query = query.order_by(AgreementVersion.agreement_id, AgreementVersion.number)
    found: dict[int, Agreement] = {}
    for version, key in session.execute(query):
        before = found.get(version.agreement_id)
        terms = read_terms(version.definition, version.valid_from, version.number)
        versions = (*before.versions, terms) if before else (terms,)
        found[version.agreement_id] = Agreement(version.agreement_id, key, versions)
    return found


def _parties(session: Session, agreements: dict[int, Agreement]) -> dict[str, Party]:
    found = {}
    for group in session.scalars(sa.select(Group).order_by(Group.id)):
        ref = f"group:{group.id}"
        found[ref] = Party(
            ref,
            group.key,
            group.name,
            agreements[group.agreement_id],
            group.tier,
            group.lead_id,
            group.active,
            rota=rota.read(group.rota),
        )
    for partner in session.scalars(sa.select(Partner).order_by(Partner.id)):
        ref = f"partner:{partner.id}"
        found[ref] = Party(
            ref,
            partner.key,
            partner.name,
            agreements[partner.agreement_id],
            active=partner.active,
            mail=partner.mail,
            valid_from=_day(partner.valid, "from"),
            valid_to=_day(partner.valid, "to"),
        )
    return found


def _day(span: dict[str, Any] | None, end: str) -> date | None:
    said = (span or {}).get(end)
    return date.fromisoformat(said) if said else None


def _services(session: Session, agreements: dict[int, Agreement]) -> dict[int, Service]:
    return {
        row.id: Service(
            row.id,
            row.key,
            row.name,
            tuple(row.path),
            agreements[row.agreement_id],
            row.policy,
            row.owner_id,
            row.more,
            row.active,
            row.policy_since,
        )
        for row in session.scalars(sa.select(ServiceRow).order_by(ServiceRow.id))
    }
