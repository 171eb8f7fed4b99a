"""What an incident's story is made of: holdings, hand-offs, holds and dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

Fired = tuple[str, str, str]  # E3: policy, step and cycle


@dataclass(frozen=True, slots=True)
class Firing:
    """E3: when a step was due and done; `at` is None where it was only noted as passed."""

    due: datetime
    at: datetime | None = None
    told: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """E1: that somebody took responsibility for what a step is about, in its cycle."""

    at: datetime
    by: int | None


@dataclass(slots=True)
class Holding:
    """H1: a stretch of time in which one party held the incident."""

    holder: str  # "group:3", "partner:1" or "requester"
    start: datetime
    end: datetime | None = None


@dataclass(slots=True)
class Question:
    """H2: what a receiver asks the sender; meanwhile the sender holds."""

    n: int  # sequence number of its event
    asked_at: datetime
    asked_by: int | None = None
    replied_at: datetime | None = None
    dropped: bool = False  # the hand-off was answered, sent back or taken back instead


@dataclass(slots=True)
class HandOff:
    """H2: a hand-off from one party to another."""

    n: int
    sender: str
    receiver: str
    direction: str
    is_return: bool  # H5
    sent_at: datetime
    sent_by: int | None = None
    answer_by: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    state: str = "sent"
    returns_to: str = ""  # who has it again when it is given back
    questions: list[Question] = field(default_factory=list)
    nudges: list[datetime] = field(default_factory=list)
    refusals: int = 0  # of its answer

    @property
    def is_open(self) -> bool:
        """Say whether it is still waiting for an answer."""
        return self.ended_at is None

    @property
    def question(self) -> Question | None:
        """H2: give the question that waits for the sender's reply, if there is one."""
        last = self.questions[-1] if self.questions and self.is_open else None
        return last if last and last.replied_at is None and not last.dropped else None

    @property
    def to_partner(self) -> bool:
        """Say whether it went to a partner company."""
        return self.receiver.startswith("partner:")


@dataclass(slots=True)
class Return:
    """H5: a hand-off back to a party that had it before, which waits for the sender's lead."""

    n: int  # sequence number of the event with which it was asked
    sender: str
    receiver: str
    asked_at: datetime
    asked_by: int | None
    answer_by: datetime | None = None
    share: bool = False
    state: str = "asked"  # allowed, refused, withdrawn, lapsed (went through by itself)
    decided_by: int | None = None
    decided_at: datetime | None = None


@dataclass(slots=True)
class WorkRequest:
    """H6: work asked of a group or partner while the incident stays where it is."""

    n: int
    sender: str
    receiver: str
    asked_at: datetime
    asked_by: int | None
    due: datetime | None = None
    must_finish: bool = False  # before the incident can be resolved
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    state: str = "sent"  # accepted, done, sent_back, withdrawn

    @property
    def is_open(self) -> bool:
        """Say whether it is neither done nor given back."""
        return self.ended_at is None


@dataclass(slots=True)
class Major:
    """A major incident: proposed, decided, its updates on a rhythm, and its end."""

    n: int  # sequence number of the event with which it was proposed
    proposed_at: datetime
    proposed_by: int | None = None
    rule: tuple[str, str] | None = None  # policy and step that proposed it
    state: str = "proposed"  # confirmed, refused, withdrawn, over
    decided_at: datetime | None = None
    decided_by: int | None = None
    coordinator: int | None = None
    every: int = 0  # seconds from one update to the next, round the clock
    updates: list[datetime] = field(default_factory=list)
    missed: list[datetime] = field(default_factory=list)  # when that was noticed
    over_at: datetime | None = None
    reviewed_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Say whether it was confirmed and is not over."""
        return self.state == "confirmed"

    @property
    def update_due(self) -> datetime | None:
        """Give when those concerned are to hear the next time; a missed one begins a new rhythm."""
        if not self.is_running or self.decided_at is None:
            return None
        heard = max([self.decided_at, *self.updates[-1:], *self.missed[-1:]])
        return heard + timedelta(seconds=self.every)


@dataclass(slots=True)
class Hold:
    """A time on hold, with its reason."""

    reason: str
    start: datetime
    end: datetime | None = None
    until: datetime | None = None
    imported: bool = False  # no `until`, no reminders
    reminded: list[datetime] = field(default_factory=list)  # when whoever is waited for was


@dataclass(slots=True)
class DateEntry:
    """D3: a wish or promise as it was made, and what became of it."""

    n: int  # sequence number of its event
    kind: str  # requested, promised
    day: date | None
    due: datetime | None  # D1: judged instant; None: the date was taken back
    at: datetime
    by: int | None
    state: str = "current"  # proposed, current, superseded, declined, withdrawn
    answer: str | None = None  # of a promise: accepted, declined or not yet
    rush: bool | None = None  # D6; None: not known, or the service had no usual time
    confirmed_at: datetime | None = None  # D3: what the desk noted counts from then on

    @property
    def since(self) -> datetime:
        """Give when it came to count."""
        return self.confirmed_at or self.at


@dataclass(slots=True)
class Exclusion:
    """C11: an interval that shall not count for some clocks, asked by one, decided by another."""

    n: int  # sequence number of the event with which it was asked
    start: datetime
    end: datetime
    clocks: tuple[str, ...]  # a customer's clock by its kind, a party's all by its ref
    asked_by: int | None
    asked_at: datetime
    state: str = "asked"  # approved, refused, withdrawn
    decided_by: int | None = None
    decided_at: datetime | None = None
    asked_as: str = ""  # agent, lead
    decided_as: str = ""  # manager, lead


def supersede(dates: list[DateEntry], kind: str) -> None:
    """D3: a new wish or promise takes the place of the one before, and of one proposed."""
    for one in dates:
        if one.kind == kind and one.state in ("current", "proposed"):
            one.state = "superseded" if one.state == "current" else "withdrawn"


def entry(dates: list[DateEntry], n: int) -> DateEntry:
    """Give the date of an event."""
    return next(one for one in dates if one.n == n)
