"""A list on its way into a file: columns, rows that come one by one, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

MOST = 250_000  # rows of a file
Cell = str | int | float | date | datetime | None
Row = Sequence[Cell]


@dataclass(frozen=True)
class Column:
    """A column: its head, its width in letters, and whether instants stand in it."""

    head: str
    width: int = 16
    zoned: bool = False


def when(head: str) -> Column:
    """Give a column of instants."""
    return Column(head, 17, zoned=True)


@dataclass
class Sheet:
    """A list; what it says of itself is known once its rows have gone by."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    # §9: of confidential ones, which the reader may not see: left out, or there by number alone
    withheld: int = 0
    written: int = 0
    cut: bool = False

    def take(self) -> Iterator[Row]:
        """Give the rows, up to what a file takes."""
        for row in self.rows:
            if self.written == MOST:
                self.cut = True
                return
            self.written += 1
            yield row
