"""A DESK.yaml as an alternative: what stands in it, in the words of rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from servicedesk.setup import public_holidays, schema
from servicedesk.setup.check import check
from servicedesk.setup.snapshot import read_version
from servicedesk.setup.yamlfile import read, read_file
from servicedesk.sla.agreement import Terms, read_terms
from servicedesk.sla.calendar import Version
from servicedesk.sla.models import CalendarVersion
from servicedesk.whatif.alternative import Changes


def changes_in(path: Path | str) -> Changes:
    """Read a file; raises BadFile as loading it would."""
    document = read(read_file(path), str(path))
    setup = check(document)
    return changes_of(setup, matrix="priorities" in document.data)


def changes_of(setup: schema.SetUp, *, matrix: bool = True) -> Changes:
    """Give what a set-up says of time: calendars, agreements, targets and, if asked, priorities."""
    only = next(iter(setup.calendars), "")
    return Changes(
        calendars={key: _version(it, setup.desk) for key, it in setup.calendars.items()},
        agreements={
            key: _terms(it.calendar or only, it.targets, it.pauses)
            for key, it in setup.agreements.items()
        },
        groups={key: _terms(it.calendar, it.targets) for key, it in setup.groups.items()},
        partners={key: _terms(it.calendar, it.targets) for key, it in setup.partners.items()},
        services={key: it.agreement for key, it in setup.services.items()},
        priorities=setup.priorities if matrix else None,
    )


def _terms(calendar: str, targets: schema.Targets, pauses: list[str] | None = None) -> Terms:
    said: Mapping[str, Any] = {
        "calendar": calendar, "pauses": pauses or [], "targets": targets.plain()
    }  # fmt: skip
    return read_terms(said, None)


def _version(calendar: schema.Calendar, desk: schema.Desk) -> Version:
    """C7: give the one version of a calendar, with the holidays as they are known today."""
    days = public_holidays.dates(calendar.holidays) if calendar.holidays else ()
    row = CalendarVersion(number=1, definition=calendar.definition(desk), holidays=list(days))
    return read_version(row)
