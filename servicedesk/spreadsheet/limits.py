"""How large a sheet may be, so that a small file cannot fill the machine."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from servicedesk.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """What one upload may hold."""

    rows: int = 50_000
    above: int = 100  # rows more, for titles and heads
    columns: int = 200
    cells: int = 2_000_000
    unpacked: int = 250 * 1024 * 1024  # bytes of an XLSX file's parts
    parts: int = 2_000

    @property
    def most(self) -> int:
        """Give how many rows may be filled."""
        return self.rows + self.above


USUAL = Limits()


def too_large(limits: Limits) -> BadInput:
    """Say that a sheet is too large."""
    return BadInput(
        _(
            "The sheet is too large: at most %(rows)d rows and %(columns)d columns at once.",
            rows=limits.rows,
            columns=limits.columns,
        )
    )
