"""Incidents told act by act, judged both ways without any database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from servicedesk.reports.facts import About
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Terms, read_terms
from servicedesk.whatif.alternative import Changes, alternative
from servicedesk.whatif.comparing import Comparison, Question, ask, work_out
from servicedesk.whatif.differences import Difference
from tests.cast import at
from tests.incidents.told import PARTIES, STANDARD, Told, directory
from tests.reports.counted import NOVEMBER

LATER = "2027-01-15 09:00"


def whole(setup: Directory | None = None) -> Directory:
    """A set-up in which the parties' agreements stand beside the customers'."""
    setup = setup or directory()
    own = {party.agreement.id: party.agreement for party in PARTIES.values()}
    return replace(setup, agreements={**own, **setup.agreements})


def terms(said: Mapping[str, Any] = STANDARD, **other: Any) -> Terms:
    """Terms as a file says them, but for what is other."""
    return read_terms({**said, **other}, None)


def question(changes: Changes, *, period: Period = NOVEMBER, now: str = LATER) -> Question:
    """Ask about a period, of the whole desk."""
    other = alternative(whole(), changes)
    return ask(other, period, Scope(), now=at(now), known=Knowledge())


def compared(changes: Changes, *told: Told, **how: Any) -> Comparison:
    """Judge incidents both ways; they are numbered from 1."""
    journals = [(About(number), list(one.act.events)) for number, one in enumerate(told, 1)]
    return work_out(question(changes, **how), journals)


def clock(found: Comparison, kind: str, party: str | None = None, number: int = 1) -> Difference:
    """Give a clock that differs."""
    same = [d for d in found.differences if (d.kind, d.party, d.number) == (kind, party, number)]
    assert len(same) == 1, found.differences
    return same[0]


def parts(found: Comparison, id: str) -> tuple[tuple[int | None, int | None], ...]:
    """Give a share both ways: hits and cases."""
    pair = found.pairs[id]
    return tuple((one.numerator, one.denominator) for one in (pair.before, pair.after))
