"""What the people of the demo's desk have arranged: who is away, and with what requests begin."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from servicedesk.db import db
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import read_yaml
from servicedesk.intake import commands as templates
from servicedesk.intake.commands import Draft
from servicedesk.intake.models import Template
from servicedesk.mail import channels
from servicedesk.people.models import Person
from servicedesk.people.profile import commands as profile
from servicedesk.people.profile.commands import Own

TEMPLATES = Path(__file__).with_name("templates.yaml")
KEPT_BY = "kawai"
# By which channels some hear of what is new, and when; the others get a mail of everything.
CHANNELS = {
    "kubota": ({"asked": "mail", "watched": "digest", "news": "digest"}, 7),
    "hara": ({"work": "digest"}, 8),
    "okamoto": ({"work": "digest"}, 13),
    "goto": ({"news": "digest", "watched": "none"}, 8),
    "ikeda": ({"answers": "digest", "news": "none"}, 9),
    "hoshino-kase": ({"handoffs": "digest"}, 8),
    "tsukuba-lin": ({"handoffs": "none"}, 8),
}
# When only what is urgent is mailed: two of them work half the day; the others as the desk says.
CALM: dict[str, dict[str, Any]] = {
    "nagai": {"quiet": {"from": "13:00", "to": "09:00", "weekends": True}},
    "ogawa": {"quiet": {"from": "18:00", "to": "13:00", "weekends": True}},
    "ito": {"quiet": False, "most": 12},
}
# From which working day to which, from today; the lead's deputy stands in the company's file.
AWAY = {"tanaka": (-2, 2), "sugiyama": (-1, 3)}


def arrange(stage: Stage) -> None:
    """Note who is away this week, who hears how of news, and keep the templates, once."""
    for key, (said, hour) in CHANNELS.items():
        profile.choose_channels(key=key, said=channels.kept(said, hour))
    for key, calm in CALM.items():
        profile.choose_calm(key=key, said=calm)
    absences = {key: _absence(stage, key) for key in AWAY}
    for key, own in absences.items():
        profile.save(key=key, own=own)
    if db.session.scalar(sa.select(Template.id).limit(1)) is None:
        _keep_templates(stage.people[KEPT_BY], stage.ago(days=30))


def _absence(stage: Stage, key: str) -> Own:
    person = stage.people[key]
    deputy = next((p.key for p in stage.people.values() if p.id == person.deputy_id), "")
    first, last = (stage.working_day(n).day for n in AWAY[key])
    return Own(person.language, person.zone, deputy, first, last)


def _keep_templates(keeper: Person, now: datetime) -> None:
    for place, said in enumerate(read_yaml(TEMPLATES), 1):
        templates.add_template(Draft(place=place, **said), actor=keeper, now=now)
