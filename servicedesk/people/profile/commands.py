"""What people say of themselves, or an administrator for them: kept above what files say."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound
from servicedesk.people.commands import tidy
from servicedesk.people.models import Group, Person, partner_member
from servicedesk.people.sources import OWN, sources_of

OFFERED = 60
CALM = ("quiet", "most")  # kept beside the channels


class BadDeputy(BadInput):
    """The deputy is nobody who could be asked."""


@dataclass(frozen=True)
class Own:
    """What can be said of oneself; empty: nothing of one's own."""

    language: str | None = None
    zone: str | None = None
    deputy: str = ""  # a key or a name
    absent_from: date | None = None
    absent_until: date | None = None


def save(*, key: str, own: Own) -> Person:
    """Keep what somebody says of themselves; raises NotFound and BadDeputy."""
    with transaction() as session:
        person = session.scalar(sa.select(Person).where(Person.key == key).with_for_update())
        if person is None:
            raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
        deputy = find_deputy(session, person, own.deputy)
        said = {"language": own.language, "zone": own.zone, "deputy": deputy and deputy.id}
        _choose(person, said)
        person.absent_from, person.absent_until = own.absent_from, own.absent_until
    return person


def _choose(person: Person, said: dict[str, Any]) -> None:
    """Set what differs; what was emptied is left to the files again."""
    sources = dict(sources_of(person))
    for name, value in said.items():
        column = "deputy_id" if name == "deputy" else name
        if getattr(person, column) == value:
            continue
        setattr(person, column, value)
        sources.pop(name, None)
        if value is not None:
            sources[name] = OWN
    person.sources = sources


def come_back(*, key: str) -> None:
    """End somebody's absence."""
    with transaction() as session:
        ended = {"absent_from": None, "absent_until": None}
        session.execute(sa.update(Person).where(Person.key == key).values(ended))


def choose_channels(*, key: str, said: Mapping[str, Any]) -> None:
    """Keep by which channels messages reach somebody; it holds for what is queued from now on."""
    _keep(key, said, lambda name: name not in CALM)


def choose_calm(*, key: str, said: Mapping[str, Any]) -> None:
    """Keep somebody's quiet hours, and how many mails they get within an hour."""
    _keep(key, said, lambda name: name in CALM)


def _keep(key: str, said: Mapping[str, Any], is_meant: Callable[[str], bool]) -> None:
    """Put what was said in the place of all that is meant, and leave the rest."""
    with transaction() as session:
        person = session.scalars(sa.select(Person).filter_by(key=key).with_for_update()).one()
        others = {name: it for name, it in (person.channels or {}).items() if not is_meant(name)}
        person.channels = others | dict(said)


def find_deputy(session: Session, person: Person, said: str) -> Person | None:
    """Step: give who is meant by a key or a name; None for an empty one. Raises BadDeputy."""
    words = unicodedata.normalize("NFKC", said).split()
    if not words:
        return None
    names = {said.strip(), " ".join(words), "\u3000".join(words), "".join(words)}
    named = sa.or_(Person.key == tidy(said), Person.name.in_(names))
    query = colleagues(person).where(named).order_by(Person.id).limit(20)
    found = [one for one in session.scalars(query) if _is_outside(one) == _is_outside(person)]
    exact = [one for one in found if one.key == tidy(said)] or found
    if len(exact) == 1:
        deputy: Person = exact[0]
        return deputy
    if exact:
        raise BadDeputy(_("Several people have this name: please use the sign-in name."))
    raise BadDeputy(_("There is nobody of this name who could stand in."))


def colleagues(person: Person) -> sa.Select[Any]:
    """Select who could be somebody's deputy: for a partner's people, those of their company."""
    query = sa.select(Person).where(Person.active.is_(True), Person.id != person.id)
    if not _is_outside(person):
        return query
    ours = sa.select(partner_member.c.partner_id).where(partner_member.c.person_id == person.id)
    theirs = sa.select(partner_member.c.person_id).where(partner_member.c.partner_id.in_(ours))
    return query.where(Person.id.in_(theirs))


def suggested(session: Session, person: Person) -> Iterator[tuple[str, str]]:
    """Step: give those near somebody, as what to type and what it says beside."""
    near = sa.or_(
        Person.department == person.department,
        Person.manager_id == person.manager_id,
        Person.id == person.manager_id,
        Person.manager_id == person.id,
        Person.groups.any(Group.id.in_([group.id for group in person.groups])),
    )
    query = colleagues(person) if _is_outside(person) else colleagues(person).where(near)
    rows = session.scalars(query.order_by(Person.name, Person.key).limit(OFFERED)).all()
    names = [one.name for one in rows]
    for one in rows:
        if _is_outside(one) == _is_outside(person):
            alone = names.count(one.name) == 1
            yield (one.name if alone else one.key), one.department or ""


def _is_outside(person: Person) -> bool:
    return person.roles == ["partner"]
