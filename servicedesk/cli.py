"""`flask desk …`: the command line."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from servicedesk.errors import DeskError
from servicedesk.operation.upgrade import upgrade


class DeskGroup(AppGroup):
    """Turns what the desk refuses into one clear line and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeskError as error:
            print(error, file=sys.stderr)
        except SQLAlchemyError as error:
            print(_database_line(error), file=sys.stderr)
        except BrokenPipeError:
            sys.stderr.close()
        return ctx.exit(2)


def _database_line(error: SQLAlchemyError) -> str:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    absent = "does not exist" in cause
    if "no such table" in cause or (absent and cause.startswith("relation")):
        return "The database has no desk in it: run `flask desk init` first."
    if "no such column" in cause or (absent and cause.startswith("column")):
        return "The database is of an older version: run `flask desk init` first."
    return f"The database does not answer: {cause}"


desk = DeskGroup("desk", help="The service desk.")


@desk.command("init")
def init() -> None:
    """Create or upgrade the schema, and bring what is there up to it."""
    upgrade(current_app._get_current_object())  # type: ignore[attr-defined]


def _attach() -> None:
    from servicedesk import serving
    from servicedesk.administration import cli as administration
    from servicedesk.bridge import cli as bridge
    from servicedesk.demo import cli as demo
    from servicedesk.escalation import cli as escalation
    from servicedesk.history import cli as history
    from servicedesk.incidents import cli as incidents
    from servicedesk.operation import cli as operation
    from servicedesk.people import cli as people
    from servicedesk.reports import cli as reports
    from servicedesk.rulebook import cli as rulebook
    from servicedesk.setup import cli as setup
    from servicedesk.signals import cli as signals
    from servicedesk.spreadsheet import cli as spreadsheet
    from servicedesk.whatif import cli as whatif

    for package in (
        setup,
        people,
        history,
        escalation,
        reports,
        serving,
        operation,
        demo,
        spreadsheet,
        whatif,
        administration,
        bridge,
        signals,
        rulebook,
    ):
        for command in package.COMMANDS:
            desk.add_command(command)
    for command in incidents.COMMANDS:
        desk.add_command(command)


_attach()
