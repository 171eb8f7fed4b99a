"""What lies between hands: who holds what, and what of it waits for whom, party by party."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import formats
from servicedesk.board.queries import Held
from servicedesk.incidents import attention
from servicedesk.incidents.chips import day_length
from servicedesk.incidents.models import HandOff, ReturnProposal, WorkRequest
from servicedesk.incidents.queries import Reader
from servicedesk.setup.directory import REQUESTER, Directory, Party


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a party to do something about it, whoever holds it meanwhile."""

    unaccepted: int = 0  # H2: handed to it, and not accepted
    unanswered: int = 0  # H2: handed to it, and past the wished or agreed date of its answer
    asked: int = 0  # H2: questions of receivers that it has to reply to
    to_decide: int = 0  # H5: returns that its lead has to decide on
    requests: int = 0  # H6: open work requests to it
    requests_late: int = 0  # H6: those of them that are overdue

    def __add__(self, other: Waiting) -> Waiting:
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Waiting(*(mine + theirs for mine, theirs in pairs))

    def __bool__(self) -> bool:
        """Say whether anything waits."""
        return any(getattr(self, f.name) for f in fields(self))


def waiting(session: Session, reader: Reader) -> dict[str, Waiting]:
    """Count what waits for whom: three queries, whatever there is; confidential ones too (§9)."""
    found: dict[str, Waiting] = defaultdict(Waiting)
    for receiver, sender, unaccepted, unanswered, asked in _handed_off(session, reader):
        found[receiver] += Waiting(unaccepted, unanswered)
        found[sender] += Waiting(asked=asked)
    for sender, to_decide in session.execute(_proposals()):
        found[sender] += Waiting(to_decide=to_decide)
    for receiver, requests, late in session.execute(_requests(reader)):
        found[receiver] += Waiting(requests=requests, requests_late=late)
    return {ref: one for ref, one in found.items() if one}


def _handed_off(session: Session, reader: Reader) -> Iterable[Any]:
    query = sa.select(
        HandOff.receiver,
        HandOff.returns_to,
        sa.func.count().filter(HandOff.state == "sent"),
        sa.func.count().filter(attention.is_answer_late(reader.now)),
        sa.func.count().filter(attention.IS_ASKED),
    ).where(HandOff.ended_at.is_(None))  # only of what is open: with it they end
    return session.execute(query.group_by(HandOff.receiver, HandOff.returns_to))


def _proposals() -> sa.Select[str, int]:
    query = sa.select(ReturnProposal.sender, sa.func.count())
    query = query.where(ReturnProposal.state == "asked")
    return query.group_by(ReturnProposal.sender)


def _requests(reader: Reader) -> sa.Select[str, int, int]:
    late = sa.func.count().filter(WorkRequest.due < reader.now)
    query = sa.select(WorkRequest.receiver, sa.func.count(), late)
    return query.where(WorkRequest.ended_at.is_(None)).group_by(WorkRequest.receiver)


# Rows of the table: tiers with their groups, partner companies, requesters


@dataclass(frozen=True)
class Row:
    """A tier, a group, a partner company or the requesters: what they hold, what waits for them."""

    kind: str  # tier, group, partner, requester
    tier: int | None
    party: Party | None
    held: Held
    waiting: Waiting
    longest: str = ""  # how long it has held the oldest, in the holder's working time
    key: str = ""  # what an address names it by

    @property
    def has_anything(self) -> bool:
        """Say whether it holds anything, or anything waits for it."""
        return bool(self.held.count or self.waiting)

    @property
    def holds(self) -> dict[str, str]:
        """Give what narrows a list to what it holds."""
        if self.kind == "tier":
            return {"only": f"tier:{self.tier}"}
        return {"holder": self.key}

    @property
    def given(self) -> dict[str, str]:
        """Give what narrows a list to what it was given."""
        return self._only("group", "given-tier")

    @property
    def replies(self) -> dict[str, str]:
        """H2: give what narrows a list to what it has to reply to."""
        return self._only("asked", "asked-tier")

    @property
    def decides(self) -> dict[str, str]:
        """H5: give what narrows a list to what its lead has to decide on."""
        return self._only("decides", "decides-tier")

    @property
    def receives(self) -> str:
        """H6: give what narrows a list of work requests to those to it."""
        return f"tier:{self.tier}" if self.kind == "tier" else self.key

    def _only(self, party: str, tier: str) -> dict[str, str]:
        return {"only": f"{tier if self.kind == 'tier' else party}:{self.key}"}


def rows(reader: Reader, held: Mapping[str, Held], waits: Mapping[str, Waiting]) -> list[Row]:
    """Arrange them: tiers with those of their groups that have anything, partners, requesters."""
    there = {*held, *waits}
    mine = [_of_party(reader, party, held, waits) for party in _parties(reader.setup, there)]
    found = []
    for tier in (1, 2, 3):
        groups = [row for row in mine if row.tier == tier]
        if groups:
            found += [_of_tier(tier, groups), *(row for row in groups if row.has_anything)]
    found += [row for row in mine if row.kind == "partner"]
    requesters = held.get(REQUESTER, Held())
    longest = _longest(reader, REQUESTER, requesters)
    return [*found, Row("requester", None, None, requesters, Waiting(), longest, REQUESTER)]


def _parties(setup: Directory, there: Collection[str]) -> list[Party]:
    """List who takes hand-offs, and who still has something."""
    found = (party for party in setup.parties.values() if party.active or party.ref in there)
    return sorted(found, key=lambda party: (party.tier or 9, party.name))


def _of_party(
    reader: Reader, party: Party, held: Mapping[str, Held], waits: Mapping[str, Waiting]
) -> Row:
    mine = held.get(party.ref, Held())
    longest = _longest(reader, party.ref, mine)
    waiting = waits.get(party.ref, Waiting())
    key = named(reader.setup, party)
    return Row(party.kind, party.tier or None, party, mine, waiting, longest, key)


def named(setup: Directory, party: Party) -> str:
    """Name a party in an address: by its ref where its key leads to another, or to none."""
    return party.key if setup.by_key.get(party.key) is party else party.ref


def _of_tier(tier: int, groups: Sequence[Row]) -> Row:
    whole = sum((row.held for row in groups), Held())
    waits = sum((row.waiting for row in groups), Waiting())
    oldest = next((row for row in groups if row.held.since and row.held.since == whole.since), None)
    return Row("tier", tier, None, whole, waits, oldest.longest if oldest else "", str(tier))


def _longest(reader: Reader, ref: str, held: Held) -> str:
    """Write how long a holder has had its oldest: in its own working time, as lists do."""
    if held.since is None:
        return ""
    if ref == REQUESTER:
        return formats.lasting(max(0, int((reader.now - held.since).total_seconds())))
    calendar = reader.setup.calendar_of(ref, held.since)
    return formats.left(calendar.counted(held.since, reader.now), day_length(calendar))
