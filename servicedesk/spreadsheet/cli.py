"""`flask desk sheet`: import a ledger with a mapping that was kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import drafts, grid, importing, mapping, shelf
from servicedesk.spreadsheet.drafts import REST, Draft
from servicedesk.spreadsheet.findings import sentence, skipped
from servicedesk.spreadsheet.plan import Plan

NOBODY = 0  # whose drafts the pages show to nobody


@click.command("sheet")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", "name", help="A mapping kept on the page; left out: guessed.")
@click.option("--sheet", "wanted", help="Which sheet of the workbook; left out: guessed.")
@click.option("--dry-run", is_flag=True, help="Say what would be imported, and import nothing.")
@click.option("--rest", type=click.Path(path_type=Path), help="Write the lines left out as CSV.")
@with_appcontext
def sheet(
    file: Path, name: str | None, wanted: str | None, dry_run: bool, rest: Path | None
) -> None:
    """Import an XLSX or CSV ledger: what fits of it, or nothing."""
    draft = _draft(file)
    try:
        _choose(draft, wanted)
        _map(draft, name)
        plan = shelf.prepare(draft, db.session(), times.now())
        _say(plan)
        if rest:
            rest.write_bytes((draft.folder / REST).read_bytes())
        if not dry_run:
            _import(draft)
    finally:
        drafts.discard(draft)


def _draft(file: Path) -> Draft:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
    return drafts.create(file.name, data, NOBODY, times.now())


def _choose(draft: Draft, wanted: str | None) -> None:
    if wanted is None:
        return
    names = [each["name"] for each in draft.sheets]
    if wanted not in names:
        raise BadInput(f"{draft.name}: there is no sheet “{wanted}” in it")
    n = names.index(wanted)
    drafts.choose(draft, [n], grid.guess_head(draft.sheet(n)))


def _map(draft: Draft, name: str | None) -> None:
    heads = draft.source().heads
    if name is None:
        draft.mapping = mapping.guess(heads, directory(db.session())).as_json()
        return
    kept = shelf.named(db.session(), name)
    if not mapping.fits(kept, heads):
        raise BadInput(f"{draft.name}: the mapping “{name}” reads columns that are not there")
    draft.mapping = mapping.applied(kept, heads).as_json()


def _say(plan: Plan) -> None:
    counts = Counter((finding.out, finding.code) for finding in plan.findings)
    said = f"{plan.rows} rows: {plan.fit} to import, {plan.there} were there already"
    click.echo(f"{said}, {plan.out} left out, {plan.passed_over} are no lines.")
    examples = {finding.code: finding for finding in reversed(plan.findings)}
    for (out, code), count in sorted(counts.items(), reverse=True):
        became = "left out" if out else "imported"
        click.echo(f"  {count} {became}: {sentence(code, examples[code].data)}")
    for kind, spans in plan.skipped.items():
        count = sum(last - first + 1 for _sheet, first, last in spans)
        click.echo(f"  {count} passed over: {skipped(kind)}")


def _import(draft: Draft) -> None:
    lock = importing.own_lock()
    if lock is None:
        raise BadInput("another ledger is being imported")
    with lock:
        row = importing.bring_in(draft, times.now())
    click.echo(f"{row.imported} incidents imported.")


COMMANDS = (sheet,)
