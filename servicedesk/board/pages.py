"""What the pages of the board share."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_login import current_user

from servicedesk.board import words
from servicedesk.board.tiles import list_of
from servicedesk.db import db
from servicedesk.incidents.models import label
from servicedesk.incidents.queries import Reader
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import pictures
from servicedesk.reports import queries as facts
from servicedesk.reports import words as reports
from servicedesk.setup.snapshot import directory


def reader_here() -> Reader:
    """Say who reads, when, and by which set-up."""
    person: Person = current_user._get_current_object()
    return Reader(person, directory(db.session()), g.now)


def words_for(reader: Reader) -> dict[str, Any]:
    """Give what every template of the board speaks with."""
    return {
        "setup": reader.setup,
        "say": words,
        "report_words": reports,
        "draw": pictures,
        "list_of": list_of,
        "label": label,
        "now": reader.now,
        "may_report": may(current_user, Act.SEE_REPORTS),
    }


def titles(reader: Reader, numbers: list[int]) -> dict[int, str]:
    """§9: give the titles that the reader may see, by number."""
    return facts.visible_titles(db.session(), numbers, visible(reader.person))


def after() -> str | None:
    """Read from where on a list is asked for."""
    return request.args.get("after")
