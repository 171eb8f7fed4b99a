"""Which partners' contracts end soon, or have ended, or have not begun."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from servicedesk.setup.directory import Party

AHEAD = 60  # days before the end from which on it is told


@dataclass(frozen=True)
class Ending:
    """A contract to be looked at."""

    party: Party
    last: date  # day on which it holds
    days: int  # from today to that; below 0: it has ended


def ending(parties: Iterable[Party], today: date) -> list[Ending]:
    """List the contracts in use that end within so many days, or have ended; the next one first."""
    found = [
        Ending(party, party.valid_to, (party.valid_to - today).days)
        for party in parties
        if party.active and party.is_partner and party.valid_to
    ]
    return sorted((it for it in found if it.days <= AHEAD), key=lambda it: (it.last, it.party.key))
