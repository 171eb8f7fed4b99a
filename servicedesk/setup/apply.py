"""Applies a set-up to the database: what is left out is no longer in use, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.errors import Refused
from servicedesk.people.models import (
    Group,
    Partner,
    Service,
    group_member,
    partner_member,
)
from servicedesk.setup import companies, people, publish, reasons, rota, schedules, schema
from servicedesk.setup.changes import Changes
from servicedesk.setup.models import Desk, Hook, Policy, PolicyVersion, Schedule
from servicedesk.setup.steps import since_when
from servicedesk.times import iso

Row = TypeVar("Row", Group, Partner, Service, Policy, Hook, Schedule)
Values = Mapping[str, Any]

_THE_DESK = 1
_OPEN = ("new", "in_progress", "on_hold")
_incident = sa.table("incident", sa.column("state"), sa.column("given_to"))


def apply(session: Session, setup: schema.SetUp, now: datetime, by: int | None = None) -> Changes:
    """Bring the database in line with a set-up, in somebody's name (their id); raises Refused."""
    changes = Changes()
    desk = _desk(session, setup, changes)
    publish.calendars(session, setup, now, changes)
    agreements = publish.agreements(session, setup, now, changes)
    ids = people.apply(session, setup, changes)
    groups = _groups(session, setup, agreements, ids, now, changes)
    partners = _partners(session, setup, agreements, ids, now, changes)
    refs = {key: f"group:{row.id}" for key, row in groups.items() if row.active}
    refs |= {key: f"partner:{row.id}" for key, row in partners.items() if row.active}
    _services(session, setup, agreements, ids, refs, now, changes)
    _policies(session, setup, now, by, changes)
    _hooks(session, setup, changes)
    _schedules(session, setup, ids, now, changes)
    if changes:
        desk.revision += 1
    return changes


def _desk(session: Session, setup: schema.SetUp, changes: Changes) -> Desk:
    said = setup.desk
    more = {word: getattr(said, word) for word in ("close_after", "remind_after", "goals")}
    desk = session.scalars(sa.select(Desk).with_for_update()).one_or_none()
    told = ("quiet", "most_mails", "fiscal_year_from")
    more |= {word: it for word, it in said.plain().items() if word in told}
    if setup.reports.approver:
        more["reports"] = {"approver": setup.reports.approver}
    if listed := reasons.kept(desk.more if desk else {}, said.plain().get(reasons.WORD, {})):
        more[reasons.WORD] = listed
    values = {"name": said.name, "zone": said.zone, "language": said.language, "more": more}
    if desk is None:
        desk = Desk(id=_THE_DESK, revision=0, priorities=setup.priorities, **values)
        session.add(desk)
        changes.new("desk", "")
    if details := _assign(desk, values):
        changes.changed("desk", "", *details)
    if _assign(desk, {"priorities": setup.priorities}):
        changes.changed("priorities", "")
    session.flush()
    return desk


def _rows(session: Session, model: type[Row]) -> dict[str, Row]:
    return {row.key: row for row in session.scalars(sa.select(model).order_by(model.id))}


def _sync(
    session: Session,
    model: type[Row],
    word: str,
    rows: dict[str, Row],
    wanted: Mapping[str, Values],
    changes: Changes,
) -> dict[str, Row]:
    """Make, change and retire the rows of a table; give all of them by key."""
    for key, values in wanted.items():
        if (row := rows.get(key)) is None:
            rows[key] = row = model(key=key, active=True, **values)
            session.add(row)
            changes.new(word, key)
            continue
        if not row.active:
            row.active = True
            changes.back(word, key)
        if details := _assign(row, values):
            changes.changed(word, key, *details)
    for key, row in rows.items():
        if row.active and key not in wanted:
            row.active = False
            changes.gone(word, key)
    session.flush()
    return rows


def _assign(row: object, values: Values) -> list[str]:
    """Set columns that differ; say which, as the file calls them."""
    details = []
    for column, value in values.items():
        before = getattr(row, column)
        if before != value:
            details += _named(column, before, value)
            setattr(row, column, value)
    return details


def _named(column: str, before: Any, after: Any) -> list[str]:
    if column != "more":
        return [column.removesuffix("_id")]
    before = before or {}
    return sorted(key for key in before | after if before.get(key) != after.get(key))


def _id(ids: Mapping[str, int], key: str | None) -> int | None:
    return ids[key] if key else None


def _groups(
    session: Session,
    setup: schema.SetUp,
    agreements: Mapping[tuple[str, str], int],
    ids: Mapping[str, int],
    now: datetime,
    changes: Changes,
) -> dict[str, Group]:
    rows = _rows(session, Group)
    wanted = {
        key: {
            "name": group.name,
            "tier": group.tier,
            "lead_id": _id(ids, group.lead),
            "agreement_id": agreements["ola", key],
            "rota": rota.kept(rows[key].rota if key in rows else None, said, now),
        }
        for key, group in setup.groups.items()
        for said in [_rota(setup, group.rota, ids)]
    }
    rows = _sync(session, Group, "group", rows, wanted, changes)
    _refuse_busy(session, "group", {f"group:{row.id}": key for key, row in rows.items()}, changes)
    members = {key: [ids[one] for one in group.members] for key, group in setup.groups.items()}
    _members(session, "group", group_member, rows, members, changes)
    return rows


def _rota(
    setup: schema.SetUp, said: schema.Rota | None, ids: Mapping[str, int]
) -> dict[str, Any] | None:
    """Write a rota as a version of it is kept: with people's ids, and its zone."""
    if said is None:
        return None
    weeks = [[_id(ids, key) for key in rota.by_day(week)] for week in said.weeks]
    zone = said.zone or setup.desk.zone
    return {"from": said.from_, "at": said.at, "zone": zone, "weeks": weeks, "covers": said.covers}


def _partners(
    session: Session,
    setup: schema.SetUp,
    agreements: Mapping[tuple[str, str], int],
    ids: Mapping[str, int],
    now: datetime,
    changes: Changes,
) -> dict[str, Partner]:
    wanted = {
        key: {
            "name": partner.name,
            "mail": partner.mail,
            "valid": (partner.valid and partner.valid.plain()) or None,
            "agreement_id": agreements["uc", key],
        }
        for key, partner in setup.partners.items()
    }
    rows = _sync(session, Partner, "partner", _rows(session, Partner), wanted, changes)
    refs = {f"partner:{row.id}": key for key, row in rows.items()}
    _refuse_busy(session, "partner", refs, changes)
    members = {key: [ids[one] for one in it.members] for key, it in setup.partners.items()}
    companies.take_over(session, setup, rows, members)
    _members(session, "partner", partner_member, rows, members, changes)
    companies.follow(session, setup, rows, ids, now, changes)
    return rows


def _refuse_busy(session: Session, word: str, refs: Mapping[str, str], changes: Changes) -> None:
    """Keep who still holds open incidents; raises Refused."""
    left_out = set(changes.left_out(word))
    gone = [ref for ref, key in refs.items() if key in left_out]
    if not gone:
        return
    held = sa.select(_incident.c.given_to, sa.func.count()).group_by(_incident.c.given_to)
    held = held.where(_incident.c.state.in_(_OPEN), _incident.c.given_to.in_(gone))
    busy = sorted((refs[ref], count) for ref, count in session.execute(held))
    if busy:
        raise Refused("\n".join(_busy(word, key, count) for key, count in busy))


def _busy(word: str, key: str, count: int) -> str:
    incidents = f"{count} open incident{'s' if count > 1 else ''}"
    return f"The {word} {key} cannot be left out: it still has {incidents} to hand over."


def _members(
    session: Session,
    word: str,
    table: sa.Table,
    rows: Mapping[str, Group] | Mapping[str, Partner],
    wanted: Mapping[str, Iterable[int]],
    changes: Changes,
) -> None:
    """Bring the members in line; who is left out is no longer a member."""
    keys = {row.id: key for key, row in rows.items()}
    party = table.columns[f"{word}_id"]
    listed = sa.select(party, table.c.person_id)
    if "by_company" in table.c:
        listed = listed.where(table.c.by_company.is_(False))
    there = {(party_id, person_id) for party_id, person_id in session.execute(listed)}
    right = {(rows[key].id, person) for key, members in wanted.items() for person in members}
    for party_id, _person_id in sorted(there ^ right):
        if rows[keys[party_id]].active:
            changes.changed(word, keys[party_id], "members")
    if new := sorted(right - there):
        session.execute(
            sa.insert(table), [{party.name: one, "person_id": person} for one, person in new]
        )
    gone = party == sa.bindparam("party")
    leave = sa.delete(table).where(gone, table.c.person_id == sa.bindparam("person"))
    if old := sorted(there - right):
        session.execute(leave, [{"party": one, "person": person} for one, person in old])


def _services(
    session: Session,
    setup: schema.SetUp,
    agreements: Mapping[tuple[str, str], int],
    ids: Mapping[str, int],
    refs: Mapping[str, str],
    now: datetime,
    changes: Changes,
) -> None:
    wanted = {
        key: {
            "name": service.name or key,
            "agreement_id": agreements["sla", service.agreement],
            "path": [refs[party] for party in service.path],
            "policy": service.policy,
            "owner_id": _id(ids, service.owner),
            "more": service.more(),
        }
        for key, service in setup.services.items()
    }
    rows = _rows(session, Service)
    before = {key: row.policy for key, row in rows.items()}
    for key, row in _sync(session, Service, "service", rows, wanted, changes).items():
        if row.policy != before.get(key):
            row.policy_since = now


def _policies(
    session: Session, setup: schema.SetUp, now: datetime, by: int | None, changes: Changes
) -> None:
    """Keep the policies, since when each of their steps stands there, and their versions."""
    wanted = {
        key: {"steps": [step.plain() for step in steps]} for key, steps in setup.policies.items()
    }
    rows = _rows(session, Policy)
    used = {key for key, row in rows.items() if row.active}
    before = {key: row.steps for key, row in rows.items()}
    for key, row in _sync(session, Policy, "policy", rows, wanted, changes).items():
        if row.active:
            stood = before[key] if key in used else ()
            row.since = since_when(row.steps, stood, row.since or {}, iso(now) or "")
        if before.get(key) != row.steps:
            session.add(_version(session, row, now, by))


def _hooks(session: Session, setup: schema.SetUp, changes: Changes) -> None:
    wanted = {
        key: {
            "name": hook.name or key,
            "format": hook.format,
            "titles": hook.titles,
            "more": hook.more(),
        }
        for key, hook in setup.hooks.items()
    }
    _sync(session, Hook, "hook", _rows(session, Hook), wanted, changes)


def _schedules(
    session: Session, setup: schema.SetUp, ids: Mapping[str, int], now: datetime, changes: Changes
) -> None:
    """F9: keep the schedules; one that is new or comes at other times makes nothing up."""
    said = setup.reports.schedules
    language = setup.desk.language
    wanted = {key: schedules.columns(key, one, ids, language) for key, one in said.items()}
    rows = _rows(session, Schedule)
    before = {key: _times(row) for key, row in rows.items()}
    new = {key: {**columns, "since": now} for key, columns in wanted.items() if key not in rows}
    for key, row in _sync(session, Schedule, "schedule", rows, wanted | new, changes).items():
        if key in wanted and _times(row) != before.get(key):
            row.since = now
    session.flush()


def _times(row: Schedule) -> tuple[object, ...]:
    return row.active, row.scope, row.every, row.day, row.at


def _version(session: Session, policy: Policy, now: datetime, by: int | None) -> PolicyVersion:
    of_it = sa.select(sa.func.max(PolicyVersion.number)).where(PolicyVersion.policy_id == policy.id)
    number = (session.scalar(of_it) or 0) + 1
    said = {"steps": policy.steps, "published_at": now, "published_by_id": by}
    return PolicyVersion(policy_id=policy.id, number=number, **said)
