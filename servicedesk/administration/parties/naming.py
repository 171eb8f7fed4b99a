"""Reads whom an administrator typed as people: by key, by name, or as somebody new."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.administration.parties.drafts import NewPerson
from servicedesk.people.models import Partner, Person, partner_member

_NEW = re.compile(r"(?P<name>[^<>]+?)\s*<(?P<mail>[^@\s<>,;:\"]+@[^@\s<>,;:\"]+)>")
_BETWEEN = re.compile(r"[\n,;、]")
MOST = 500


@dataclass
class Named:
    """Who was meant, and what nobody is meant by."""

    keys: list[str] = field(default_factory=list)
    new: list[NewPerson] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)


def typed(text: str) -> list[str]:
    """Split what was typed: a line each, or commas between."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()][:MOST]


def named(session: Session, text: str, company: str | None = None) -> Named:
    """Step: find who is meant; for a company `Name <mail>` is somebody new of it."""
    found, parts = Named(), typed(text)
    people = _known(session, parts)
    for part in parts:
        new = _NEW.fullmatch(part) if company else None
        if new:
            key = _key(company or "", new["mail"], {one.key for one in found.new}, session)
            found.new.append(NewPerson(key, new["name"].strip()[:200], new["mail"]))
            found.keys.append(key)
            continue
        keys = [key for key, name in people if part == key] or [
            key for key, name in people if part == name
        ]
        if len(keys) == 1:
            found.keys += [key for key in keys if key not in found.keys]
        else:
            (found.several if keys else found.unknown).append(part)
    return found


def _known(session: Session, parts: Sequence[str]) -> Sequence[tuple[str, str]]:
    query = sa.select(Person.key, Person.name)
    # who is disabled by hand stays where they are
    there = sa.or_(Person.active, Person.barred)
    query = query.where(sa.or_(Person.key.in_(parts), Person.name.in_(parts)), there)
    return [(key, name) for key, name in session.execute(query.order_by(Person.id))]


def _key(company: str, mail: str, taken: Iterable[str], session: Session) -> str:
    text = unicodedata.normalize("NFKD", mail.partition("@")[0]).lower()
    local = re.sub(r"[^a-z0-9]+", "-", text).strip("-") or "person"
    base = f"{company}-{local}"[:60].rstrip("-")
    known = session.scalars(
        sa.select(Person.key).where(Person.key.startswith(base, autoescape=True))
    )
    used = {*known, *taken}
    tries = (base, *(f"{base}-{n}" for n in range(2, len(used) + 3)))
    return next(key for key in tries if key not in used)


def misplaced(session: Session, keys: Sequence[str], company: str | None) -> list[str]:
    """Step: give those who cannot be there: the desk's own in a company, a company's in a group.

    Whom another company added itself belongs to that one.
    """
    query = sa.select(Person).where(Person.key.in_(keys)).order_by(Person.name, Person.id)
    people = session.scalars(query).all()
    if company is None:
        return [one.name for one in people if "partner" in one.roles]
    elsewhere = sa.select(partner_member.c.person_id).join(Partner)
    elsewhere = elsewhere.where(partner_member.c.by_company, Partner.key != company)
    others = set(session.scalars(elsewhere))
    return [one.name for one in people if set(one.roles) - {"partner"} or one.id in others]


def labels(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Step: give names by key."""
    query = sa.select(Person.key, Person.name).where(Person.key.in_(keys))
    return dict(session.execute(query).all())
