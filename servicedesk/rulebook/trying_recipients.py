"""Who is meant by the recipients that rules name, asked for once instead of at each firing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping

from sqlalchemy.orm import Session

from servicedesk.escalation.recipients import recipients
from servicedesk.incidents.acts import Act
from servicedesk.people.models import Person
from servicedesk.times import local_day


class Recipients:
    """Who is meant by recipients, each asked for once for a party and a day."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[int]] = {}
        self._people: dict[int, Person | None] = {}  # held, so that they are read once

    def __call__(self, session: Session, act: Act, words: Iterable[str]) -> list[int]:
        """Give what `recipients` does."""
        found: dict[int, None] = {}
        for word in words:
            found |= dict.fromkeys(self._meant(session, act, word))
        return list(found)

    def _meant(self, session: Session, act: Act, word: str) -> list[int]:
        subject = _SUBJECTS.get(word)
        if subject is None:
            return recipients(session, act, [word])
        key = word, subject(act), local_day(act.now, act.directory.zone)
        if key not in self._known:
            self._known[key] = found = recipients(session, act, [word])
            for id in found:
                self._people[id] = session.get(Person, id)
        return self._known[key]


def _parties(act: Act) -> Hashable:
    return act.story.holding_party, act.story.desk_group


def _on_call(act: Act) -> Hashable:
    """Where there is a rota the instant counts."""
    rota = act.directory.party(act.story.holding_party).rota
    return *((act.now,) if rota else ()), act.story.holding_party, act.story.desk_group


# What of an incident decides who is meant; of what is not listed here anything may.
_SUBJECTS: Mapping[str, Callable[[Act], Hashable]] = {
    "assignee": lambda act: act.story.assignee,
    "holder-lead": _parties,
    "desk-lead": lambda act: act.story.desk_group,
    "manager": _parties,
    "senior-manager": _parties,
    "owner": lambda act: act.story.service,
    "on-call": _on_call,
    "members": _parties,
    "requester": lambda act: act.story.requester,
}
