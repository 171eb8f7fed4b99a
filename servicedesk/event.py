"""One line of the journal as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: ids, values and digests, never names or free text."""

    seq: int
    kind: str
    at: datetime
    actor: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
