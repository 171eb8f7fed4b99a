"""The tables that people script against, as CSV or JSON lines, in order and streaming."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TextIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.incidents.models import Firing, HandOff, Holding, Incident, label
from servicedesk.journal import EventRow
from servicedesk.setup.directory import REQUESTER, Directory
from servicedesk.sla.judging import judged
from servicedesk.sla.models import ClockRow
from servicedesk.times import iso

Record = dict[str, Any]
AT_ONCE = 1000


@dataclass(frozen=True)
class Tables:
    """Reads the tables as of an instant; `where` narrows them to what a person may see.

    `order` is that of the incidents; all else goes by number.
    """

    session: Session
    setup: Directory
    now: datetime
    where: sa.ColumnElement[bool] = field(default_factory=sa.true)
    order: Sequence[sa.ColumnElement[Any]] = (Incident.__table__.c.number,)

    def _stream(self, query: sa.Executable) -> Iterator[Any]:
        return iter(self.session.execute(query.execution_options(yield_per=AT_ONCE)))

    def _key(self, ref: str | None) -> str | None:
        return self.setup.party(ref).key if ref and ref in self.setup.parties else None

    def incidents(self) -> Iterator[Record]:
        """One record an incident, by number unless an order is given."""
        query = sa.select(Incident).where(self.where).order_by(*self.order)
        for (row,) in self._stream(query):
            yield {
                "number": label(row.number),
                "external_id": row.external_id,
                "state": row.state,
                "priority": row.priority,
                "service": self.setup.services[row.service_id].key,
                "holder": REQUESTER if row.holder == REQUESTER else self._key(row.holder),
                "logged_at": row.logged_at,
                "first_response_at": row.first_response_at,
                "resolved_at": row.resolved_at,
                "closed_at": row.closed_at,
                "requested_due": row.requested_day or row.requested_due,
                "first_requested_due": row.first_requested_day or row.first_requested_due,
                "promised_due": row.promised_day or row.promised_due,
                "handoffs": row.handoff_count,
                "returns": row.returns,
                "reopened": row.reopened,
                "type": row.type,
                "channel": row.channel,
                "department": row.department,
                "category": row.category,
                "desk_group": self._key(row.desk_group),
                "target": row.target_kind,
                "target_due": row.target_due,
                "changed_at": row.changed_at,
            }
            self.session.expunge(row)

    def clocks(self) -> Iterator[Record]:
        """One record a clock, judged now; by number, in the order in which clocks started."""
        query = sa.select(ClockRow, Incident.number, Incident.external_id)
        query = query.join(Incident, Incident.id == ClockRow.incident_id).where(self.where)
        query = query.order_by(Incident.number, ClockRow.started_at, ClockRow.id)
        for row, number, external_id in self._stream(query):
            verdict = judged(row, self.setup.calendars, self.now)
            yield {
                "number": label(number),
                "external_id": external_id,
                "kind": row.kind,
                "party": self._key(row.party),
                "priority": row.priority,
                "target_seconds": row.target_seconds,
                "state": verdict.state,
                "started_at": row.started_at,
                "due_at": row.due_at,
                "counted_seconds": verdict.counted,
                "stopped_at": row.stopped_at,
                "breached_at": verdict.breached_at,
                "handoff": row.handoff,
                "excluded_seconds": row.excluded_seconds,
                "net_state": verdict.net_state,
                "net_breached_at": verdict.net_breached_at,
            }
            self.session.expunge(row)

    def holdings(self) -> Iterator[Record]:
        """H1: one record a holding; those of no length are left out."""
        query = sa.select(
            Incident.number, Incident.external_id, Holding.holder, Holding.start, Holding.end
        )
        query = query.join(Incident, Incident.id == Holding.incident_id).where(self.where)
        query = query.where(sa.or_(Holding.end.is_(None), Holding.end > Holding.start))
        for number, external_id, holder, start, end in self._stream(
            query.order_by(Incident.number, Holding.n)
        ):
            yield {
                "number": label(number),
                "external_id": external_id,
                "holder_kind": holder.partition(":")[0],
                "holder": self._key(holder),
                "from": start,
                "to": end,
                "seconds": int(((end or max(self.now, start)) - start).total_seconds()),
            }

    def handoffs(self) -> Iterator[Record]:
        """H2: one record a hand-off."""
        query = sa.select(HandOff, Incident.number, Incident.external_id)
        query = query.join(Incident, Incident.id == HandOff.incident_id).where(self.where)
        for row, number, external_id in self._stream(query.order_by(Incident.number, HandOff.n)):
            yield {
                "number": label(number),
                "external_id": external_id,
                "n": row.n,
                "from": self._key(row.sender),
                "to": self._key(row.receiver),
                "direction": row.direction,
                "sent_at": row.sent_at,
                "accepted_at": row.accepted_at,
                "ended_at": row.ended_at,
                "outcome": row.state if row.ended_at else None,
            }
            self.session.expunge(row)

    def firings(self) -> Iterator[Record]:
        """E3: what escalation rules did; what was noted as passed is left out."""
        query = sa.select(Firing, Incident.number, Incident.external_id)
        query = query.join(Incident, Incident.id == Firing.incident_id).where(self.where)
        query = query.where(Firing.fired_at.is_not(None))
        order = (Incident.number, Firing.due_at, Firing.policy, Firing.step, Firing.cycle)
        for row, number, external_id in self._stream(query.order_by(*order)):
            yield {
                "number": label(number),
                "external_id": external_id,
                "policy": row.policy,
                "step": row.step,
                "cycle": row.cycle,
                "due_at": row.due_at,
                "fired_at": row.fired_at,
            }
            self.session.expunge(row)

    def events(self) -> Iterator[Record]:
        """The journal in the order in which it was recorded, with its hashes."""
        query = sa.select(EventRow, Incident.number, Incident.external_id)
        query = query.join(Incident, Incident.id == EventRow.incident_id).where(self.where)
        query = query.order_by(EventRow.id)
        for row, number, external_id in self._stream(query):
            own = journal.line_hash(row.before, number, row.event(), row.recorded_at)
            yield {
                "number": label(number),
                "external_id": external_id,
                "seq": row.seq,
                "kind": row.kind,
                "happened_at": row.happened_at,
                "recorded_at": row.recorded_at,
                "actor": row.actor_id,
                "data": row.data,
                "before": row.before,
                "hash": own,
            }
            self.session.expunge(row)

    def table(self, name: str) -> Iterator[Record]:
        """Give a table by its name; raises KeyError."""
        by_name: Mapping[str, Callable[[], Iterator[Record]]] = {
            "incidents": self.incidents,
            "clocks": self.clocks,
            "holdings": self.holdings,
            "handoffs": self.handoffs,
            "firings": self.firings,
            "events": self.events,
        }
        return by_name[name]()


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "incidents": (
        "number", "external_id", "state", "priority", "service", "holder", "logged_at",
        "first_response_at", "resolved_at", "closed_at", "requested_due", "first_requested_due",
        "promised_due", "handoffs", "returns", "reopened", "type", "channel", "department",
        "category", "desk_group", "target", "target_due", "changed_at",
    ),
    "clocks": (
        "number", "external_id", "kind", "party", "priority", "target_seconds", "state",
        "started_at", "due_at", "counted_seconds", "stopped_at", "breached_at", "handoff",
        "excluded_seconds", "net_state", "net_breached_at",
    ),
    "holdings": ("number", "external_id", "holder_kind", "holder", "from", "to", "seconds"),
    "handoffs": (
        "number", "external_id", "n", "from", "to", "direction", "sent_at", "accepted_at",
        "ended_at", "outcome",
    ),
    "firings": ("number", "external_id", "policy", "step", "cycle", "due_at", "fired_at"),
    "events": (
        "number", "external_id", "seq", "kind", "happened_at", "recorded_at", "actor", "data",
        "before", "hash",
    ),
}  # fmt: skip


# What a spreadsheet may take for a formula at the beginning of a cell, also written full-width.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def plain_text(value: Any) -> Any:
    """Keep a text that looks like a formula from being one in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTIVE) else value


def write(
    name: str, records: Iterable[Record], out: TextIO, format: str = "csv", *, plain: bool = False
) -> None:
    """Write a table's records as `csv` with header, or as `jsonl`.

    Exactly as they are; `plain`: so that no cell of the CSV can be a formula.
    """
    if format == "jsonl":
        for record in records:
            line = {key: _plain(value) for key, value in record.items()}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    writer = csv.DictWriter(out, COLUMNS[name], lineterminator="\n")
    writer.writeheader()
    for record in records:
        cells = {key: _cell(value) for key, value in record.items()}
        writer.writerow({k: plain_text(v) for k, v in cells.items()} if plain else cells)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return _plain(value)
