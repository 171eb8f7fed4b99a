"""`flask desk load` and `flask desk dump`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.errors import BadInput
from servicedesk.incidents.record import refresh
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_file
from servicedesk.setup.schema import SetUp

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
    for line in load_file(file, now=times.now(), dry_run=dry_run, then=refresh):
        click.echo(line)


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
