"""Webhooks as DESK.yaml writes them; their addresses and secrets are in no file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from servicedesk.setup.entry import Entry
from servicedesk.setup.policies import Scope
from servicedesk.setup.signals import DESK, FORMATS, KINDS
from servicedesk.setup.values import Flag, OneOrMore, Text, one_of


class Hook(Entry):
    """Where another system or a chat is told what happens; `flask desk hook` sets its address."""

    name: Text | None = None
    """Its key, when left out."""
    format: Annotated[str, one_of(*FORMATS)] = DESK
    """desk: JSON for programs; slack, teams: a message in such a chat."""
    kinds: OneOrMore[Annotated[str, one_of(*KINDS)]] = Field(default_factory=list)
    """What is told; none: only what steps of policies `signal`."""
    for_: Scope = Field(default_factory=Scope, alias="for")
    """Of which incidents, as they are then; all, when left out. Never of confidential ones."""
    titles: Flag = False
    """Whether titles go out too."""

    def more(self) -> dict[str, Any]:
        """Give what is kept beside the columns."""
        return {key: value for key, value in self.plain().items() if key in ("kinds", "for")}
