"""`flask desk demo`: a made-up company to try the desk out with."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import with_appcontext
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

import config
from servicedesk import db as database
from servicedesk import serving, times
from servicedesk.db import db
from servicedesk.demo import build, letterbox
from servicedesk.errors import DeskError
from servicedesk.people.models import Person

REPORTS = {"en": "service-report.pdf", "ja": "service-report-ja.pdf"}
# Who is worth being, and what they find.
CAST = (
    ("employee", "sato", "reports problems; a disturbance, and one that waits to be confirmed"),
    ("employee", "takahashi", "the same, in Japanese; one waits for an answer"),
    ("employee, head", "goto", "a purchase of the department that waits for approval"),
    ("agent, tier 1", "mori", "the service desk's queue"),
    (
        "lead, tier 1",
        "kawai",
        "the same; a major incident and a return to decide on, mail set aside",
    ),
    ("lead, tier 1", "nakao", "the Osaka desk, and work asked of four others side by side"),
    ("lead, tier 2", "ito", "coordinates a major incident; a partner's question, one is away"),
    ("lead, tier 3", "yamada", "ERP core; is asked to swap a turn on call"),
    ("agent, tier 3", "nagai", "the same, in Japanese; mails wait for the end of quiet hours"),
    ("partner", "hoshino-nohara", "what was handed to Hoshino Networks, nothing else; its people"),
    ("partner", "tsukuba-oda", "what was handed to Tsukuba ERP, nothing else"),
    ("manager", "kubota", "the running month, reports, a rule that nobody answers, a purchase"),
    ("manager, head", "mizushima", "the same, in Japanese; a report that waits for approval"),
    ("admin", "okano", "the set-up; a webhook that was switched off"),
)


@click.command("demo")
@serving.host_option
@serving.port_option
@with_appcontext
def demo_command(host: str, port: int) -> None:
    """Make a company with three months of history, and serve it; the next time, serve it again."""
    app = serving.desk()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with serving.listen(host, port) as taken, serving.stoppable():
        if "DESK_URL" not in os.environ:  # else the links in its mails lead elsewhere
            app.config["DESK_URL"] = serving.address(taken)
        prepare(app)
        click.echo(_who_can_sign_in(serving.address(taken)))
        serving.serve(app, taken)


COMMANDS = (demo_command,)


def prepare(app: Flask) -> None:
    """Make whatever of the demo is not there yet; raises AnotherDesk."""
    letterbox.open_inbox()
    if _has_desk():
        build.there(db.session())
    db.session.remove()
    database.upgrade(app)
    if not build.there(db.session()):
        _create()
    _write_reports(Path(app.config["DESK_VAR"]))


def _has_desk() -> bool:
    """Ask before anything is changed, the schema included."""
    return bool(sa.inspect(db.engine).has_table("desk"))


def _create() -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Making three months of history", total=None)
        try:
            made = build.create(
                now=times.now(),
                progress=lambda done, of: progress.update(task, completed=done, total=of),
            )
        except KeyboardInterrupt:
            click.echo(_stopped(), err=True)
            raise
    click.echo(f"{made} incidents and requests of three months are there.")


def _stopped() -> str:
    """Say what is there after an interruption: the history is one piece, what follows is not."""
    db.session.remove()
    if not build.there(db.session()):
        return "Stopped: nothing of the history was kept."
    return "Stopped: the history is there, but not all that goes on between groups and partners."


def _write_reports(folder: Path) -> None:
    """Write the report of the last full month in each language, unless they were written before."""
    from servicedesk.demo import looking_back
    from servicedesk.reports import commands

    paths = [folder / name for name in REPORTS.values()]
    if all(path.exists() for path in paths):
        for path in paths:
            click.echo(f"The service report is in {_shown(path)}.")
        return
    try:
        period, files = looking_back.seal(db.session(), list(REPORTS), times.now())
    except DeskError as error:
        click.echo(f"The service report was not made: {error}", err=True)
        return
    for path, file in zip(paths, files, strict=True):
        commands.write_file(path, file)
        click.echo(f"The service report of {period} is written to {_shown(path)}.")


def _shown(path: Path) -> Path:
    return path.relative_to(config.ROOT) if path.is_relative_to(config.ROOT) else path


def _who_can_sign_in(address: str) -> str:
    found = db.session.execute(sa.select(Person.key, Person.name))
    names = {key: name for key, name in found if key}
    rows = [("", "sign-in name", "", "finds"), *((r, k, names[k], s) for r, k, s in CAST)]
    widths = [max(cell_len(row[n]) for row in rows) for n in range(3)]
    lines = ["  ".join(["", *map(set_cell_size, row, (*widths, 99))]).rstrip() for row in rows]
    everybody = f"Everybody's password on {address} is {build.PASSWORD}"
    return "\n".join(["", *lines, "", everybody, ""])
