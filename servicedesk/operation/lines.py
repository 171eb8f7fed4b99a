"""A table as lines of JSON: the same lines for the same rows, whichever database they come from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.db import Instant
from servicedesk.errors import BadInput
from servicedesk.operation.tables import Row, Table


def write_lines(table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """Write the names of the columns, then a line for each row, the values in that order."""
    yield _line(table.columns)
    for row in rows:
        yield _line(row)


def _line(values: Iterable[Any]) -> bytes:
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.encode() + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode()


def read_lines(table: Table, lines: Iterable[bytes]) -> Iterator[Row]:
    """Read the rows back; raises BadInput where the lines are another table's."""
    left = iter(lines)
    if json.loads(next(left, b"[]")) != list(table.columns):
        raise BadInput(f"{table.name}: its columns are not those of this schema")
    readers = [_reader(table.sql.c[name].type) for name in table.columns]
    for line in left:
        values = zip(readers, json.loads(line), strict=True)
        yield [value if read is None or value is None else read(value) for read, value in values]


def _reader(type_: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(type_, Instant):
        return datetime.fromisoformat
    if isinstance(type_, sa.Date):
        return date.fromisoformat
    return base64.b64decode if isinstance(type_, sa.LargeBinary) else None


class Sum:
    """What lines come to while they pass by: their number, their bytes, their SHA-256."""

    def __init__(self) -> None:
        self.lines, self.bytes, self._digest = 0, 0, hashlib.sha256()

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Let lines pass, counting them."""
        for line in lines:
            self.lines += 1
            self.bytes += len(line)
            self._digest.update(line)
            yield line

    @property
    def sha256(self) -> str:
        """Give the digest of what has passed."""
        return self._digest.hexdigest()


def digest(lines: Iterable[bytes]) -> str:
    """Give the SHA-256 of lines."""
    total = Sum()
    for _line in total.over(lines):
        pass
    return total.sha256
