"""What a page tries out, as it stands in its address."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from servicedesk.incidents.priority import PRIORITIES
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.values import MOST_MINUTES
from servicedesk.sla.agreement import Agreement, Target, Terms, parse_target
from servicedesk.whatif.alternative import Changes

SERVICE, CALENDAR, TARGETS = "service", "calendar", "targets"
WAYS = (SERVICE, CALENDAR, TARGETS)
USERS, GROUP, PARTNER = "sla", "group", "partner"
KINDS = {
    USERS: ("response", "resolution"),
    GROUP: ("acceptance", "answer", "holding"),
    PARTNER: ("acceptance", "answer", "holding"),
}
NONE = "-"  # an empty field, where an address would drop it
_OWN = "*"  # ends the key of a copy, which no key of a set-up does

Cell = tuple[str, str]  # priority and kind


@dataclass(frozen=True)
class Subject:
    """An agreement in the wide sense: with users, of a group or with a partner."""

    kind: str
    key: str
    name: str
    agreement: Agreement

    @property
    def ref(self) -> str:
        """Write it as addresses have it: `sla:standard`, `group:desk`."""
        return f"{self.kind}:{self.key}"

    @property
    def terms(self) -> Terms:
        """Give what is agreed today."""
        return self.agreement.versions[-1]

    def cells(self) -> Iterator[Cell]:
        """List the targets that it can have."""
        for priority in PRIORITIES:
            for kind in KINDS[self.kind]:
                yield priority, kind

    def today(self, cell: Cell) -> str:
        """Write a target as it is agreed today; nothing where there is none."""
        target = self.terms.target(cell[1], cell[0])
        return written(target) if target else ""


def written(target: Target) -> str:
    """Write a target as DESK.yaml has it: `240` or `2d`."""
    return f"{target.days}d" if target.days else str(target.minutes)


def subjects(setup: Directory) -> dict[str, Subject]:
    """Give everything that has targets, by how addresses write it."""
    parties = [party for party in setup.parties.values() if party.active]
    own = {party.agreement.id for party in setup.parties.values()}
    users = [one for id, one in setup.agreements.items() if id not in own]
    found = [Subject(USERS, one.key, one.key, one) for one in users]
    found += [Subject(party.kind, party.key, party.name, party.agreement) for party in parties]
    return {subject.ref: subject for subject in found}


@dataclass(frozen=True)
class Choice:
    """What is tried: one of three ways, with what was chosen or typed for it."""

    setup: Directory
    way: str
    asked: bool  # to compare
    service: Service | None = None
    subject: Subject | None = None  # another agreement for it, or what is changed in it
    calendar: str = ""
    typed: Mapping[Cell, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Say whether there is something to compare."""
        return self.asked and self._complete and not self.errors

    @property
    def _complete(self) -> bool:
        if self.subject is None:
            return False
        return {SERVICE: bool(self.service), CALENDAR: bool(self.calendar)}.get(self.way, True)

    @property
    def errors(self) -> dict[Cell, str]:
        """Say what is wrong with what was typed, target by target."""
        return {cell: said for cell, text in self.typed.items() if (said := _wrong(text))}

    def cell(self, cell: Cell) -> str:
        """Give what stands in a field: what was typed, or what is agreed today."""
        if cell in self.typed:
            return self.typed[cell]
        return self.subject.today(cell) if self.subject else ""

    @property
    def changed(self) -> list[tuple[Cell, str, str]]:
        """List the targets that are not what is agreed today: what they are, and would be."""
        if self.way != TARGETS or self.subject is None:
            return []
        cells = ((cell, self.subject.today(cell), self.cell(cell)) for cell in self.subject.cells())
        return [(cell, now, then) for cell, now, then in cells if now != then]

    def address(self) -> dict[str, str]:
        """Give what an address carries of it."""
        said = {"try": self.way}
        if self.service:
            said["service"] = self.service.key
        if self.subject:
            said["of"] = self.subject.ref
        if self.calendar:
            said["calendar"] = self.calendar
        said |= {
            f"{priority}-{kind}": text or NONE for (priority, kind), text in self.typed.items()
        }
        return said | ({"compare": "1"} if self.asked else {})

    def changes(self) -> Changes:
        """Give the alternative; only for what is ready."""
        if self.subject is None:
            return Changes()
        if self.way == SERVICE and self.service:
            copy = self.subject.key + _OWN  # so that other services of it stay as they are
            terms = replace(self.subject.terms, valid_from=None, number=1)
            return Changes(agreements={copy: terms}, services={self.service.key: copy})
        return self._of_subject(self.subject, self._terms(self.subject))

    def _terms(self, subject: Subject) -> Terms:
        terms = replace(subject.terms, valid_from=None, number=1)
        if self.way == CALENDAR:
            return replace(terms, calendar=self.calendar)
        return replace(terms, targets=self._targets(subject))

    def _targets(self, subject: Subject) -> dict[str, dict[str, Target]]:
        found: dict[str, dict[str, Target]] = {priority: {} for priority in PRIORITIES}
        for priority, kind in subject.cells():
            if text := self.cell((priority, kind)):
                found[priority][kind] = parse_target(_plain(text))
        return found

    def _of_subject(self, subject: Subject, terms: Terms) -> Changes:
        said = {subject.key: terms}
        if subject.kind == GROUP:
            return Changes(groups=said)
        return Changes(partners=said) if subject.kind == PARTNER else Changes(agreements=said)


def read(said: Mapping[str, str], setup: Directory) -> Choice:
    """Read an address; what it does not know counts as not chosen."""
    way = said.get("try", "")
    way = way if way in WAYS else SERVICE
    there = subjects(setup)
    subject = there.get(said.get("of", ""))
    if way == SERVICE and subject and subject.kind != USERS:
        subject = None
    if way == TARGETS and subject is None:
        subject = next(iter(there.values()), None)
    calendar = said.get("calendar", "") if way == CALENDAR else ""
    return Choice(
        setup,
        way,
        asked="compare" in said,
        service=setup.services_by_key.get(said.get("service", "")) if way == SERVICE else None,
        subject=subject,
        calendar=calendar if calendar in setup.calendars else "",
        typed=_typed(said, subject) if way == TARGETS and subject else {},
    )


def _typed(said: Mapping[str, str], subject: Subject) -> dict[Cell, str]:
    names = {f"{priority}-{kind}": (priority, kind) for priority, kind in subject.cells()}
    return {cell: _half(said[name]) for name, cell in names.items() if name in said}


def _half(text: str) -> str:
    """Read full-width digits as plain ones."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()[:20]
    return "" if plain == NONE else plain


def _plain(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _wrong(text: str) -> str:
    if not text:
        return ""
    try:
        target = parse_target(_plain(text))
    except ValueError:
        return _("Minutes, such as 240, or working days, such as 2d")
    if target.minutes and target.minutes > MOST_MINUTES:
        return _("At most %(n)s minutes", n=MOST_MINUTES)
    return ""
