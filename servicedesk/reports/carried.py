"""F7: what a report carries so that it can be made again from nothing else: written and read."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from servicedesk.reports import embedded
from servicedesk.reports.cases import Frame
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.edition import edition
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import DEFINITIONS
from servicedesk.reports.majors import MajorSaid
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import REQUESTER, Directory, Party, Service
from servicedesk.sla.agreement import Agreement
from servicedesk.sla.zones import zone_info

FACTS, DOCUMENT = "facts.jsonl", "document.json"
_LINE = re.compile(r'(.*),"sum":"([0-9a-f]{8})"\}', re.DOTALL)
ADDED = ("drawn_with", "majors", "fiscal_from")
ADDED_TO_SEAL = (
    "day", "why", "before", "since", "more", "actions", "earlier", "approver", "approved",
    "approved_on",
)  # fmt: skip
_NO_AGREEMENT = Agreement(0, "")


class Damaged(ValueError):
    """The data of a report cannot be read; says which file, and which line of it."""


@dataclass(frozen=True, slots=True)
class Name:
    """How a party or a service is called: `ref` as in the facts, `key` as people write it."""

    ref: str
    key: str
    name: str
    tier: int = 0


@dataclass(frozen=True)
class Basis:
    """All that a report follows from but its facts."""

    language: str
    period: str
    zone: str
    scope: Scope
    judged_at: datetime
    draft: bool
    cutoff_event: int
    cutoff: datetime | None
    desk: str
    desk_zone: str
    goals: Mapping[str, float]
    parties: Sequence[Name]
    services: Sequence[Name]
    titles: Mapping[int, str]
    seal: Seal
    edition: str
    drawn_with: Sequence[str] = ()  # fonts and libraries, with versions
    fiscal_from: int = 0
    majors: Mapping[int, MajorSaid] = field(default_factory=dict)


@cache
def _facts() -> TypeAdapter[Fact]:
    return TypeAdapter(Fact)


@cache
def _basis() -> TypeAdapter[Basis]:
    return TypeAdapter(Basis)


# Writing


def files(
    doc: Document, language: str, laid_out_by: str | None = None, drawn_with: Sequence[str] = ()
) -> dict[str, str]:
    """Write what a report follows from: files by name."""
    basis = _write_basis(doc, language, laid_out_by or edition(), drawn_with)
    return {FACTS: _write_facts(doc.contents.every), DOCUMENT: basis}


def _write_facts(facts: Sequence[Fact]) -> str:
    """Write a line for each fact; each ends with a sum of itself, so that a changed one shows."""
    ordered = sorted(facts, key=lambda fact: fact.number)
    return "".join(_write_fact(fact) for fact in ordered)


def _write_fact(fact: Fact) -> str:
    said = _facts().dump_python(fact, mode="json", exclude_defaults=True)
    said["given"], said["tiers"] = sorted(fact.given), sorted(fact.tiers)
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)[:-1]
    return f'{body},"sum":"{_sum(body)}"}}\n'


def _sum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _write_basis(doc: Document, language: str, laid_out_by: str, drawn_with: Sequence[str]) -> str:
    said = doc.contents
    basis = Basis(
        language=language,
        period=said.period.name,
        zone=said.period.zone,
        scope=said.scope,
        judged_at=said.frame.at,
        draft=said.draft,
        cutoff_event=said.known.event,
        cutoff=said.known.at,
        desk=said.setup.name,
        desk_zone=said.setup.zone,
        goals=said.setup.more.get("goals") or {},
        parties=[_named(said.setup, ref) for ref in sorted(_parties(said))],
        services=[_service(said.setup.services[id]) for id in sorted(_services(said))],
        titles=dict(doc.titles),
        seal=doc.seal,
        edition=laid_out_by,
        drawn_with=drawn_with,
        fiscal_from=said.period.fiscal_from,
        majors=dict(doc.majors_said),
    )
    plain = _basis().dump_python(basis, mode="json")
    _leave_out(plain, ADDED)
    _leave_out(plain["seal"], ADDED_TO_SEAL)
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _leave_out(said: dict[str, Any], added: Collection[str]) -> None:
    """Write what reports did not have at first only where there is any of it."""
    for name in added:
        if not said[name]:
            del said[name]


def _named(setup: Directory, ref: str) -> Name:
    party = setup.party(ref)
    return Name(ref, party.key, party.name, party.tier)


def _service(service: Service) -> Name:
    return Name(str(service.id), service.key, service.name)


def _parties(said: Contents) -> set[str]:
    """Give the parties that a report is about or names, and no others."""
    named = {said.scope.party} if said.scope.party else set()
    for fact in said.every:
        named.update(_of_fact(fact))
    return named - {REQUESTER}


def _of_fact(fact: Fact) -> Iterator[str]:
    yield fact.desk_group
    yield from fact.given
    yield from (date.party for date in (fact.first_wish, fact.wish, fact.promise) if date)
    yield from (held.holder for held in fact.held)
    if fact.waits:
        yield fact.waits.who
    for handoff in fact.handoffs:
        yield from (handoff.sender, handoff.receiver)
    for clock in fact.clocks:
        yield from (clock.holder, *(holder for holder, _seconds in clock.spent))
        yield from [clock.net.holder] if clock.net else []
    for one in fact.exclusions:
        yield from (clock for clock in one.clocks if ":" in clock)


def _services(said: Contents) -> set[int]:
    named = {fact.service for fact in said.every}
    return named | ({said.scope.service} if said.scope.service is not None else set())


# Reading


@dataclass(frozen=True)
class Read:
    """A report as it was read back."""

    document: Document
    basis: Basis
    changed: Sequence[str]  # lines that are not as they were written


def read(data: Mapping[str, str], definitions: str = DEFINITIONS) -> Read:
    """Read a report back that follows a version of the definitions; raises Damaged."""
    basis = _read_basis(data[DOCUMENT])
    lines = [_Line.of(n, text) for n, text in enumerate(_lines(data[FACTS]), 1)]
    facts = [line.fact() for line in lines]
    try:
        period = read_period(basis.period, zone_info(basis.zone).key, basis.fiscal_from)
        zone_info(basis.desk_zone)
    except ValueError as error:
        raise Damaged(f"{DOCUMENT}: {error}") from None
    frame = Frame(period, basis.judged_at, basis.scope.party)
    known = Knowledge(basis.cutoff_event, basis.cutoff)
    contents = Contents(
        frame, basis.scope, known, _directory(basis), facts, basis.draft, definitions=definitions
    )
    changed = [line.changed for line in lines if line.changed]
    _check_names(contents, changed)
    document = Document(contents, basis.seal, dict(basis.titles), dict(basis.majors))
    return Read(document, basis, changed)


def seal(pdf: bytes) -> Seal:
    """Read how a report of our own is marked."""
    return read_basis(pdf).seal


def read_basis(pdf: bytes) -> Basis:
    """Read what a report of our own follows from but its facts."""
    return _read_basis(embedded.read(pdf, [DOCUMENT])[DOCUMENT])


def _read_basis(text: str) -> Basis:
    try:
        return _basis().validate_json(text, strict=True)
    except ValidationError as error:
        raise Damaged(f"{DOCUMENT}: {_why(error)}") from None


def _lines(text: str) -> list[str]:
    *lines, rest = text.split("\n")
    if rest:
        raise Damaged(f"{FACTS}: is cut off")
    return lines


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the facts."""

    n: int
    said: str
    changed: str = ""  # what is wrong with it

    @classmethod
    def of(cls, n: int, text: str) -> _Line:
        found = _LINE.fullmatch(text)
        if found and _sum(found[1]) == found[2]:
            return cls(n, found[1] + "}")
        number = re.search(r'"number":(\d{1,12})\b', text)
        whose = f" (INC-{int(number[1]):08})" if number else ""
        said = found[1] + "}" if found else text
        return cls(n, said, f"{FACTS}, line {n}{whose}: was changed")

    def fact(self) -> Fact:
        try:
            return _facts().validate_json(self.said, strict=True)
        except ValidationError as error:
            said = self.changed or f"{FACTS}, line {self.n}"
            raise Damaged(f"{said}: {_why(error)}") from None


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _directory(basis: Basis) -> Directory:
    """Make a set-up of names alone."""
    parties = {one.ref: _party(one) for one in basis.parties}
    services = {
        int(one.ref): Service(int(one.ref), one.key, one.name, (), _NO_AGREEMENT)
        for one in basis.services
        if one.ref.isdecimal()
    }
    return Directory(
        basis.desk, basis.desk_zone, basis.language, 0, {}, {}, parties, services,
        more={"goals": basis.goals},
    )  # fmt: skip


def _party(one: Name) -> Party:
    return Party(one.ref, one.key, one.name, _NO_AGREEMENT, one.tier)


def _check_names(said: Contents, changed: Sequence[str]) -> None:
    unknown = sorted(_parties(said) - said.setup.parties.keys())
    unknown += [f"service {id}" for id in sorted(_services(said) - said.setup.services.keys())]
    if unknown:
        first = f"{FACTS}: is about {unknown[0]}, which {DOCUMENT} does not name"
        raise Damaged("; ".join([*changed, first]))
