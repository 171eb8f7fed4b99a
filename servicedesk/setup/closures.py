"""The public holidays of a calendar with their names, as its versions were published."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.setup import public_holidays
from servicedesk.sla.models import CalendarRow, CalendarVersion


def holidays(
    session: Session, calendar: str, first: date, last: date, language: str
) -> dict[date, str]:
    """C7: give the public holidays from one day to another, by the calendar's key.

    A date that the library does not know (any more) has no name.
    """
    query = sa.select(CalendarVersion.definition, CalendarVersion.holidays)
    query = query.join(CalendarRow, CalendarRow.id == CalendarVersion.calendar_id)
    found: dict[date, str] = {}
    for said, days in session.execute(query.where(CalendarRow.key == calendar)):
        code = said.get("holidays") or ""
        for day in map(date.fromisoformat, days):
            if first <= day <= last:
                found[day] = public_holidays.names(code, day.year, language).get(day, "")
    return found
