"""Which function takes which kind of event into a story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from servicedesk.event import Event
from servicedesk.incidents.story import Story

Data = Mapping[str, Any]
Handler = Callable[[Story, Event, Data], None]
HANDLERS: dict[str, Handler] = {}


def on(kind: str) -> Callable[[Handler], Handler]:
    """Let a function take a kind of event into a story."""

    def keep(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return keep


def instant(text: str | None) -> datetime | None:
    """Read an instant as the journal holds it."""
    return datetime.fromisoformat(text) if text else None
