"""D6: wishes that leave less working time than a service usually needs."""

from __future__ import annotations

from datetime import datetime

from servicedesk.incidents.story import Story
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import parse_target


def is_short(story: Story, setup: Directory, wished_at: datetime, due: datetime) -> bool | None:
    """D6: say whether a wish is a rush (特急); None where the service has no usual time."""
    lead_time = setup.services[story.service].more.get("lead_time")
    if lead_time is None:
        return None
    calendar = setup.calendar_of(story.desk_group, story.logged_at)
    needed = parse_target(lead_time).seconds_if_any(calendar, wished_at, wished_at)
    return needed is not None and calendar.counted(wished_at, due) < needed
