"""Writes the set-up as a DESK.yaml that `load` takes back unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from servicedesk.db import db
from servicedesk.people import models as people
from servicedesk.people.sources import LIST, sources_of
from servicedesk.setup import reasons, rota
from servicedesk.setup.check import check
from servicedesk.setup.models import Desk as DeskRow
from servicedesk.setup.models import Hook, Policy, Schedule
from servicedesk.setup.problems import Document
from servicedesk.setup.publish import latest_agreements, latest_calendars
from servicedesk.setup.references import default_roles
from servicedesk.setup.schedules import LAST
from servicedesk.setup.schema import MATRIX, Desk, Person, SetUp
from servicedesk.setup.snapshot import NoDesk
from servicedesk.sla.models import Agreement, CalendarRow

WIDTH = 10_000  # an entry stays on its line

Data = dict[str, Any]


def dump() -> str:
    """Write what is in use; passwords stay where they are. Raises NoDesk."""
    return text_of(db.session())


def text_of(session: Session) -> str:
    """Write what is in use as a session reads it; raises NoDesk."""
    return write(_Reader(session).setup())


class _Reader:
    """Reads what is in use from the database, in the order in which it was made."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = self._listed()
        self.zone = ""  # the desk's, once it is read
        self.terms = self._terms()

    def setup(self) -> SetUp:
        """Give the set-up; raises NoDesk."""
        desk = self.session.scalars(sa.select(DeskRow)).one_or_none()
        if desk is None:
            raise NoDesk(NoDesk.__doc__ or "")
        said = {"name": desk.name, "zone": desk.zone, "language": desk.language}
        self.zone = desk.zone
        data = {
            "desk": said | _more(desk.more),
            "calendars": self._calendars(),
            "groups": self._groups(),
            "partners": self._partners(),
            "agreements": self._agreements(),
            "services": self._services(),
            "priorities": desk.priorities,
            "policies": {row.key: row.steps for row in self._active(Policy)},
            "hooks": self._hooks(),
            "reports": {
                **desk.more.get("reports", {}),
                "schedules": self._schedules(desk.language),
            },
            "people": {person.key: self._person(person) for person in self.people.values()},
        }
        return check(Document("the set-up in the database", data))

    def _active(self, model: Any) -> list[Any]:
        return list(self.session.scalars(sa.select(model).where(model.active).order_by(model.id)))

    def _listed(self) -> dict[int, people.Person]:
        """Read the set-up's people; who is disabled by hand stays one of them."""
        in_use = sa.or_(people.Person.active, people.Person.barred)
        query = sa.select(people.Person).where(people.Person.listed, in_use)
        return {person.id: person for person in self.session.scalars(query.order_by("id"))}

    def _terms(self) -> dict[int, Data]:
        return {owner: it.definition for owner, it in latest_agreements(self.session).items()}

    def _key(self, person: int | None) -> str | None:
        return self.people[person].key if person in self.people else None

    def _members(self, table: sa.Table) -> Mapping[int, list[str]]:
        """Give the keys of the members by the id of their group or partner."""
        return self._keys(sa.select(*table.primary_key))

    def _keys(self, query: sa.Select[Any]) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for party, person in self.session.execute(query):
            if person in self.people:
                found[party].append(self.people[person].key)
        return found

    def _calendars(self) -> Data:
        latest = latest_calendars(self.session)
        return {row.key: latest[row.id].definition for row in self._active(CalendarRow)}

    def _groups(self) -> Data:
        members = self._members(people.group_member)
        return {
            row.key: self._party(row, members)
            | {"tier": row.tier, "lead": self._key(row.lead_id)}
            | {"rota": self._rota(row, members)}
            for row in self._active(people.Group)
        }

    def _rota(self, row: people.Group, members: Mapping[int, list[str]]) -> Data | None:
        """Give the latest version of a rota, without whoever has left the group."""
        latest = (row.rota or [{}])[-1]
        if not latest.get("weeks"):
            return None
        ours = {*members.get(row.id, ()), self._key(row.lead_id)} - {None}
        keys = ([self._key(id) for id in week] for week in latest["weeks"])
        weeks = [rota.plain([key if key in ours else None for key in week]) for week in keys]
        zone = latest["zone"] if latest["zone"] != self.zone else None
        said = {key: it for key, it in latest.items() if key != "since"}
        return {**said, "zone": zone, "weeks": weeks}

    def _partners(self) -> Data:
        named = sa.select(*people.partner_member.primary_key)
        # who was added by a company is in no set-up
        named = named.where(people.partner_member.c.by_company.is_(False))
        members, admins = self._keys(named), self._keys(named.where(people.partner_member.c.admin))
        return {
            row.key: self._party(row, members)
            | {"mail": row.mail, "valid": row.valid, "admins": sorted(admins[row.id]) or None}
            for row in self._active(people.Partner)
        }

    def _party(self, row: people.Group | people.Partner, members: Mapping[int, list[str]]) -> Data:
        terms = self.terms[row.agreement_id]
        said = {"name": row.name, "calendar": terms["calendar"], "targets": terms["targets"]}
        return said | {"members": sorted(members.get(row.id, ()))}

    def _agreements(self) -> Data:
        return {row.key: self.terms[row.id] for row in self._active(Agreement) if row.kind == "sla"}

    def _services(self) -> Data:
        agreements = {row.id: row.key for row in self.session.scalars(sa.select(Agreement))}
        refs = {f"group:{row.id}": row.key for row in self._active(people.Group)}
        refs |= {f"partner:{row.id}": row.key for row in self._active(people.Partner)}
        return {
            row.key: {
                "name": row.name,
                "path": [refs[ref] for ref in row.path],
                "agreement": agreements[row.agreement_id],
                "policy": row.policy,
                "owner": self._key(row.owner_id),
                **row.more,
            }
            for row in self._active(people.Service)
        }

    def _hooks(self) -> Data:
        return {
            row.key: {"name": row.name, "format": row.format, "titles": row.titles, **row.more}
            for row in self._active(Hook)
        }

    def _schedules(self, language: str) -> Data:
        words = ("name", "scope", "every", "at", "languages", "send", "seal")
        return {
            row.key: {word: getattr(row, word) for word in words}
            | {"day": row.day or LAST, "owner": self._key(row.owner_id)}
            | {"languages": row.languages if row.languages != [language] else []}
            | {"people": [key for id in row.people if (key := self._key(id))]}
            for row in self._active(Schedule)
        }

    def _person(self, person: people.Person) -> Data:
        columns = ("name", "mail", "phone", "roles", "language", "zone", "department")
        others = {"manager": self._key(person.manager_id), "deputy": self._key(person.deputy_id)}
        said = {column: getattr(person, column) for column in columns} | others
        whose = sources_of(person)
        return {field: value for field, value in said.items() if whose.get(field) != LIST}


def _more(kept: Data) -> Data:
    """Give what the desk's row keeps as the file has it: there reasons are named, not listed."""
    listed = {reasons.WORD: dict(kept[reasons.WORD])} if kept.get(reasons.WORD) else {}
    return {word: said for word, said in kept.items() if word != "reports"} | listed


def write(setup: SetUp) -> str:
    """Write a set-up in its one form, without what is as it would be anyway."""
    sections: Data = {
        "desk": _Line(_desk(setup.desk)),
        "calendars": {key: it.definition(setup.desk) for key, it in setup.calendars.items()},
        "groups": {key: _Line(it.plain()) for key, it in setup.groups.items()},
        "partners": {key: _Line(it.plain()) for key, it in setup.partners.items()},
        "agreements": {key: it.plain() for key, it in setup.agreements.items()},
        "services": {key: _Line(_unnamed(key, it.plain())) for key, it in setup.services.items()},
        "priorities": _Line(setup.priorities if setup.priorities != MATRIX else {}),
        "policies": {
            key: [_Line(step.plain()) for step in steps] for key, steps in setup.policies.items()
        },
        "hooks": {key: _Line(_unnamed(key, it.plain())) for key, it in setup.hooks.items()},
        "reports": _reports(setup),
        "people": _people(setup),
    }
    kept = {name: said for name, said in sections.items() if said}
    return yaml.dump(
        kept,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=None,
        sort_keys=False,
        width=WIDTH,
    )


class _Line(dict[str, Any]):
    """A mapping that is written within one line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_line(self, data: _Line) -> yaml.Node:
        return self.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


_Dumper.add_representer(_Line, _Dumper.represent_line)


def _desk(desk: Desk) -> Data:
    return {"name": desk.name, "zone": desk.zone, "language": desk.language, **desk.plain()}


def _unnamed(key: str, said: Data) -> Data:
    """Leave out a name that is the key, as it is without one."""
    return {word: value for word, value in said.items() if word != "name" or value != key}


def _reports(setup: SetUp) -> Data:
    said = setup.reports
    found = {key: _Line(_unnamed(key, one.plain())) for key, one in said.schedules.items()}
    return said.plain() | ({"schedules": found} if found else {})


def _people(setup: SetUp) -> Data:
    usual = default_roles(setup)
    return {key: _Line(_person(key, it, usual[key])) for key, it in setup.people.items()}


def _person(key: str, person: Person, usual: list[str]) -> Data:
    said = _unnamed(key, person.plain())
    said.pop("roles", None)
    return said if person.roles in (None, usual) else said | {"roles": person.roles}
