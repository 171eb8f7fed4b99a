"""`flask desk sweep`: all that is due by itself, now or as at an instant."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.errors import BadInput
from servicedesk.escalation.sweep import sweep
from servicedesk.mail.deliver import deliver
from servicedesk.mail.digest import summarize
from servicedesk.reports.schedules import running as reports
from servicedesk.signals import deliver as signals


@click.command("sweep")
@click.option("--now", "said", metavar="INSTANT", help="Sweep as at 2026-06-08T03:30:00Z.")
@with_appcontext
def sweep_command(said: str | None) -> None:
    """Do all escalation and notification work that is due, then end; any number may run.

    Reports and mails are those of now, whatever instant is swept for.
    """
    swept = sweep(_instant(said))
    summarize(times.now())
    sent = deliver(times.now())
    click.echo(f"steps fired: {swept.fired}, other duties: {swept.done}, mails sent: {sent.sent}")
    if (called := signals.deliver(times.now())).sent or called.failed:
        click.echo(f"webhooks called: {called.sent}, to be tried again: {called.failed}")
    if swept.failed or sent.failed:
        click.echo(f"to be tried again: {swept.failed} incidents, {sent.failed} mails", err=True)
    _report()


def _report() -> None:
    """Make and mail the reports that are due; last, as that may take minutes."""
    done = reports.run(times.now())
    deliver(times.now())
    if done.sent:
        click.echo(f"reports sent: {done.sent}")
    if done.failed:
        click.echo(f"to be tried again: {done.failed} reports", err=True)


def _instant(said: str | None) -> datetime:
    try:
        return times.parse(said) if said else times.now()
    except ValueError:
        raise BadInput(
            f"--now {said}: write an instant with offset, as 2026-06-08T03:30:00Z"
        ) from None


COMMANDS = (sweep_command,)
