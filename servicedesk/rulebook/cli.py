"""`flask desk try-rules`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import snapshot
from servicedesk.errors import BadInput
from servicedesk.rulebook import trying, trying_queries, trying_tables, trying_words
from servicedesk.setup import load

EVERY = 500  # incidents from one word about the progress to the next


@click.command("try-rules")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--days", default=trying.DAYS, type=click.IntRange(1, 3660), show_default=True)
@click.option("--policy", default="", help="Only for services that go by it, now or in FILE.")
@click.option("--until", help="A day, 2026-10-31, as the last one; today when left out.")
@click.option("--json", "as_json", is_flag=True, help="What it adds up to, as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Each firing, as CSV.")
@with_appcontext
def try_rules(
    file: Path, days: int, policy: str, until: str | None, as_json: bool, as_csv: bool
) -> None:
    """Try the rules in FILE, a DESK.yaml, on the last days; nothing on the desk changes."""
    if as_json and as_csv:
        raise BadInput("--json and --csv: please choose one of them")
    planned = load.plan_file(file, times.now())
    before, after = planned.before or planned.after, planned.after
    if policy and not {policy} & {*before.policies, *after.policies}:
        raise BadInput(f"--policy {policy}: there is no such policy")
    question = trying.Question(before, after, days, _end(until, before.zone), policy)
    with snapshot() as session:
        if as_csv:
            people = trying_queries.people(session)
            fired = trying.fired_both_ways(session, question, _progress)
            for line in trying_tables.rows(fired, people):
                click.echo(line, nl=False)
            return
        trial = trying.answer(session, question, _progress)
    if as_json:
        click.echo(trying_tables.to_json(trial), nl=False)
        return
    for line in trying_words.text(trial):
        click.echo(line)


def _end(until: str | None, zone: str) -> datetime:
    if until is None:
        return times.now()
    try:
        return min(times.end_of_day(times.day(until), zone), times.now())
    except ValueError as error:
        raise BadInput(f"--until {until}: this is no day") from error


def _progress(count: int) -> None:
    if count % EVERY == 0 and sys.stderr.isatty():
        click.echo(f"\r{count} …", nl=False, err=True)


COMMANDS = (try_rules,)
