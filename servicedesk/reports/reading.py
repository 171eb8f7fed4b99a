"""What a report's PDF says, read in a child process, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _

from servicedesk.errors import DeskError

CHILD = Path(__file__).with_name("reader.py")  # which alone imports what reads PDFs
NO_MEMORY, NO_PDF = 4, 6  # its exit status
LARGEST = 200_000_000  # bytes


class NotRead(DeskError):
    """A PDF cannot be read; says why in one sentence."""


class Block(NamedTuple):
    """A piece of what is printed: a cell, a line of a list, a paragraph, a chart with its words."""

    page: int  # 0: of the document as a whole
    kind: str
    place: str  # section, table, row, column
    text: str


@dataclass(frozen=True)
class Reading:
    """A PDF as it was read."""

    files: Mapping[str, str]
    blocks: Sequence[Block]
    pages: Sequence[str]  # what each draws, summed up
    strange: Sequence[str]  # what no report has
    drawn: str  # by what installation


def read(pdf: bytes) -> Reading:
    """Read a PDF; raises NotRead."""
    if len(pdf) > LARGEST:
        raise NotRead(_("it is larger than %(n)s MB", n=LARGEST // 1_000_000))
    said = in_child(pdf)
    blocks = [Block(*block) for block in said["blocks"]]
    return Reading(said["files"], blocks, said["pages"], said["strange"], said["drawn"])


def in_child(pdf: bytes) -> dict[str, Any]:
    """Read a PDF in a process of its own; raises NotRead."""
    config = current_app.config
    seconds, megabytes = int(config["REPORT_SECONDS"]), int(config["REPORT_MB"])
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), str(seconds), str(megabytes)],
            input=pdf,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise NotRead(_("reading it took longer than %(n)s seconds", n=seconds)) from None
    if done.returncode:
        raise NotRead(_why(done.returncode, done.stderr, seconds, megabytes))
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _why(status: int, said: bytes, seconds: int, megabytes: int) -> str:
    if status == NO_MEMORY:
        return _("reading it needed more than %(n)s MB", n=megabytes)
    if status == NO_PDF:
        return said.decode(errors="replace").strip() or _("it is broken")
    if -status in (24, 9):  # its processor time was used up
        return _("reading it took longer than %(n)s seconds", n=seconds)
    return _("it is broken")
