"""Who finds which incident by its words: only what one may read is looked through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased, object_session

from servicedesk.db import dialect
from servicedesk.incidents.documents import HANDOFFS, INCIDENTS, REQUESTS
from servicedesk.incidents.models import HandOff, Incident, WorkRequest
from servicedesk.incidents.terms import DIGITS, Sought, Term, sought
from servicedesk.incidents.visibility import handed, visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches

RARE = 1000  # documents


@dataclass(frozen=True)
class _Query:
    terms: tuple[Term, ...]
    seen_only: bool = False

    def sqlite(self) -> str:
        said = " AND ".join(f'"{term.word}"{"*" * term.begins}' for term in self.terms)
        return f"seen : ({said})" if self.seen_only else said

    def postgresql(self) -> str:
        weight = "A" * self.seen_only
        marks = ((term.word, "*" * term.begins + weight) for term in self.terms)
        return " & ".join(f"'{word}'" + (f":{mark}" if mark else "") for word, mark in marks)


class _QueryType(sa.TypeDecorator[_Query]):
    """What is looked for, in the language of the database that is asked."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: _Query | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.sqlite() if dialect.name == "sqlite" else value.postgresql()


class _Hits(sa.sql.functions.FunctionElement[Any]):
    """The condition that the document of a row has the words."""

    inherit_cache = True
    table: ClassVar[str] = INCIDENTS
    sqlite: ClassVar[str] = "{id} IN (SELECT rowid FROM {table} WHERE {table} MATCH {query})"
    postgresql: ClassVar[str] = (
        "{id} IN (SELECT rowid FROM {table} WHERE words @@ {query}::tsquery)"
    )


class _RareHits(_Hits):
    """The same for words that few have: these few are read first."""

    inherit_cache = True
    postgresql: ClassVar[str] = (
        "{id} = ANY (ARRAY(SELECT rowid FROM {table} WHERE words @@ {query}::tsquery))"
    )


class _OwnHits(_Hits):
    """The same for who sees few incidents: these are read first."""

    inherit_cache = True
    postgresql: ClassVar[str] = "(SELECT words @@ {query}::tsquery FROM {table} WHERE rowid = {id})"


class _Words(_Hits):
    """The condition on a document itself."""

    inherit_cache = True
    postgresql: ClassVar[str] = "words @@ {query}::tsquery"


class _HandOffHits(_RareHits):
    inherit_cache = True
    table: ClassVar[str] = HANDOFFS


class _RequestHits(_RareHits):
    inherit_cache = True
    table: ClassVar[str] = REQUESTS


@compiles(_Hits)
def _write_hits(element: _Hits, compiler: Any, **how: Any) -> str:
    id, query = (compiler.process(clause, **how) for clause in element.clauses)
    form = element.sqlite if compiler.dialect.name == "sqlite" else element.postgresql
    return form.format(id=id, table=element.table, query=query)


def _hits(kind: type[_Hits], id: Any, query: _Query) -> sa.ColumnElement[bool]:
    # written into the statement: PostgreSQL's plan depends on how rare the words are
    return kind(id, sa.bindparam(None, query, type_=_QueryType(), literal_execute=True))


def found(text: str, person: Person) -> sa.ColumnElement[bool]:
    """§9: give the condition on Incident that a person sees it and finds these words in it."""
    wanted = sought(text)
    everything = reads_everything(person)
    kind = _kind(person, wanted) if everything else _OwnHits
    return sa.and_(visible(person), _matches(wanted, kind, Incident.id, not everything))


def _kind(person: Person, wanted: Sought) -> type[_Hits]:
    """PostgreSQL takes every beginning of words for frequent: count before asking."""
    session = object_session(person)
    if session is None or dialect(session) == "sqlite" or not wanted.terms:
        return _Hits
    row = sa.table(INCIDENTS, sa.column("rowid", sa.Integer)).c.rowid
    some = sa.select(row).where(_hits(_Words, row, _Query(wanted.terms))).limit(RARE + 1)
    count = session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0
    return _Hits if count > RARE else _RareHits


def found_handoffs(text: str, person: Person) -> sa.ColumnElement[bool]:
    """H8: give the condition on HandOff that its partner's person finds these words on its sheet.

    The query joins Incident.
    """
    return sa.and_(handed(person), _matches(sought(text), _HandOffHits, HandOff.id, False))


def found_requests(text: str) -> sa.ColumnElement[bool]:
    """H6: give the condition on WorkRequest that these words stand on its sheet.

    Who sees it is for the query to say; it joins Incident.
    """
    return _matches(sought(text), _RequestHits, WorkRequest.id, False)


def reads_everything(person: Person) -> bool:
    """§3: say whether a person reads notes and partners' threads of all incidents they see."""
    acts = (Act.SEE_NOTES, Act.SEE_PARTNER_THREAD)
    return all(Reach.ALL in reaches(person, act) for act in acts)


def _matches(wanted: Sought, kind: type[_Hits], id: Any, seen_only: bool) -> sa.ColumnElement[bool]:
    if wanted.in_full:
        return Incident.number == wanted.number if seen_only else _named(wanted.number or 0, kind)
    return _hits(kind, id, _Query(wanted.terms, seen_only)) if wanted.terms else sa.false()


def _named(number: int, kind: type[_Hits]) -> sa.ColumnElement[bool]:
    """H7: what reads as a number in full may be a partner's own ticket.

    Each is looked up by its own index: an OR over the tables would read all incidents.
    """
    ticket, it = f"{number:0{DIGITS}d}", aliased(Incident)
    numbered = sa.select(it.id).where(it.number == number)
    sheets: dict[type[_Hits], Any] = {_HandOffHits: HandOff, _RequestHits: WorkRequest}
    if of := sheets.get(kind):
        return sa.or_(of.incident_id.in_(numbered), of.partner_ticket == ticket)
    tables = (HandOff, WorkRequest)
    rows = (sa.select(of.incident_id).where(of.partner_ticket == ticket) for of in tables)
    return Incident.id.in_(sa.union_all(numbered, *rows))
