"""Uploaded sheets on their way in: in DESK_VAR/move-in for a day, seen by their uploader."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from servicedesk import times
from servicedesk.errors import BadInput, NotFound
from servicedesk.incidents.files import clean
from servicedesk.spreadsheet import cells, delimited, grid, workbook
from servicedesk.spreadsheet.grid import Head, Row, Sheet
from servicedesk.spreadsheet.limits import USUAL
from servicedesk.spreadsheet.mapping import Mapping, from_json
from servicedesk.spreadsheet.plan import Source

KEPT = timedelta(days=1)
TOKEN = re.compile(r"[0-9a-f]{32}")
UPLOAD, DRAFT, HISTORY = "upload", "draft.json", "history.csv"
MADE = "made"  # how old it is: the sweep looks at this file's time
REST, FINDINGS, PROGRESS = "rest.csv", "findings.csv", "progress"


@dataclass
class Draft:
    """An upload, and what has been chosen for it so far."""

    token: str
    person: int
    name: str
    made_at: str
    encoding: str = ""  # of a CSV file
    separator: str = ""
    sheets: list[dict[str, Any]] = field(default_factory=list)  # name, rows, hidden
    chosen: list[int] = field(default_factory=list)
    head: int = 1
    span: int = 1
    mapping: dict[str, Any] = field(default_factory=dict)
    kept_as: str = ""  # the mapping's name
    reached: str = "sheet"  # the step that is next
    started_at: str = ""
    total: int = 0  # rows of the history that is being imported
    failed: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Give where its files lie."""
        return root() / self.token

    @property
    def is_csv(self) -> bool:
        """Say whether it is a CSV file."""
        return bool(self.encoding)

    @property
    def ends_at(self) -> datetime:
        """Say when it is thrown away."""
        return times.parse(self.made_at) + KEPT

    def map(self) -> Mapping:
        """Give the mapping chosen so far."""
        return from_json(self.mapping)

    def save(self) -> None:
        """Write what has been chosen; whole or not at all."""
        part = self.folder / f"{DRAFT}.{secrets.token_hex(4)}"
        part.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        part.replace(self.folder / DRAFT)

    def source(self) -> Source:
        """Read the chosen sheets."""
        return Source([self.sheet(n) for n in self.chosen], Head(self.head, self.span))

    def sheet(self, n: int) -> Sheet:
        """Read a sheet's cells as they were kept."""
        with (self.folder / f"sheet-{n}.jsonl").open(encoding="utf-8") as file:
            said = json.loads(next(file))
            rows = [_row(json.loads(line)) for line in file]
        return Sheet(said["name"], rows, [tuple(gap) for gap in said["empty"]], said["hidden"])

    def forget_cells(self) -> None:
        """Throw the sheet itself away, once it is imported."""
        for path in self.folder.iterdir():
            if path.name not in (DRAFT, MADE, REST, FINDINGS):
                path.unlink(missing_ok=True)
        self.mapping = {}
        self.save()


def _row(said: list[Any]) -> Row:
    return Row(said[0], [cells.load(value) for value in said[1]])


def root() -> Path:
    """Give the folder of all drafts."""
    folder = Path(current_app.config["DESK_VAR"]) / "move-in"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def create(name: str, data: bytes, person: int, now: datetime) -> Draft:
    """Keep an upload and read its sheets; raises BadInput and keeps nothing."""
    if not data:
        raise BadInput(_("“%(name)s” is empty.", name=clean(name)))
    draft = Draft(secrets.token_hex(16), person, clean(name), times.iso(now) or "")
    if not workbook.is_workbook(data):
        draft.encoding = delimited.guess_encoding(data)
        draft.separator = delimited.guess_separator(data.decode(draft.encoding, "replace"))
    sheets = _read(data, draft)
    draft.folder.mkdir(mode=0o700)
    try:
        (draft.folder / MADE).touch()
        (draft.folder / UPLOAD).write_bytes(data)
        _keep(draft, sheets)
    except BaseException:
        shutil.rmtree(draft.folder, ignore_errors=True)
        raise
    return draft


def _read(data: bytes, draft: Draft) -> list[Sheet]:
    if draft.is_csv:
        sheets = [delimited.read(data, draft.encoding, draft.separator, USUAL)]
    else:
        sheets = workbook.read(data, USUAL)
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise BadInput(_("There is nothing in “%(name)s”.", name=draft.name))
    return sheets


def read_again(draft: Draft, encoding: str, separator: str) -> None:
    """Read a CSV file with another encoding or separator; raises BadInput."""
    if encoding not in (*delimited.ENCODINGS, draft.encoding):
        raise BadInput(_("Please choose an encoding."))
    draft.encoding, draft.separator = encoding, separator
    _keep(draft, _read((draft.folder / UPLOAD).read_bytes(), draft))


def _keep(draft: Draft, sheets: Sequence[Sheet]) -> None:
    for n, sheet in enumerate(sheets):
        with (draft.folder / f"sheet-{n}.jsonl").open("w", encoding="utf-8") as file:
            said = {"name": sheet.name, "empty": sheet.empty, "hidden": sheet.hidden}
            file.write(json.dumps(said, ensure_ascii=False) + "\n")
            for row in sheet.rows:
                values = [cells.dump(cell) for cell in row.cells]
                file.write(json.dumps([row.number, values], ensure_ascii=False) + "\n")
    draft.sheets = [{"name": s.name, "rows": len(s.rows), "hidden": s.hidden} for s in sheets]
    best = max(range(len(sheets)), key=lambda n: (not sheets[n].hidden, _promise(sheets[n]), -n))
    choose(draft, [best], grid.guess_head(sheets[best]))


def _promise(sheet: Sheet) -> tuple[int, int]:
    """The sheet with most known heads is the ledger; of several the longest."""
    heads = grid.heads(sheet, grid.guess_head(sheet))
    return grid.known(heads), len(sheet.rows)


def choose(draft: Draft, chosen: list[int], head: Head) -> None:
    """Choose sheets, and where the head is."""
    draft.chosen, draft.head, draft.span = chosen, head.row, head.span
    draft.save()


# Finding them again


def load(token: str, person: int, now: datetime) -> Draft:
    """Give somebody's own draft; raises NotFound."""
    path = root() / token / DRAFT
    if not TOKEN.fullmatch(token) or not path.is_file():
        raise gone()
    draft = Draft(**json.loads(path.read_text(encoding="utf-8")))
    if draft.person != person or draft.ends_at <= now:
        raise gone()
    return draft


def gone() -> NotFound:
    """Say that an upload is not there any more."""
    return NotFound(_("This upload is not there any more: uploads are kept for 24 hours."))


def own(person: int, now: datetime) -> Iterator[Draft]:
    """Give somebody's drafts."""
    for path in sorted(root().glob(f"*/{DRAFT}"), key=os.path.getmtime, reverse=True):
        try:
            yield load(path.parent.name, person, now)
        except (NotFound, OSError, ValueError, TypeError):  # another's, too old, or just gone
            continue


def discard(draft: Draft) -> None:
    """Throw a draft away."""
    shutil.rmtree(draft.folder, ignore_errors=True)
