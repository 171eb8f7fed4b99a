"""C15: every clock explained: each stretch of its time, the rule and the event behind it (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from servicedesk.event import Event
from servicedesk.incidents.clocks import Name
from servicedesk.incidents.why.dated import explain_date
from servicedesk.incidents.why.naming import slug, slugs
from servicedesk.incidents.why.parts import Kind, Section, Step, Stretch, Verdict, What, Why
from servicedesk.incidents.why.working import explain_clock
from servicedesk.setup.directory import Directory

__all__ = [
    "Kind",
    "Section",
    "Step",
    "Stretch",
    "Verdict",
    "What",
    "Why",
    "explain",
    "slug",
    "slugs",
]

DATES = ("requested", "promised")


def explain(
    events: Iterable[Event], directory: Directory, name: Name, now: datetime, *, aside: bool = True
) -> Why | None:
    """C15: explain a clock as of an instant; None where there is none.

    `aside`: with what happened and left the clock running, too.
    """
    if name[0] in DATES:
        return explain_date(events, directory, name[0], now)
    return explain_clock(events, directory, name, now, aside=aside)
