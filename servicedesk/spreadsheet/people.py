"""Finds the people of the desk whom a ledger names: by key, mail or name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.people.models import Person
from servicedesk.spreadsheet.cells import plain

LONGEST = 64
POLITE = re.compile(r"(?<=.)(様|さま|さん|殿|どの|氏|先生)$")
SEVERAL = re.compile(r"[、,/／;；\n&＆]+")
IN_BRACKETS = re.compile(r"[(（<＜\[［【].*?[)）>＞\]］】]")
MAIL = re.compile(r"[^\s<>(),;]+@[^\s<>(),;]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Who is meant: a key, and whether it is `known`, `new`, `ambiguous`, or one of `several`."""

    key: str
    how: str


@dataclass
class People:
    """Everybody on the desk, by what a ledger may call them."""

    keys: dict[str, str] = field(default_factory=dict)
    mails: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)  # name in the sheet: key
    made: dict[str, str] = field(default_factory=dict)  # who is not there yet: the form met first
    named: dict[str, str] = field(default_factory=dict)  # key: name, for showing

    def find(self, said: str) -> Found:
        """Find who is meant by a cell."""
        chosen = self.chosen.get(plain(said))
        if chosen and chosen in self.named:
            return Found(chosen, "known")
        found = self._one(said)
        parts = [part for part in SEVERAL.split(said) if part.strip()]
        if found.how != "known" and len(parts) > 1:
            return Found(self._one(parts[0]).key, "several")
        return found

    def _one(self, said: str) -> Found:
        name = stripped(said)
        key = self.keys.get(plain(name)) or self.keys.get(plain(said))
        if key:
            return Found(key, "known")
        mail = MAIL.search(said)
        found = self.mails.get(plain(mail[0]), []) if mail else []
        found = found or self.names.get(plain(name), [])
        if len(found) == 1:
            return Found(found[0], "known")
        new = self.made.setdefault(plain(name), name)
        return Found(new[:LONGEST].strip(), "ambiguous" if found else "new")


def stripped(said: str) -> str:
    """Drop what is polite or in brackets: `田中　太郎 様（総務）` is 田中 太郎."""
    without = " ".join(IN_BRACKETS.sub(" ", said).split())
    return POLITE.sub("", without or " ".join(said.split())).strip()


def load(session: Session, chosen: Mapping[str, str]) -> People:
    """Read everybody; who is active wins over who has left."""
    query = sa.select(Person.key, Person.name, Person.mail, Person.active)
    rows = session.execute(query.order_by(Person.active.desc(), Person.id)).all()
    people = People(chosen=chosen)
    for key, name, mail, active in rows:
        people.named[key] = name
        people.keys.setdefault(plain(key), key)
        _enter(people.names, stripped(name), key, active)
        if mail:
            _enter(people.mails, mail, key, active)
    return people


def _enter(there: dict[str, list[str]], said: str, key: str, active: bool) -> None:
    found = there.setdefault(plain(said), [])
    if active or not found:
        found.append(key)
