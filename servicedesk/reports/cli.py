"""`flask desk report` and `flask desk verify`."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.reports import commands, contents, verify
from servicedesk.reports.commands import LANGUAGES
from servicedesk.reports.reading import LARGEST, NotRead
from servicedesk.reports.remarks import Remarks
from servicedesk.setup.snapshot import directory

MOST = 200  # differences that are listed
STATM = Path("/proc/self/statm")  # what memory this process has


@click.command("report")
@click.option("--period", required=True, help="A month, 2026-10, or several: 2026-04..2026-09.")
@click.option("--scope", default="all", help="Or group:KEY, partner:KEY, service:KEY.")
@click.option("--zone", help="Time zone of days and months; the desk's when left out.")
@click.option("--language", type=click.Choice(LANGUAGES), help="The desk's when left out.")
@click.option("--comment", default="", help="The manager's comment, for the first page.")
@click.option("--decisions", default="", help="The decisions wanted, for the first page.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The PDF to write.")
@click.option("--json", "json_", type=click.Path(path_type=Path), help="The JSON to write as well.")
@with_appcontext
def report(
    period: str, scope: str, zone: str | None, language: str | None, comment: str, decisions: str,
    out: Path, json_: Path | None,
) -> None:  # fmt: skip
    """Make a service report, and seal it if its period has ended."""
    asked = commands.read(directory(db.session()), period, scope, zone, language)
    for path in (out, json_):
        _check(path)
    if json_ and json_.resolve() == out.resolve():
        raise BadInput(f"{out}: the PDF and the JSON need two names")
    said = Remarks(comment.strip(), decisions.strip())
    remarks = said if comment or decisions else None  # what is drafted on the page
    made = commands.make(asked, now=times.now(), remarks=remarks)
    commands.write_file(out, made.pdf)
    if json_:
        commands.write_file(json_, contents.dumps(made.figures).encode())
    click.echo(f"{asked.period.name}, {asked.scope.name}: {_state(made)}, written to {out}")


def _check(path: Path | None) -> None:
    """Refuse a name that can't be written before the work is done."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise BadInput(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder")


def _state(made: commands.Made) -> str:
    if made.revision is None:
        return "a draft, for the period has not ended"
    return f"revision {made.revision}, {'sealed' if made.new else 'as it was sealed'}"


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
@with_appcontext
def verify_(ctx: click.Context, file: Path) -> None:
    """Work every figure of a report out again from the data inside the PDF."""
    try:
        with _bounded(int(current_app.config["REPORT_MB"])):
            verdict = verify.verify(_read(file))
    except NotRead as error:
        raise BadInput(f"{file}: {error}") from None
    if not verdict.differences:
        click.echo(f"{file}: {verdict.said}: {_found(verdict)}")
        return
    for line in verdict.differences[:MOST]:
        click.echo(line)
    more = len(verdict.differences) - MOST
    if more > 0:
        click.echo(f"and {more} more")
    ctx.exit(1)


def _found(verdict: verify.Verdict) -> str:
    """Say what was compared, where all of it is right."""
    if verdict.numbers:
        compared, printed = verdict.numbers
        return (
            f"its figures follow from its data; its pages were laid out by another edition of the "
            f"program, of their texts with numbers {compared} of {printed} were compared"
        )
    how = ", as text: it was drawn with other fonts or libraries" if verdict.as_text else ""
    return f"all that is printed follows from its data{how}"


@contextmanager
def _bounded(megabytes: int) -> Iterator[None]:
    """Bound the memory that hostile data can take, on top of what is taken already."""
    if not STATM.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(STATM.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + megabytes * 1024 * 1024, before[1]))
    try:
        yield
    except MemoryError:
        raise NotRead(f"verifying it needed more than {megabytes} MB") from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _read(file: Path) -> bytes:
    """Read a file, unless it is too large to be a report."""
    try:
        if file.stat().st_size > LARGEST:
            raise NotRead(f"it is larger than {LARGEST // 1_000_000} MB")
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None


COMMANDS = (report, verify_)
