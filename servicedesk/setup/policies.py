"""E1: escalation policies as DESK.yaml writes them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from servicedesk.setup.entry import Entry
from servicedesk.setup.values import ClockKind, Key, Minutes, OneOrMore, Priority, Recipient, one_of

PAGES = ("new", "today", "trial")  # words that stand where a policy does in addresses


class When(Entry):
    """E1: when a step of a policy is due: one of the six."""

    clock: ClockKind | None = None
    at: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Share of the clock's target, in percent."""
    unaccepted: Minutes | None = None
    """Working minutes of the holder's calendar, as are the next two."""
    unassigned: Minutes | None = None
    untouched: Minutes | None = None
    wish: Minutes | None = None
    """Working minutes before the last working moment at or before the requested date."""
    promise: Minutes | None = None
    """The same before the promised date."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = self.model_fields_set - {"at"}
        if len(given) != 1 or ("clock" in given) != ("at" in self.model_fields_set):
            raise ValueError(
                "must be one of {clock: resolution, at: 75}, {unaccepted: 60}, "
                "{unassigned: 60}, {untouched: 60}, {wish: 240}, {promise: 240}"
            )
        return self


class Scope(Entry):
    """E1: what a step of a policy is for; everything, when left out."""

    service: OneOrMore[Key] = Field(default_factory=list)
    priority: OneOrMore[Priority] = Field(default_factory=list)
    group: OneOrMore[Key] = Field(default_factory=list)
    """Groups or partners that hold the incident."""
    partner: OneOrMore[Key] = Field(default_factory=list)
    """The same, of partners only."""
    type: OneOrMore[Annotated[str, one_of("incident", "request")]] = Field(default_factory=list)


class Repeat(Entry):
    """E1: that a step comes again, until somebody takes responsibility."""

    every: Minutes
    """Working minutes of the holder's calendar, counted from the time before."""
    most: Annotated[int, Field(ge=2, le=50)]
    """How often in all."""


class Deed(Entry):
    """E1: what a step of a policy does besides telling."""

    hand_off: Key | None = None
    """`next` step of the path, or a group or partner."""
    priority: Annotated[str, one_of("up")] | None = None
    major: Annotated[str, one_of("propose")] | None = None


class Step(Entry):
    """E1: a step of an escalation policy."""

    key: Key
    when: When
    for_: Scope = Field(default_factory=Scope, alias="for")
    tell: OneOrMore[Recipient] = Field(default_factory=list)
    chain: OneOrMore[Recipient] = Field(default_factory=list)
    """Told one after the other, one each time that the step comes; it needs `repeat`."""
    outside: OneOrMore[Recipient] = Field(default_factory=list)
    """Told instead of `tell` while the holder is closed."""
    repeat: Repeat | None = None
    """Left out: the step comes once."""
    signal: OneOrMore[Key] = Field(default_factory=list)
    """Webhooks that are called."""
    hand_off: Key | None = None
    """The same as `do: {hand_off: …}`."""
    do: Deed = Deed()

    @model_validator(mode="after")
    def _one_receiver(self) -> Self:
        if self.hand_off and self.do.hand_off and self.hand_off != self.do.hand_off:
            raise ValueError("hand_off stands here twice, with different receivers")
        return self

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        if self.chain and self.repeat is None:
            raise ValueError("a chain needs repeat: {every: 30, most: 4}")
        return self

    @property
    def receiver(self) -> str | None:
        """Give whom it hands the incident to: `next`, a group or a partner."""
        return self.hand_off or self.do.hand_off

    def plain(self) -> dict[str, Any]:
        """Give the step in one form, however it was written."""
        found = {
            "key": self.key,
            "when": self.when.plain(),
            "for": self.for_.plain(),
            "tell": self.tell,
            "chain": self.chain,
            "outside": self.outside,
            "repeat": self.repeat.plain() if self.repeat else None,
            "signal": self.signal,
            "hand_off": self.receiver,
            "do": {k: v for k, v in self.do.plain().items() if k != "hand_off"},
        }
        return {key: value for key, value in found.items() if value}


def unlike(steps: list[Step]) -> list[Step]:
    """Let no two steps of a policy have the same key; raises ValueError."""
    keys = [step.key for step in steps]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f'two steps have the key "{key}"')
    return steps
