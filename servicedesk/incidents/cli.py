"""`flask desk search-index`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from servicedesk.incidents import documents


@click.command("search-index")
@click.option("--anew", is_flag=True, help="Throw away what is kept, and keep everything anew.")
@with_appcontext
def search_index(anew: bool) -> None:
    """Keep the words by which incidents are found, where they are missing."""
    count = documents.complete(anew=anew)
    click.echo(f"{count} incidents added to the search.")


COMMANDS = (search_index,)
