"""The sections of a report's page: those of the document that are not in its head or its files."""

from __future__ import annotations

from typing import Any

from servicedesk.reports.document import MOST, TIMES, Document
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import net_of

SECTIONS = (
    "volume", "wishes", "service-levels", "tiers", "handling", "partners", "exclusions", "ageing",
    "majors", "reopened",
)  # fmt: skip
FEW = 8  # rows of a list; the figure behind it has all


def of(doc: Document) -> dict[str, Any]:
    """Give what the templates of sections speak with: those that have anything to say, in order."""
    return {
        "sections": [(id, title) for id, title in doc.sections if id in SECTIONS],
        "few": FEW,
        "most_exclusions": MOST["exclusions"],
        "most_majors": MOST["majors"],
        "times": TIMES,
        "net_of": net_of,
        "type_of": _type,
        "priority_of": _priority,
        "as_it_is": _as_it_is,
    }


def _type(fact: Fact) -> str:
    return fact.type


def _priority(fact: Fact) -> str:
    return fact.priority


def _as_it_is(key: str, *_said: object) -> str:
    return key
