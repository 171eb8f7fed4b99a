"""`flask desk load` and `flask desk dump`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.models import label
from servicedesk.incidents.preview import by_calendars
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_file, plan_file
from servicedesk.setup.schema import SetUp
from servicedesk.times import iso

ANNOTATED = Path(__file__).with_name("annotated.yaml")


@click.command("load")
@click.argument("file", required=False)
@click.option("--dry-run", is_flag=True, help="List what would change, and change nothing.")
@click.option(
    "--schema",
    type=click.Choice(["yaml", "json"]),
    is_flag=False,
    flag_value="yaml",
    help="Print every key that a DESK.yaml can have; `--schema json` as JSON Schema.",
)
@with_appcontext
def load_command(file: str | None, dry_run: bool, schema: str | None) -> None:
    """Apply a desk's set-up from FILE: all of it or nothing; twice is as good as once."""
    if schema:
        click.echo(schema_text(schema), nl=False)
        return
    if file is None:
        raise BadInput("Which file? Write `flask desk load DESK.yaml`.")
    if dry_run:
        _preview(file)
        return
    for line in load_file(file, now=times.now(), then=catch_up):
        click.echo(line)


def _preview(file: str) -> None:
    """List what would change, and which open deadlines would move from when to when."""
    now = times.now()
    plan = plan_file(file, now)
    for line in plan.changes:
        click.echo(line)
    if plan.before is None:
        return
    moved = by_calendars(db.session(), plan.before, plan.after, now)
    if moved:
        click.echo(f"{len(moved)} open deadlines would move:")
    for one in moved:
        party = f" {plan.after.party(one.party).key}" if one.party else ""
        said = f"{one.kind}{party}: {iso(one.due_before) or '-'} -> {iso(one.due_after) or '-'}"
        click.echo(f"  {label(one.number)} {said}")


@click.command("dump")
@with_appcontext
def dump_command() -> None:
    """Write the set-up as YAML that `load` takes back unchanged."""
    click.echo(dump(), nl=False)


COMMANDS = (load_command, dump_command)


def schema_text(form: str) -> str:
    """Describe DESK.yaml: as an annotated example (yaml) or as JSON Schema (json)."""
    if form == "yaml":
        return ANNOTATED.read_text(encoding="utf-8")
    return json.dumps(SetUp.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
