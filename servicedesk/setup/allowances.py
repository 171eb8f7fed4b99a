"""How long a party may have an incident by its OLA or contract, one party after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.agreement import Target
from servicedesk.sla.calendar import Calendar, NoWorkingTime

# Which target says how long a party may have an incident, the most telling first. An answer's
# counts from the hand-off, as a holding does; acceptance alone says only when work begins.
KINDS = ("holding", "answer", "acceptance")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a party's OLA or contract allows it for one priority."""

    kind: str  # one of KINDS
    target: Target
    calendar: Calendar

    def seconds(self, start: datetime) -> int | None:
        """C1: give working seconds from a start; None where there is no working time for it."""
        return self.target.seconds_if_any(self.calendar, start, start)


@dataclass(frozen=True, slots=True)
class Leg:
    """One party's part of the way, from getting the incident to the end of what it is allowed."""

    party: str  # its ref
    kind: str | None  # which target says so; None: it has none and counts for nothing
    seconds: int  # working seconds on its calendar
    start: datetime
    end: datetime


def allowance(setup: Directory, party: Party, priority: str, at: datetime) -> Allowance | None:
    """Give what a party is allowed by the terms in force at an instant, if they say anything."""
    terms = party.agreement.at(at)
    for kind in KINDS:
        if target := terms.target(kind, priority):
            return Allowance(kind, target, setup.calendars[terms.calendar])
    return None


def legs(
    setup: Directory, parties: Sequence[str], priority: str, start: datetime, used: int = 0
) -> list[Leg]:
    """Walk a way from party to party, each taking all that it is allowed on its own calendar.

    `used` are working seconds that the first one has had already. Raises NoWorkingTime.
    """
    found: list[Leg] = []
    for ref in parties:
        leg = _leg(setup, setup.party(ref), priority, start, 0 if found else used)
        found.append(leg)
        start = leg.end
    return found


def _leg(setup: Directory, party: Party, priority: str, start: datetime, used: int) -> Leg:
    allowed = allowance(setup, party, priority, start)
    if allowed is None:
        return Leg(party.ref, None, 0, start, start)
    whole = allowed.seconds(start)
    if whole is None:
        raise NoWorkingTime(f"{party.key} has no working time.")
    left = max(0, whole - used)
    return Leg(party.ref, allowed.kind, left, start, allowed.calendar.reach(start, left))
