"""`flask desk feasibility` and `flask desk apply-agreement`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from servicedesk import times
from servicedesk.administration.agreements import fits, words
from servicedesk.administration.agreements.fits import Group, Line
from servicedesk.administration.calendars import moves
from servicedesk.db import db
from servicedesk.errors import NotFound
from servicedesk.incidents import applying, preview
from servicedesk.incidents.models import label
from servicedesk.incidents.preview import Moved
from servicedesk.setup import load
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import Agreement, Application
from servicedesk.times import iso

HEADS = ("service", "priority", "clock", "target", "path", "at worst", "")


@click.command("feasibility")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_context
@with_appcontext
def feasibility(context: click.Context, file: Path | None) -> None:
    """Say whether paths fit inside what customers are promised; exit status 1: not always.

    By the set-up in force, or by FILE, which is not loaded. Each full hour of the next four weeks
    is tried, day and night; each party takes all that its agreement allows.
    """
    now = times.now()
    setup = load.plan_file(file, now).after if file else directory(db.session())
    groups = fits.groups(setup, setup.services_by_key.values(), now)
    for line in _table([HEADS, *_rows(groups)]):
        click.echo(line)
    bad = sum(group.is_bad for group in groups)
    click.echo(f"{len(groups)} services looked at, {bad} with something that does not fit.")
    context.exit(1 if bad else 0)


def _rows(groups: Iterable[Group]) -> Iterator[tuple[str, ...]]:
    for group in groups:
        for line in group.lines:
            yield (group.service.key, *_row(line))


def _row(line: Line) -> tuple[str, ...]:
    said = ", ".join(words.target(now) for now, _then in line.targets)
    shown = line.now
    if shown is None:
        return words.priorities(line.priorities), line.clock, said, "", "", ""
    walk = shown.fit.worst
    worst = f"{words.spare(walk.spare, shown.calendar)} from {iso(walk.start)}" if walk else ""
    notes = " ".join(words.notes(shown.fit, shown.setup))
    verdict = words.verdict(shown.fit)[1]
    return words.priorities(line.priorities), line.clock, said, verdict, worst, notes


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


@click.command("apply-agreement")
@click.argument("kind", type=click.Choice(["sla", "ola", "uc"]))
@click.argument("key")
@click.option("--dry-run", is_flag=True, help="List what would change, and change nothing.")
@with_appcontext
def apply_agreement(kind: str, key: str, dry_run: bool) -> None:
    """Apply the version in force of an agreement to open incidents.

    KEY is a customer agreement's (sla), a group's (ola) or a partner company's (uc).
    """
    if dry_run:
        for line in _would(kind, key, times.now()):
            click.echo(line)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("apply", total=None, said="")
        done = applying.apply(
            kind,
            key,
            actor=None,
            now=times.now(),
            progress=lambda it: _show(progress, task, it),
        )
    click.echo(f"Applied to {done} open incidents.")


def _show(progress: Progress, task: TaskID, it: Application) -> None:
    said = f"{it.looked_at:,} of {it.total:,}"
    progress.update(task, completed=it.looked_at, total=it.total, said=said)


def _would(kind: str, key: str, now: datetime) -> Iterator[str]:
    session = db.session()
    row = session.query(Agreement).filter_by(kind=kind, key=key).one_or_none()
    if row is None:
        raise NotFound("There is no such agreement.")
    setup = directory(session)
    moved = preview.by_agreement(session, setup, row.id, now)
    rows = [_moved(one, setup) for one in moved]
    yield from _table([("number", "clock", "due so far", "due then", "verdict"), *rows])
    differing = sum(one.differs for one in moved)
    yield f"{len(moved)} deadlines or targets would move, {differing} verdicts become others."


def _moved(one: Moved, setup: Directory) -> tuple[str, ...]:
    verdict = f"{one.state_before} -> {one.state_after}" if one.differs else one.state_after
    dues = (iso(one.due_before) or "-", iso(one.due_after) or "-")
    return label(one.number), moves.clock(one, setup), *dues, verdict


COMMANDS = (feasibility, apply_agreement)
