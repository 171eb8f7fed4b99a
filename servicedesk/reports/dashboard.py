"""The dashboard: which part of the desk it shows to whom, and which figures of the month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches
from servicedesk.reports.document import Document
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.periods import Period, fiscal_from, month_of
from servicedesk.reports.scopes import ALL, NoScope, Scope, read_scope
from servicedesk.reports.scores import Row
from servicedesk.setup.directory import Directory

FEW = 6  # lines of a list of exceptions
LEADING = ("requested_due.first", "sla.resolution", "backlog", "open_past_due")
# H8: what a company sees is its own: what it answers for, and what was handed to it.
COMPANYS = (
    "requested_due.first", "requested_due.current", "promised_due", "partner.acceptance",
    "partner.answer", "partner.holding", "handoffs",
)  # fmt: skip


def running(now: datetime, setup: Directory) -> Period:
    """Give the running month; in its first minute still the one before."""
    return month_of(now - timedelta(minutes=1), setup.zone, fiscal_from(setup))


def scopes(person: Person, setup: Directory) -> list[str] | None:
    """§9: name the parts that somebody has a dashboard of; None where it is any."""
    reached = reaches(person, Act.SEE_DASHBOARD)
    if Reach.ALL in reached:
        return None
    led = [f"group:{group.key}" for group in person.leads if Reach.OWN in reached]
    companies = [partner for partner in person.partners if Reach.HANDED in reached]
    theirs = [f"partner:{company.key}" for company in companies if company.active]
    return [name for name in (*led, *theirs) if name.partition(":")[2] in setup.by_key]


def scope(person: Person, setup: Directory, said: str) -> Scope:
    """Read which part is asked for, else give the usual one; raises NoScope."""
    mine = scopes(person, setup)
    if mine is not None and (not mine or (said and said not in mine)):
        raise NoScope(said)
    return read_scope(said or (mine[0] if mine else ALL), setup)


def is_a_companys(person: Person) -> bool:
    """Say whether somebody looks on from a partner company."""
    return reaches(person, Act.SEE_DASHBOARD) == {Reach.HANDED}


def figures(person: Person) -> Mapping[str, Figure]:
    """H8: give the figures that somebody has on the dashboard, by id."""
    if not is_a_companys(person):
        return BY_ID
    return {id: one for id, one in BY_ID.items() if id.removesuffix(".net") in COMPANYS}


def leading(person: Person, doc: Document) -> list[Row]:
    """Give the figures at its head."""
    return doc.rows(*(COMPANYS[3:6] if is_a_companys(person) else LEADING))


def groups(person: Person, doc: Document) -> list[tuple[str, list[Row]]]:
    """Give the other figures with what there is to say of them, in groups."""
    if not is_a_companys(person):
        return doc.summary
    return [("", [row for row in doc.rows(*COMPANYS) if not row.now.empty])]
