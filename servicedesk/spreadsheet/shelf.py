"""A draft's plan, made once for what was chosen and kept beside it; and mappings kept by name."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput
from servicedesk.spreadsheet import mapping as mappings
from servicedesk.spreadsheet import plan as plans
from servicedesk.spreadsheet import rest
from servicedesk.spreadsheet.drafts import FINDINGS, HISTORY, REST, Draft
from servicedesk.spreadsheet.findings import Finding
from servicedesk.spreadsheet.lines import Line
from servicedesk.spreadsheet.mapping import Mapping
from servicedesk.spreadsheet.models import KeptMapping
from servicedesk.spreadsheet.plan import Plan

PLAN = "plan.json"


def prepare(draft: Draft, session: Session, now: datetime) -> Plan:
    """Plan the import of a draft, and keep the plan, its history and both lists of the rest."""
    source, mapping = draft.source(), draft.map()
    plan = plans.make(session, source, mapping, now, draft.folder / HISTORY)
    text = json.dumps(dataclasses.asdict(plan), ensure_ascii=False)
    (draft.folder / PLAN).write_text(text, encoding="utf-8")
    (draft.folder / REST).write_text(rest.lines(source, plan), encoding="utf-8-sig", newline="")
    (draft.folder / FINDINGS).write_text(
        rest.findings(plan, mapping), encoding="utf-8-sig", newline=""
    )
    draft.counts = {
        "rows": plan.rows,
        "fit": plan.fit,
        "there": plan.there,
        "left_out": plan.out,
        "passed_over": plan.passed_over,
    }
    draft.total = plan.changes
    draft.save()
    return plan


def planned(draft: Draft) -> Plan | None:
    """Give the plan that was kept; None before there is one."""
    try:
        said = json.loads((draft.folder / PLAN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    said["findings"] = [Finding(**each) for each in said["findings"]]
    for line in said["first"]:
        line["findings"] = [Finding(**each) for each in line["findings"]]
    said["first"] = [Line(**each) for each in said["first"]]
    return Plan(**said)


# Mappings for the next time


def kept(session: Session) -> Sequence[KeptMapping]:
    """Give the mappings that were kept, by name."""
    return session.scalars(sa.select(KeptMapping).order_by(KeptMapping.name)).all()


def fitting(session: Session, heads: Sequence[str]) -> KeptMapping | None:
    """Give the kept mapping that belongs to a sheet: of several the one that reads most of it."""
    found = [row for row in kept(session) if mappings.fits(mappings.from_json(row.data), heads)]
    return max(found, key=lambda row: (len(row.data["columns"]), row.changed_at), default=None)


def named(session: Session, name: str) -> Mapping:
    """Give a kept mapping by its name; raises BadInput."""
    row = session.scalar(sa.select(KeptMapping).where(KeptMapping.name == name))
    if row is None:
        raise BadInput(_("There is no mapping “%(name)s”.", name=name))
    return mappings.from_json(row.data)


def keep(name: str, mapping: Mapping, now: datetime) -> None:
    """Keep a mapping under a name, in place of what had that name."""
    name = " ".join(name.split())[:120]
    if not name:
        raise BadInput(_("Please name the mapping."))
    with transaction() as session:
        row = session.scalar(sa.select(KeptMapping).where(KeptMapping.name == name))
        row = row or KeptMapping(name=name)
        row.data, row.changed_at = mapping.as_json(), now
        session.add(row)


def forget(id: int) -> None:
    """Throw a kept mapping away."""
    with transaction() as session:
        session.execute(sa.delete(KeptMapping).where(KeptMapping.id == id))
