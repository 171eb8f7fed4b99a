"""Restore of a backup taken under load equals, row by row, what was committed when it was taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.incidents.models import Attachment, Comment
from servicedesk.operation import backup, restore
from servicedesk.operation.tables import read
from tests.cast import Desk, at
from tests.operation.conftest import Another
from tests.operation.rows import Rows, everything, files
from tests.support.checkout import ROOT
from tests.support.torture import enough

WRITERS, BACKUPS = enough((2, 2), (4, 10))

# Each writer has an incident of its own. Its n-th note says n, and how far every other writer was
# seen to have come: a state that has the note has all that, or it never was.
WRITER = """
import json, sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.incidents import commands
from servicedesk.incidents.files import Upload
from servicedesk.people.models import Person

me, numbers, folder, now = int(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
now = datetime.fromisoformat(now)

def seen(number):
    place = folder / str(number)
    return int(place.read_text() or 0) if place.exists() else 0

app, n = create_app(), 0
while not (folder / "stop").exists():
    n += 1
    said = json.dumps([n, [seen(number) for number in numbers]])
    file = Upload("a.txt", BytesIO(said.encode()))
    with app.app_context():
        actor = db.session.query(Person).filter_by(key="ito").one()
        at = now + timedelta(seconds=n)
        commands.comment(me, "note", said, uploads=(file,), actor=actor, now=at)
    temporary = folder / f"{me}.new"
    temporary.write_text(str(n))
    temporary.replace(folder / str(me))
"""


def told(folder: Path, numbers: list[int]) -> list[int]:
    """Say how far the writers are known to have come."""
    return [
        int((folder / str(n)).read_text()) if (folder / str(n)).exists() else 0 for n in numbers
    ]


@contextmanager
def writing(desk: Desk, numbers: list[int], folder: Path) -> Iterator[Callable[[], list[int]]]:
    """Have a process write to each incident, and stop them all at the end."""
    settings = {
        "DATABASE_URL": str(desk.app.config["DATABASE_URL"]),
        "DESK_VAR": str(desk.app.config["DESK_VAR"]),
        "SECRET_KEY": "for tests",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(n), json.dumps(numbers), str(folder),
             at("10:00").isoformat()],
            cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True,
        )
        for n in numbers
    ]  # fmt: skip
    try:
        await_all(lambda: min(told(folder, numbers)) >= 2, started)
        yield lambda: told(folder, numbers)
    finally:
        (folder / "stop").touch()
        said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * len(started), said


def await_all(there: Callable[[], bool], started: list[subprocess.Popen[str]]) -> None:
    end = monotonic() + 60
    while not there():
        assert monotonic() < end
        assert all(process.poll() is None for process in started)
        sleep(0.05)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read slowly enough for the writers to come between any two tables."""

    def slowly(*given: Any) -> Any:
        sleep(0.05)
        return read(*given)

    monkeypatch.setattr(backup, "read", slowly)


@pytest.mark.slow
def test_what_comes_back_was_committed_at_one_instant(
    desk: Desk, another: Another, backend: str, tmp_path: Path, unhurried: None
) -> None:
    numbers = [desk.log(title=f"Writer {n}") for n in range(WRITERS)]
    folder = tmp_path / "told"
    folder.mkdir()
    taken: list[tuple[Path, list[int], list[int]]] = []
    with writing(desk, numbers, folder) as come:
        for n in range(BACKUPS):
            before, place = come(), tmp_path / f"backup-{n}"
            with desk.app.app_context():
                backup.make(place, now=at("12:00"))
            taken.append((place, before, come()))
    final = everything(desk.app)
    for place, before, after in taken:
        app = another(backend)
        with app.app_context():
            restore.restore(place)
        there = Desk(app)
        notes = {n: [json.loads(c.body) for c in there.rows(Comment, n)] for n in numbers}
        come_to = [len(notes[n]) for n in numbers]
        print(f"before {before}, in the backup {come_to}, after {after}")
        # everything that was known to be committed before it began, nothing that came after it
        assert all(a <= b <= c + 1 for a, b, c in zip(before, come_to, after, strict=True))
        assert sum(after) - sum(before) >= 5, "the writers did not write meanwhile"
        for said in notes.values():
            # one writer's acts in order, without a gap; and what each act had seen of the others
            assert [n for n, _seen in said] == list(range(1, len(said) + 1))
            for _n, seen in said:
                assert all(a <= b for a, b in zip(seen, come_to, strict=True))
        assert_rows_were_there(everything(app), final, numbers, there)
        assert there.differences() == []
        assert_files_are_whole(there)


def assert_rows_were_there(restored: Rows, final: Rows, numbers: list[int], there: Desk) -> None:
    """Each row is as it was committed: those never changed as they are now.

    An incident's own row is the last of its states that had been committed: its version is that of
    its last event in the backup, and `check` finds that all of it follows from these events.
    """
    for table in ("event", "comment", "attachment", "person", "service", "agreement_version"):
        assert set(restored[table]) <= set(final[table]), table
    assert restored["person"] == final["person"]
    for number in numbers:
        seqs = [event.seq for event in there.events(number)]
        assert seqs == list(range(1, there.incident(number).version + 1))
        assert len(seqs) == 1 + 2 * len(there.rows(Comment, number))  # each with its file's
        assert len(there.rows(Attachment, number)) == len(there.rows(Comment, number))


def assert_files_are_whole(there: Desk) -> None:
    with there.session() as session:
        rows = session.execute(sa.select(Attachment.stored, Attachment.sha256))
        named = {f"files/{stored[:2]}/{stored}": sha256 for stored, sha256 in rows}
    assert files(there.app) == named
