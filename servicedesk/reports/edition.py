"""Which edition of the program lays reports out: what is worded otherwise is another one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import config

HERE = Path(__file__).parent
PLACES = (
    (HERE, "*.py"),
    (HERE / "charts", "*.py"),
    (HERE, "*.css"),
    (Path(config.ROOT) / "templates" / "reports" / "print", "*.html"),
    (HERE.parent / "translations", "*/LC_MESSAGES/*.mo"),
)


@cache
def edition() -> str:
    """Sum up all that a report's pages are made with but its data."""
    found = hashlib.sha256()
    for path in _files():
        found.update(f"{path.name}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for folder, pattern in PLACES:
        yield from sorted(folder.glob(pattern))
