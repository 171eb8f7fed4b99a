"""A backup's folder: its manifest, its tables as lines, the files that they name."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from servicedesk.errors import BadInput
from servicedesk.operation.lines import Sum

# manifest.json        when, of which schema, rows and SHA-256 of each table; written last
# tables/NAME.jsonl    the names of the columns, then a row a line
# files.jsonl          path, bytes and SHA-256 of each file below
# files/… reports/… mail-in/…  attachments, sealed reports and mails, where DESK_VAR has them
# secret-key           what signs sessions and keys digests
FORMAT = 1
MANIFEST, FILES, SECRET = "manifest.json", "files.jsonl", "secret-key"
NAMES = re.compile(
    rf"files/[0-9a-f]{{2}}/[0-9a-f]{{32}}|reports/[0-9a-f]{{60}}\.pdf|mail-in/[0-9a-f]{{64}}\.eml"
    rf"|{SECRET}"
)
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """What a file of lines has to come to."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a complete backup says of itself; it is written last."""

    made_at: str
    schema: str
    database: str
    program: str
    tables: Mapping[str, Part]
    files: Part
    file_bytes: int
    journal: Mapping[str, Any]  # events, and the digest over the heads of all chains
    faults: tuple[str, ...] = field(default=())  # files that were lost or changed before
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Count the rows of all tables."""
        return sum(part.rows for part in self.tables.values())


@dataclass(frozen=True)
class File:
    """A file beside the tables: its path, in the backup as in DESK_VAR."""

    path: str
    bytes: int
    sha256: str


# Writing


def private(path: Path) -> IO[bytes]:
    """Open a new file that nobody else may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "wb")


def make_private(folder: Path) -> None:
    """Make a folder and those above it, which nobody else may look into."""
    for each in reversed([folder, *folder.parents]):
        each.mkdir(mode=0o700, exist_ok=True)


def put_lines(path: Path, lines: Iterable[bytes]) -> Part:
    """Write lines as they come."""
    make_private(path.parent)
    total = Sum()
    with private(path) as file:
        for line in total.over(lines):
            file.write(line)
    return Part(total.lines, total.bytes, total.sha256)


def put_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes a backup complete."""
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n"
    put_lines(folder / MANIFEST, [text.encode()])


def copy(source: Path, target: Path) -> File:
    """Copy a file; raises FileNotFoundError."""
    with source.open("rb") as reading:
        make_private(target.parent)
        total = Sum()
        with private(target) as file:
            for chunk in total.over(iter(lambda: reading.read(CHUNK), b"")):
                file.write(chunk)
    return File(str(target), total.bytes, total.sha256)


# Reading


def manifest_of(folder: Path) -> Manifest:
    """Read a backup's manifest; raises BadInput."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if said.get("format") != FORMAT:
            raise BadInput(f"{folder}: a backup of a form that this version does not know")
        parts = {name: Part(**part) for name, part in said.pop("tables").items()}
        faults = tuple(said.pop("faults"))
        return Manifest(tables=parts, files=Part(**said.pop("files")), faults=faults, **said)
    except FileNotFoundError:
        raise BadInput(
            f"{folder} is no complete backup: it has no {MANIFEST}, which is written last."
        ) from None
    except OSError as error:
        raise BadInput(f"{folder}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadInput(f"{folder}/{MANIFEST} cannot be read") from None


def table_path(folder: Path, name: str) -> Path:
    """Say where a table's lines lie."""
    return folder / "tables" / f"{name}.jsonl"


def lines_of(path: Path) -> Iterator[bytes]:
    """Read lines as they are needed."""
    with path.open("rb") as file:
        yield from file


def files_of(folder: Path) -> Iterator[File]:
    """List the files; raises BadInput for a path that no backup has."""
    for line in lines_of(folder / FILES):
        found = File(*json.loads(line))
        if not NAMES.fullmatch(found.path):
            raise BadInput(f"{folder / FILES}: {found.path!r} is no file of a desk")
        yield found


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare everything with its SHA-256; raises BadInput for the first that differs."""
    for name, part in manifest.tables.items():
        _compare(table_path(folder, name), part.sha256)
    _compare(folder / FILES, manifest.files.sha256)
    has_secret = False
    for file in files_of(folder):
        _compare(folder / file.path, file.sha256)
        has_secret |= file.path == SECRET
    if not has_secret:
        raise BadInput(f"{folder} has no {SECRET}.")


def _compare(path: Path, sha256: str) -> None:
    try:
        found = file_digest(path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    if found != sha256:
        raise BadInput(f"{path} is damaged: it is not what the backup wrote.")


def file_digest(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
