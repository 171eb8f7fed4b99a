"""A major incident in sentences: proposed, confirmed, linked."""

from __future__ import annotations

from typing import Any

from servicedesk.incidents.models import MajorIncident
from servicedesk.major import commands as major
from tests.cast import Desk

HEADLINE = "Network disturbed"
REASON = "Nobody can print anywhere"


def propose(desk: Desk, by: str = "ito", **more: Any) -> tuple[int, int]:
    """Log an incident and propose it; gives its number and that of the proposal."""
    n = desk.log(when="09:00", impact=1, urgency=1, **more)
    desk.do(major.propose, n, REASON, by=by, when="09:10")
    return n, desk.story(n).majors[-1].n


def confirm(desk: Desk, number: int, n: int, **more: Any) -> None:
    """Let the lead confirm it; Ito coordinates, with an update every half hour."""
    said = {"headline": HEADLINE, "coordinator": desk.id("ito"), "minutes": 30, **more}
    desk.do(major.confirm, number, n, **{"by": "sato", "when": "09:20", **said})


def running(desk: Desk, **more: Any) -> int:
    """Make a major incident that goes on from 09:20."""
    number, n = propose(desk, **more)
    confirm(desk, number, n)
    return number


def link(desk: Desk, number: int, by: str = "taro", **more: Any) -> int:
    """Have somebody report something that belongs to it; gives its number."""
    other = desk.log(by=by, when="09:25", **more)
    desk.do(major.link, other, number, by="ito", when="09:26")
    return other


def row_of(desk: Desk, number: int) -> MajorIncident:
    """Read its last row."""
    return desk.rows(MajorIncident, number)[-1]
