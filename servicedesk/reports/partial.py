"""A partner company's edition of a report: what is its own, and nothing that names anybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document
from servicedesk.reports.facts import ClockFact, ExclusionFact, Fact
from servicedesk.reports.scopes import PARTNER
from servicedesk.setup.directory import REQUESTER, Directory, Party
from servicedesk.sla.agreement import Agreement

TIERS = (0, 1, 2, 3)
_NO_AGREEMENT = Agreement(0, "")

T = TypeVar("T")
Swap = Callable[[T], T]


def edition(doc: Document) -> Document:
    """Give the edition that goes to whom a report is about: of a partner without others' names.

    Every figure stays what it is: others are still told apart by their tiers.
    """
    if doc.contents.scope.kind != PARTNER:
        return doc
    return replace(doc, contents=_of_partner(doc.contents))


def data(said: Contents) -> Mapping[str, str]:
    """Give the tables that the edition carries."""
    return _of_partner(said).data if said.scope.kind == PARTNER else said.data


def _of_partner(said: Contents) -> Contents:
    mine, setup = str(said.scope.party), said.setup

    def swap(ref: str) -> str:
        own = ref in (mine, REQUESTER, "") or setup.party(ref).ref in _STANDINS
        return ref if own else _standin(setup.party(ref).tier)

    facts = [_fact(fact, mine, swap) for fact in said.every]
    return replace(said, facts=facts, setup=_named(setup, mine), past=None)


def _standin(tier: int) -> str:
    return f"group:{-1 - tier}"


_STANDINS = frozenset(map(_standin, TIERS))


def _named(setup: Directory, mine: str) -> Directory:
    """Name the partner, and the desk as a whole for everybody else."""
    others = (
        Party(_standin(tier), f"tier-{tier}" if tier else "others", setup.name, _NO_AGREEMENT, tier)
        for tier in TIERS
    )
    return replace(setup, parties={mine: setup.party(mine)} | {one.ref: one for one in others})


def _fact(fact: Fact, mine: str, swap: Swap[str]) -> Fact:
    first, wish, promise = (
        said and replace(said, party=swap(said.party))
        for said in (fact.first_wish, fact.wish, fact.promise)
    )
    handoffs = (replace(h, sender=swap(h.sender), receiver=swap(h.receiver)) for h in fact.handoffs)
    clocks = (_clock(one, swap) for one in fact.clocks if one.party in (None, mine))
    return replace(
        fact,
        department=None,
        desk_group=swap(fact.desk_group),
        given=frozenset(map(swap, fact.given)),
        first_wish=first,
        wish=wish,
        promise=promise,
        handoffs=tuple(handoffs),
        held=tuple(replace(held, holder=swap(held.holder)) for held in fact.held),
        clocks=tuple(clocks),
        waits=fact.waits and replace(fact.waits, who=swap(fact.waits.who)),
        exclusions=tuple(_exclusion(one, mine) for one in fact.exclusions if one.is_of(mine)),
    )


def _clock(clock: ClockFact, swap: Swap[str]) -> ClockFact:
    return replace(
        clock,
        holder=swap(clock.holder),
        spent=tuple((swap(holder), seconds) for holder, seconds in clock.spent),
        net=clock.net and replace(clock.net, holder=swap(clock.net.holder)),
    )


def _exclusion(one: ExclusionFact, mine: str) -> ExclusionFact:
    return replace(one, clocks=tuple(c for c in one.clocks if ":" not in c or c == mine))
