"""C7, C8: publishes calendars and agreements as versions; what is equal is not published again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.setup import public_holidays
from servicedesk.setup.changes import Changes
from servicedesk.setup.schema import SetUp
from servicedesk.sla.models import Agreement, AgreementVersion, CalendarRow, CalendarVersion
from servicedesk.times import iso

# What an agreement of each kind belongs to.
WORDS = {"sla": "agreement", "ola": "group", "uc": "partner"}


def latest_calendars(session: Session) -> dict[int, CalendarVersion]:
    """Give the last version of each calendar, by the calendar's id."""
    owner, number = CalendarVersion.calendar_id, CalendarVersion.number
    last = sa.select(owner, sa.func.max(number)).group_by(owner)
    query = sa.select(CalendarVersion).where(sa.tuple_(owner, number).in_(last))
    return {version.calendar_id: version for version in session.scalars(query)}


def latest_agreements(session: Session) -> dict[int, AgreementVersion]:
    """Give the last version of each agreement, by the agreement's id."""
    owner, number = AgreementVersion.agreement_id, AgreementVersion.number
    last = sa.select(owner, sa.func.max(number)).group_by(owner)
    query = sa.select(AgreementVersion).where(sa.tuple_(owner, number).in_(last))
    return {version.agreement_id: version for version in session.scalars(query)}


def calendars(session: Session, setup: SetUp, now: datetime, changes: Changes) -> None:
    """C7: publish the calendars; what changed is in force from now on."""
    rows = {row.key: row for row in session.scalars(sa.select(CalendarRow))}
    latest = latest_calendars(session)
    for key, content in _calendars(setup):
        if row := rows.get(key):
            _use("calendar", row, changes)
            if version := _follower(latest[row.id], content, now):
                session.add(CalendarVersion(calendar_id=row.id, **version))
                changes.changed("calendar", key, _said(version))
        else:
            session.add(CalendarRow(key=key, versions=[CalendarVersion(number=1, **content)]))
            changes.new("calendar", key)
    for key, row in rows.items():
        _retire("calendar", row, key in setup.calendars, changes)
    session.flush()


def _calendars(setup: SetUp) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, calendar in setup.calendars.items():
        days = public_holidays.dates(calendar.holidays) if calendar.holidays else ()
        yield key, {"definition": calendar.definition(setup.desk), "holidays": list(days)}


def agreements(
    session: Session, setup: SetUp, now: datetime, changes: Changes
) -> dict[tuple[str, str], int]:
    """C8: publish what is agreed with users, groups and partners; give ids by kind and key."""
    rows = {(row.kind, row.key): row for row in session.scalars(sa.select(Agreement))}
    latest = latest_agreements(session)
    wanted = dict(_agreements(setup))
    for (kind, key), content in wanted.items():
        if row := rows.get((kind, key)):
            _use(WORDS[kind], row, changes)
            if version := _follower(latest[row.id], content, now):
                session.add(AgreementVersion(agreement_id=row.id, **version))
                changes.changed(WORDS[kind], key, _said(version))
        else:
            first = AgreementVersion(number=1, **content)
            rows[kind, key] = Agreement(kind=kind, key=key, versions=[first])
            session.add(rows[kind, key])
            changes.new(WORDS[kind], key)
    for (kind, key), row in rows.items():
        _retire(WORDS[kind], row, (kind, key) in wanted, changes)
    session.flush()
    return {named: row.id for named, row in rows.items()}


def _agreements(setup: SetUp) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    only = next(iter(setup.calendars), "")
    for key, agreement in setup.agreements.items():
        targets = agreement.targets.plain()
        yield ("sla", key), _terms(agreement.calendar or only, targets, agreement.pauses)
    for key, group in setup.groups.items():
        yield ("ola", key), _terms(group.calendar, group.targets.plain())
    for key, partner in setup.partners.items():
        yield ("uc", key), _terms(partner.calendar, partner.targets.plain())


def _terms(
    calendar: str, targets: Mapping[str, Any], pauses: Collection[str] = ()
) -> dict[str, Any]:
    terms = {"calendar": calendar, "pauses": list(pauses), "targets": dict(targets)}
    return {"definition": terms}


def _follower(
    last: CalendarVersion | AgreementVersion, content: Mapping[str, Any], now: datetime
) -> dict[str, Any] | None:
    """Give the version that has to follow the last one; time that has passed stays as it was."""
    if all(getattr(last, column) == value for column, value in content.items()):
        return None
    since = max(now, last.valid_from or now)
    return {"number": last.number + 1, "valid_from": since, **content}


def _said(version: Mapping[str, Any]) -> str:
    return f"version {version['number']} from {iso(version['valid_from'])}"


def _use(word: str, row: CalendarRow | Agreement, changes: Changes) -> None:
    if not row.active:
        row.active = True
        changes.back(word, row.key)


def _retire(word: str, row: CalendarRow | Agreement, wanted: bool, changes: Changes) -> None:
    if row.active and not wanted:
        row.active = False
        changes.gone(word, row.key)
