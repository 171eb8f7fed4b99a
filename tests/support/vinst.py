"""The real history of 65,533 changes on SQLite, imported once for all tests of one round."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "vinst"


def run(app: Flask, *args: str) -> str:
    """Run `flask desk …` and give what it says; it has to succeed."""
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["desk", *args])
    assert done.exit_code == 0, done.output
    return done.stdout


def bring_in(app: Flask) -> str:
    """Load its set-up and import it; gives what the import says."""
    run(app, "load", str(FOLDER / "desk.yaml"))
    return run(app, "replay", str(FOLDER / "history.csv"))


@dataclass(frozen=True)
class Imported:
    """A database that holds it, to be copied, and what the import said of itself."""

    database: Path
    said: str


def imported(shared: Path, make: Callable[[Path], str]) -> Imported:
    """Make the database in a folder that all test processes share, or take the one made there."""
    database, said = shared / "vinst.db", shared / "vinst.txt"
    with (shared / "vinst.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when it is closed, however that comes
        if not said.exists():
            new = shared / "vinst.new"
            text = make(new)
            shutil.move(new, database)
            said.write_text(text)
    return Imported(database, said.read_text())
