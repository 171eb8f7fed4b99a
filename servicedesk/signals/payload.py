"""What a signal says: the same for every format, and the JSON of the format `desk`."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from servicedesk.setup.signals import KINDS

TEST = "desk.test"
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]
Clock = Literal[
    "response",
    "resolution",
    "acceptance",
    "answer",
    "holding",
    "requested",
    "promised",
    "unaccepted",
    "unassigned",
    "untouched",
    "wish",
    "promise",
]


class Part(BaseModel):
    """A part of a signal; later versions may say more."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Named(Part):
    """Something of the set-up."""

    key: str
    name: str


class Holder(Part):
    """Who has the incident: never a person's name."""

    kind: Literal["group", "partner", "requester"]
    key: str | None = None
    name: str | None = None


class Rule(Part):
    """Which step of which policy fired, or was taken responsibility for."""

    policy: str
    step: str
    due: Instant | None = None
    """When it became due, however late it was noticed."""
    when: Clock | None = None
    """A clock, or what was waited for."""
    percent: int | None = None
    """Of the clock's target."""
    seconds: int | None = None
    """Of working time."""


class Signal(Part):
    """One thing that happened. Everything but the first four is left out of a test."""

    id: str
    """The same in each copy of a call; also the header webhook-id."""
    kind: Annotated[str, Field(json_schema_extra={"enum": [*KINDS, TEST]})]
    happened_at: Instant
    desk: str
    """The desk's name."""
    number: str | None = None
    """Of the incident, such as INC-00000012."""
    sequence: int | None = None
    """Of the event within the incident: a higher one happened later."""
    type: Literal["incident", "request"] | None = None
    priority: str | None = None
    state: Literal["new", "in_progress", "on_hold", "resolved", "closed", "cancelled"] | None = None
    service: Named | None = None
    holder: Holder | None = None
    """Left out once it is resolved, closed or cancelled."""
    rule: Rule | None = None
    """With step.fired and step.acknowledged."""
    title: str | None = None
    """Only where the set-up allows it."""
    link: str
    """The incident's page; whoever opens it has to sign in."""


def body(said: dict[str, Any]) -> bytes:
    """Write JSON as it is signed and sent."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def plain(signal: Signal) -> dict[str, Any]:
    """Give a signal as the format `desk` has it."""
    return signal.model_dump(exclude_none=True)


def schema() -> str:
    """Give the JSON Schema of the format `desk`."""
    said = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(said | Signal.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
