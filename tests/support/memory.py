"""Where files that are thrown away are quickest: in memory, where there is enough of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30


@contextmanager
def quick_folder(prefix: str) -> Iterator[Path]:
    """Make a folder in memory, else among the temporary files, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_place()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path | None:
    usable = os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return MEMORY if usable else None
