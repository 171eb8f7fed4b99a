"""How long a company's first score takes after a start, by how many hand-offs there ever were."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.db import db
from servicedesk.escalation import commands
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.models import HandOff
from servicedesk.journal import EventRow
from servicedesk.partners.score import queries
from servicedesk.reports import shelf
from servicedesk.reports.periods import Period, month_of
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.bench import bench_board
from tests.bench.bench_board import IS_OPEN, NOW, multiply
from tests.bench.measured import Time, table, timed
from tests.cast import DESK, Desk, at
from tests.support.clock import Clock

HANDED = 10_000  # hand-offs to the company, at least
GOAL = 2  # seconds of a processor


@pytest.mark.backends("sqlite")
def test_a_first_score_costs_what_its_period_costs(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F1: the histories of a month and of the one before are followed, not those of a year."""
    with app.app_context():
        load_text(DESK, "desk.yaml", now=at("2026-04-01 09:00"))
    clock.now = NOW
    play(Desk(app, tampered=True))
    with app.app_context(), table("a company's score, nothing kept in memory") as said:
        setup = directory(db.session())
        party = max((p for p in setup.parties.values() if p.is_partner), key=handed)
        spread(monkeypatch, party)
        month = month_of(NOW, setup.zone)
        whole = Period(month.moved(-12).first, month.after, setup.zone)
        took = first(setup, party, month)
        said.add(f"{handed(party):,} hand-offs, the month under way", str(took))
        said.add("the same, every history of 13 months", str(first(setup, party, whole)))
    assert took.processor < GOAL


def play(desk: Desk) -> None:
    """Hand some to the company, which answers them; one stays open."""
    for n in range(1, 6):
        day = f"2026-11-{n + 9} "
        desk.log(when=f"{day}09:00")
        desk.do(commands.hand_off, n, "netone", note="Please look", by="ito", when=f"{day}10:00")
        desk.do(commands.accept, n, 1, by="kim", when=f"{day}10:20")
        desk.do(commands.answer, n, 1, "A new cable", by="kim", when=f"{day}15:00")
        desk.do(incidents.resolve, n, "solved", "It works", by="ito", when=f"{day}16:00")
    desk.log(when="2026-11-20 09:00")


def handed(party: Party) -> int:
    """Count the hand-offs to a company."""
    query = sa.select(sa.func.count()).where(HandOff.receiver == party.ref)
    return db.session().scalar(query) or 0


def spread(monkeypatch: pytest.MonkeyPatch, party: Party) -> None:
    """Copy what was played, with its journals, over a year."""
    incidents = (db.session().scalar(sa.text("SELECT max(number) FROM incident")) or 1) + 1
    monkeypatch.setattr(bench_board, "TABLES", (*bench_board.TABLES, EventRow))
    monkeypatch.setattr(bench_board, "INCIDENTS", incidents * (HANDED // max(handed(party), 1) + 1))
    still = db.session().scalar(sa.text(f"SELECT count(*) FROM incident WHERE {IS_OPEN}")) or 1
    monkeypatch.setattr(bench_board, "WAITING", 2 * still)
    multiply()


def first(setup: Directory, party: Party, period: Period) -> Time:
    """Say how long a score takes with nothing kept in memory, as after a start."""
    shelf.clear()
    queries.forget()
    session = db.session()
    return timed(lambda: queries.score(session, setup, party, period, NOW, course=True).results)
