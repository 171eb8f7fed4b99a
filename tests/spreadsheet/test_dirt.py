"""A ledger of thousands of rows and every kind of dirt: each line is imported or explained."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import drafts, importing, mapping, shelf
from servicedesk.spreadsheet.drafts import Draft
from servicedesk.spreadsheet.plan import Plan
from tests.cast import Desk, at
from tests.spreadsheet.dirt import CSV, NAMES, XLSX, Outcome, dirty
from tests.spreadsheet.ledgers import HEADS
from tests.support.torture import enough

NOW = at("14:05")
TOKYO = ZoneInfo("Asia/Tokyo")


def drafted(data: bytes, session: Session, name: str = "台帳.xlsx") -> Draft:
    """Upload a ledger and take everything as it is guessed."""
    draft = drafts.create(name, data, 1, NOW)
    setup = directory(session)
    source = draft.source()
    draft.mapping = mapping.guess(source.heads, setup).as_json()
    return draft


def written(form: str, rows: int, encoding: str = "utf-8") -> tuple[bytes, dict[int, Outcome]]:
    """Write a dirty ledger; gives what must come of each row, by its number."""
    ledger, outcomes = dirty(rows, form, in_unicode=encoding != "cp932")
    data, numbers = ledger.xlsx() if form == XLSX else ledger.csv(encoding)
    return data, dict(zip(numbers, outcomes, strict=True))


def test_there_are_more_than_fifty_kinds() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(NAMES) >= 50


@pytest.mark.slow
def test_every_line_of_a_workbook_is_imported_or_explained(desk: Desk, backend: str) -> None:
    """Every kind of dirt, 5,000 rows under torture; the check at the end finds nothing."""
    check(desk, *written(XLSX, enough(1500 if backend == "sqlite" else 500, 5000)))


@pytest.mark.slow
@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_every_line_of_a_csv_file_is_imported_or_explained(desk: Desk, encoding: str) -> None:
    check(desk, *written(CSV, 500, encoding))


def check(desk: Desk, data: bytes, wanted: dict[int, Outcome]) -> None:
    with desk.session() as session:
        draft = drafted(data, session)
        assert (draft.head, draft.span) == (3, 1)
        assert draft.source().heads == list(HEADS)
        plan = shelf.prepare(draft, session, NOW)
        check_plan(plan, wanted)
        done = importing.bring_in(draft, NOW)
        lines = {row: w for row, w in wanted.items() if not (w.out or w.skip)}
        assert done.imported == plan.fit == len(lines)
        check_incidents(session, lines)
        again = shelf.prepare(drafted(data, session), session, NOW)
        assert (again.fit, again.there, again.out) == (0, plan.fit, plan.out)


def check_plan(plan: Plan, wanted: dict[int, Outcome]) -> None:
    """Every row is in exactly one count, with exactly the findings of its kind."""
    found: dict[int, set[tuple[str, str]]] = {}
    for finding in plan.findings:
        found.setdefault(finding.row, set()).add((finding.field, finding.code))
    skipped = {
        row: kind
        for kind, spans in plan.skipped.items()
        for _sheet, first, last in spans
        for row in range(first, last + 1)
    }
    left = {row for _sheet, row in plan.left}
    wrong = [
        (row, w.kind, found.get(row, set()), skipped.get(row))
        for row, w in wanted.items()
        if (found.get(row, set()), row in left, skipped.get(row, ""))
        != (set(w.codes), w.out, w.skip)
    ]
    assert not wrong, "\n".join(map(str, first_of_each(wrong)))
    assert plan.rows == len(wanted)
    assert plan.fit + plan.out + plan.there + plan.passed_over == plan.rows
    counts = Counter("skip" if w.skip else "out" if w.out else "in" for w in wanted.values())
    assert (plan.fit, plan.out, plan.passed_over) == (counts["in"], counts["out"], counts["skip"])


def check_incidents(session: Session, wanted: dict[int, Outcome]) -> None:
    """What was imported says what the line said."""
    query = sa.select(Incident).options(
        joinedload(Incident.requester), joinedload(Incident.assignee)
    )
    incidents = session.scalars(query.order_by(Incident.number)).all()
    setup = directory(session)
    assert len(incidents) == len(wanted)
    wrong = []
    for incident, w in zip(incidents, wanted.values(), strict=True):
        said = facts(incident, setup)
        differ = {k: said[k] for k, v in w.facts.items() if v is not None and said[k] != v}
        empty = [k for k, v in w.facts.items() if v is None and k != "title" and said[k]]
        if differ or empty:
            wrong.append((w.kind, differ, empty))
    assert not wrong, "\n".join(map(str, first_of_each(wrong)))
    made = session.scalars(sa.select(Person).where(Person.listed.is_(False))).all()
    assert {person.password_hash for person in made} == {None}


def first_of_each(wrong: list[Any]) -> list[Any]:
    """Give one example of each kind that went wrong."""
    return list({each[-3]: each for each in reversed(wrong)}.values())


def facts(incident: Incident, setup: Directory) -> dict[str, Any]:
    """Give what is known of an incident, as a ledger would say it."""
    return {
        "external_id": incident.external_id,
        "logged": local(incident.logged_at),
        "resolved": local(incident.resolved_at),
        "requested": day_or_time(incident.requested_day, incident.requested_due),
        "promised": day_or_time(incident.promised_day, incident.promised_due),
        "state": incident.state,
        "title": incident.title,
        "requester": incident.requester.key,
        "assignee": incident.assignee.key if incident.assignee else None,
        "service": setup.services[incident.service_id].key,
        "holder": setup.party(incident.given_to).key,
        "priority": incident.priority,
        "type": incident.type,
    }


def local(instant: datetime | None) -> str | None:
    return f"{instant.astimezone(TOKYO):%Y-%m-%d %H:%M}" if instant else None


def day_or_time(day: Any, due: datetime | None) -> str | None:
    return day.isoformat() if day else local(due)
