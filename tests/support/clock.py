"""A clock that stands still until a test moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A Thursday, 14:05 in Tokyo.
NOW = datetime(2026, 11, 26, 5, 5, tzinfo=UTC)


@dataclass
class Clock:
    """Stands in for `times.now`."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on by `minutes=5`, `days=1` …, in whole seconds."""
        self.now += timedelta(seconds=round(timedelta(**by).total_seconds()))
        return self.now
