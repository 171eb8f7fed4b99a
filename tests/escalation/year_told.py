"""Whom a step tells and what else it does, from the journal and what DESK.yaml says alone (E1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from servicedesk.event import Event
from tests.escalation.year_reference import Look, Step

PRIORITIES = {
    "1,1": "P1", "1,2": "P2", "2,1": "P2", "2,2": "P3", "1,3": "P3",
    "3,1": "P3", "2,3": "P4", "3,2": "P4", "3,3": "P5",
}  # fmt: skip
Deed = tuple[str, str]  # the kind of its event, and to whom
ENDS = ("incident.resolved", "incident.cancelled", "incident.closed")


@dataclass
class Round:
    """A step that comes for an incident, the n-th time in its cycle."""

    look: Look
    step: Step
    n: int
    people: Mapping[str, int]  # the id of each

    @property
    def _data(self) -> Mapping[str, Any]:
        return self.look.book.data

    # Whom it tells

    def told(self) -> list[int]:
        """E1: while the holder is closed, who is named for then; of a chain a rung each time."""
        words = self.step.get("tell", ()) if self._is_open() else self._outside()
        found = [person for word in words for person in self._meant(word)]
        if self._hands_off and not self._receiver:
            found += self._lead(self.look.has_it)
        chain: Sequence[str] = self.step.get("chain", ())
        rungs = (self._meant(word) for word in chain[min(self.n, len(chain)) - 1 :])
        found += next((rung for rung in rungs if rung), []) if chain else []
        return sorted(set(found))

    def _outside(self) -> Sequence[str]:
        words: Sequence[str] = self.step.get("outside") or self.step.get("tell", ())
        return words

    def _is_open(self) -> bool:
        look = self.look
        hours = look.book.of_party(look.has_it, look.now)
        return hours.counts(int((look.now - hours.first).total_seconds()) // 60)

    def _meant(self, word: str) -> list[int]:
        match word:
            case "assignee":
                return list(filter(None, [self.look.last("incident.assigned", "assignee")]))
            case "requester":
                return [self.look.events[0].data["requester"]]
            case "owner":
                return self._ids(self._data["services"][self.look.service].get("owner"))
            case "members":
                return self._ids(*self._group(self.look.has_it).get("members", ()))
            case "manager" | "senior-manager":
                return self._above(word == "senior-manager")
            case "desk-lead":
                return self._lead(self._desk)
        return self._lead(self.look.has_it)  # holder-lead; on-call, as there is no rota

    def _ids(self, *keys: str | None) -> list[int]:
        return [self.people[key] for key in keys if key]

    @property
    def _desk(self) -> str:
        return str(self.look.events[0].data["desk_group"])

    def _group(self, ref: str) -> Mapping[str, Any]:
        """H3: the desk's group stays answerable for what a partner has."""
        ref = self._desk if ref.startswith("partner:") else ref
        found: Mapping[str, Any] = self._data["groups"][self.look.book.keys[ref]]
        return found

    def _lead(self, ref: str) -> list[int]:
        return self._ids(self._group(ref).get("lead"))

    def _above(self, twice: bool) -> list[int]:
        """Give the manager of the holder's lead, else of the desk's; else all managers."""
        people = self._data["people"]
        leads = [self._group(ref).get("lead") for ref in (self.look.has_it, self._desk)]
        above = [people[lead].get("manager") for lead in leads if lead]
        if first := next(filter(None, above), None):
            return self._ids((twice and people[first].get("manager")) or first)
        return self._ids(*(key for key, it in people.items() if "manager" in it.get("roles", ())))

    # What else it does, the first time

    def deeds(self) -> list[Deed]:
        """Give what follows in the journal."""
        return list(self._deeds()) if self.n == 1 else []

    def _deeds(self) -> Iterator[Deed]:
        if self._receiver and self._receiver != self._taken_back_by():
            yield "handoff.sent", self._receiver
        does = self.step.get("do", {})
        if "priority" in does and self._can_rise():
            yield "incident.prioritised", ""
        if "major" in does and not self._is_proposed():
            yield "major.proposed", self.step["key"]

    @property
    def _hands_off(self) -> str | None:
        does = self.step.get("do", {})
        return (self.step.get("hand_off") or does.get("hand_off")) if self.n == 1 else None

    @cached_property
    def _receiver(self) -> str | None:
        """H3: the party after whose it is on the service's path; nobody at its end."""
        here = self.look.book.keys[self.look.so.given_to]
        key = self._hands_off
        if key == "next":
            path = self._data["services"][self.look.service]["path"]
            after = path[path.index(here) + 1 :] if here in path else path
            key = next(iter(after), None)
        refs = {key: ref for ref, key in self.look.book.keys.items()}
        return refs[key] if key and key != here else None

    def _taken_back_by(self) -> str | None:
        """H2: a sender who is asked takes it back, and has it then."""
        last = self.look.so.handoffs[-1] if self.look.so.handoffs else None
        return last.back_to if last and last.asking and not last.ended else None

    def _can_rise(self) -> bool:
        said = self.look.events[0].data
        changes = [e.data for e in self.look.events if e.kind == "incident.prioritised"]
        now = (changes or [said])[-1]
        matrix = PRIORITIES | self._data.get("priorities", {})
        impact, urgency = now["impact"], now["urgency"]
        better = (
            matrix[f"{one},{other}"]
            for one in range(1, impact + 1)
            for other in range(1, urgency + 1)
        )
        return bool(min(better) < matrix[f"{impact},{urgency}"])

    def _is_proposed(self) -> bool:
        kinds = [e.kind for e in self.look.events if e.kind in ("major.proposed", *ENDS)]
        return bool(kinds) and kinds[-1] == "major.proposed"


def deed_of(event: Event) -> Deed | None:
    """Read a deed of a rule from the journal; what people did, or came by itself, is none."""
    data = event.data
    if event.kind == "handoff.sent" and data.get("reason") == "rule":
        return event.kind, data["to"]
    if event.kind == "incident.prioritised" and event.actor is None:
        return event.kind, ""
    if event.kind == "major.proposed" and data.get("policy"):
        return event.kind, data["step"]
    return None
