"""`flask desk mail-in`: one mail from a mail server's pipe."""

from __future__ import annotations

import logging
import sys

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.bridge.reading import MOST_BYTES
from servicedesk.bridge.taking import take
from servicedesk.errors import BadInput

log = logging.getLogger(__name__)
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: mail servers keep the mail and come back


@click.command("mail-in")
@click.option(
    "--recipient", metavar="ADDRESS", help="To whom the mail server was told to bring it."
)
@with_appcontext
def mail_in_command(recipient: str | None) -> None:
    """Take one mail in from standard input, as a mail server's pipe brings it.

    Exit status 0: it was taken, set aside or dropped; 75: try again later.
    """
    stream = sys.stdin.buffer
    if stream.isatty():
        raise BadInput("A mail is read from standard input: … | flask desk mail-in")
    raw = stream.read(MOST_BYTES + 1)
    while stream.read(1 << 20):  # a pipe that is closed early looks like a failure
        pass
    if not raw.strip():
        raise BadInput("There is no mail on standard input.")
    try:
        take(raw, now=times.now(), recipient=recipient)
    except Exception as error:  # noqa: BLE001 - any other exit status would send the mail back
        log.error("mail in: one could not be taken: %s", type(error).__name__)
        click.get_current_context().exit(TRY_AGAIN)


COMMANDS = (mail_in_command,)
