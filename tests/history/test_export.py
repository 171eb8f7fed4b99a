"""The tables that people script against: their columns, their order, what stands in them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from servicedesk import journal
from servicedesk.escalation.commands import accept, answer, hand_off, send_back
from servicedesk.history.export import COLUMNS, Tables, write
from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from tests.cast import Desk, at
from tests.history.histories import History

# Contract: columns in this order; more may follow.
CONTRACT = {
    "incidents": "number,external_id,state,priority,service,holder,logged_at,first_response_at,"
    "resolved_at,closed_at,requested_due,first_requested_due,promised_due,handoffs,returns,reopened",
    "clocks": "number,external_id,kind,party,priority,target_seconds,state,started_at,due_at,"
    "counted_seconds,stopped_at,breached_at,handoff",
    "holdings": "number,external_id,holder_kind,holder,from,to,seconds",
    "handoffs": "number,external_id,n,from,to,direction,sent_at,accepted_at,ended_at,outcome",
    "firings": "number,external_id,policy,step,cycle,due_at,fired_at",
}


def export(desk: Desk, name: str, now: str = "18:00", format: str = "csv") -> str:
    """Write a table as of an instant."""
    out = io.StringIO()
    with desk.session() as session:
        write(name, Tables(session, desk.setup(), at(now)).table(name), out, format)
    return out.getvalue()


def rows(desk: Desk, name: str, now: str = "18:00") -> list[dict[str, str]]:
    """Read a table back as a spreadsheet would."""
    return list(csv.DictReader(io.StringIO(export(desk, name, now))))


def column(table: list[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in table]


@pytest.fixture
def told(history: History) -> Desk:
    """An imported incident, and one of here."""
    history.row("08:00", "ext-1", group="network", requested_due="2026-11-27", replied="1")
    history.row("08:30", "ext-1", state="closed")
    history.replay(now="09:00")
    desk = history.desk
    n = desk.log(when="09:00")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    desk.do(hand_off, n, "netone", note="Please look", by="abe", when="11:00")
    desk.do(accept, n, 2, by="kim", when="11:30")
    desk.do(answer, n, 2, "A cut cable", by="kim", when="12:00")
    desk.do(commands.hold, n, "requester", by="abe", when="14:00", question="Is it back?")
    return desk


@pytest.mark.parametrize("name", list(CONTRACT))
def test_columns_stand_in_the_order_of_the_contract(told: Desk, name: str) -> None:
    """Contract: columns in this order."""
    header = export(told, name).splitlines()[0]
    assert header.startswith(CONTRACT[name])
    assert tuple(header.split(",")) == COLUMNS[name]


def test_incidents(told: Desk) -> None:
    """Contract: one row an incident, by number; nothing = empty cell; instants are UTC."""
    imported, here = rows(told, "incidents")
    names = CONTRACT["incidents"].split(",")
    assert {name: imported[name] for name in names} == {
        "number": "INC-00000001",
        "external_id": "ext-1",
        "state": "closed",
        "priority": "P3",
        "service": "internet",
        "holder": "",
        "logged_at": "2026-11-25T23:00:00Z",
        "first_response_at": "2026-11-25T23:00:00Z",
        "resolved_at": "2026-11-25T23:30:00Z",
        "closed_at": "2026-11-25T23:30:00Z",
        "requested_due": "2026-11-27",
        "first_requested_due": "2026-11-27",
        "promised_due": "",
        "handoffs": "0",
        "returns": "0",
        "reopened": "0",
    }
    assert (here["holder"], here["state"], here["resolved_at"]) == ("requester", "on_hold", "")
    assert (here["handoffs"], here["returns"], here["external_id"]) == ("2", "0", "")


def test_clocks(told: Desk) -> None:
    """Contract: `party` blank for customer and date clocks; `handoff` for acceptance and answer."""
    table = [row for row in rows(told, "clocks") if row["number"] == "INC-00000002"]
    said = [(r["kind"], r["party"], r["handoff"], r["state"]) for r in table]
    assert said == [
        ("response", "", "", "breached"),  # not an hour from 09:00
        ("resolution", "", "", "paused"),
        ("holding", "desk", "", "met"),
        ("holding", "network", "", "met"),
        ("acceptance", "network", "1", "breached"),
        ("answer", "network", "1", "met"),
        ("holding", "netone", "", "met"),
        ("acceptance", "netone", "2", "met"),
        ("answer", "netone", "2", "met"),
    ]
    response, resolution = table[:2]
    assert response["breached_at"] == "2026-11-26T01:00:00Z"
    assert (resolution["due_at"], resolution["target_seconds"]) == ("", str(24 * 3600))
    assert resolution["counted_seconds"] == str(4 * 3600)


def test_running_clocks_count_up_to_now(told: Desk) -> None:
    """C10: a verdict is that of the instant, not that of the sweep that noticed it."""
    n = told.log(when="Fri 09:00", impact=1, urgency=1)
    states = {}
    for now in ("Fri 09:15", "Fri 09:15:01"):
        table = rows(told, "clocks", now)
        found = next(r for r in table if r["number"].endswith(str(n)) and r["kind"] == "response")
        states[now] = (found["state"], found["counted_seconds"], found["breached_at"])
    assert states == {
        "Fri 09:15": ("running", "900", ""),
        "Fri 09:15:01": ("breached", "901", "2026-11-27T00:15:00Z"),
    }


def test_one_row_for_the_wish_and_one_for_the_promise(told: Desk) -> None:
    """Contract: for the current date; a day: the next midnight in the desk's zone."""
    found = [r for r in rows(told, "clocks") if r["kind"] == "requested"]
    assert [(r["number"], r["due_at"], r["state"]) for r in found] == [
        ("INC-00000001", "2026-11-27T15:00:00Z", "met")
    ]


def test_holdings(told: Desk) -> None:
    """H1; contract: `holder` blank for the requester, `to` blank while it lasts."""
    table = [row for row in rows(told, "holdings") if row["number"] == "INC-00000002"]
    said = [(r["holder_kind"], r["holder"], r["seconds"], bool(r["to"])) for r in table]
    assert said == [
        ("group", "desk", "3600", True),
        ("group", "network", "3600", True),
        ("partner", "netone", "3600", True),
        ("group", "network", "7200", True),
        ("requester", "", str(4 * 3600), False),
    ]


def test_holdings_of_no_length_are_left_out_and_their_neighbours_not_joined(
    history: History,
) -> None:
    """Contract: a holding ends wherever the holder changes."""
    history.row("09:00", group="desk")
    history.row("10:00", group="network")
    history.row("10:00", group="desk")
    history.replay()
    said = [(r["holder"], r["from"][11:16]) for r in rows(history.desk, "holdings")]
    assert said == [("desk", "00:00"), ("desk", "01:00")]


def test_handoffs(told: Desk) -> None:
    """Contract: from, to, direction, outcome; blank while it is open."""
    told.do(commands.resume, 2, by="abe", when="14:30")
    told.do(hand_off, 2, "printco", note="Please look", by="abe", when="15:00")
    said = [
        (r["n"], r["from"], r["to"], r["direction"], r["outcome"]) for r in rows(told, "handoffs")
    ]
    assert said == [
        ("1", "desk", "network", "up", "passed_on"),
        ("2", "network", "netone", "partner", "answered"),
        ("3", "network", "printco", "partner", ""),
    ]
    first = rows(told, "handoffs")[1]
    assert (first["sent_at"], first["accepted_at"], first["ended_at"]) == (
        "2026-11-26T02:00:00Z",
        "2026-11-26T02:30:00Z",
        "2026-11-26T03:00:00Z",
    )


def test_what_is_sent_back_was_not_accepted(told: Desk) -> None:
    n = told.log(when="15:00")
    told.do(hand_off, n, "netone", note="Please look", by="ito", when="15:10")
    told.do(send_back, n, 1, "Not ours", by="kim", when="15:20")
    last = rows(told, "handoffs")[-1]
    assert (last["accepted_at"], last["outcome"]) == ("", "sent_back")


def test_events_come_in_order_with_their_hashes(told: Desk) -> None:
    """Contract: events: the journal, in order, with hashes: each carries the one before it."""
    table = rows(told, "events")
    for number in ("INC-00000001", "INC-00000002"):
        own = [row for row in table if row["number"] == number]
        assert column(own, "seq") == [str(n) for n in range(1, len(own) + 1)]
        assert column(own, "before") == [journal.BEGINNING, *column(own, "hash")[:-1]]
        assert own[-1]["hash"] == told.incident(int(number[-1])).head
    assert json.loads(table[0]["data"])["service"] == told.setup().services_by_key["internet"].id


def test_json_lines_say_the_same(told: Desk) -> None:
    """Contract: `--format jsonl`: a line each, numbers as numbers, nothing as null."""
    lines = [json.loads(line) for line in export(told, "clocks", format="jsonl").splitlines()]
    assert list(lines[0]) == list(COLUMNS["clocks"])
    as_text = [{k: "" if v is None else str(v) for k, v in line.items()} for line in lines]
    assert as_text == rows(told, "clocks")
    events = [json.loads(line) for line in export(told, "events", format="jsonl").splitlines()]
    assert events[0]["data"]["imported"] is True


def test_nothing_is_an_empty_table(desk: Desk) -> None:
    for name in COLUMNS:
        assert export(desk, name) == ",".join(COLUMNS[name]) + "\n"
        assert export(desk, name, format="jsonl") == ""


def test_a_table_is_narrowed_to_what_somebody_may_see(told: Desk) -> None:
    """§9: exports ask the same predicate as everything else."""
    counted: dict[str, Any] = {}
    with told.session() as session:
        tables = Tables(session, told.setup(), at("18:00"), Incident.number == 2)
        for name in COLUMNS:
            counted[name] = {record["number"] for record in tables.table(name)}
    assert counted == {name: {"INC-00000002"} for name in COLUMNS} | {"firings": set()}
