"""Who is away in the demo, and the templates."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.demo.arranged import AWAY, KEPT_BY
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.intake import queries
from servicedesk.journal import EventRow
from servicedesk.people import absence
from servicedesk.people.models import Group, Person
from tests.support.clock import NOW

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("demo")]
ZONE = "Asia/Tokyo"
TODAY = times.local_day(NOW, ZONE)


def person(history: Session, key: str) -> Person:
    return history.scalars(sa.select(Person).where(Person.key == key)).one()


def test_a_lead_is_away_and_somebody_asked_instead(history: Session) -> None:
    """§3."""
    away = set(history.scalars(sa.select(Person.key).where(absence.is_away(TODAY), Person.active)))
    assert away == set(AWAY)
    leads = history.scalars(sa.select(Group.lead_id)).all()
    lead = next(one for key in away if (one := person(history, key)).id in leads)
    deputy = absence.asked(history, lead.id, TODAY)
    assert deputy is not None
    assert deputy.id == lead.deputy_id
    assert lead.absent_until is not None
    assert lead.absent_until > TODAY


@pytest.mark.parametrize("key", AWAY)
def test_what_lies_with_them_is_in_the_list_of_their_group(history: Session, key: str) -> None:
    """§3."""
    one = person(history, key)
    mine = sa.select(Incident).where(Incident.assignee_id == one.id, Incident.state.in_(OPEN))
    mine = mine.where(Incident.holder == f"group:{one.groups[0].id}")
    assert history.scalars(mine).all()


@pytest.mark.parametrize("key", AWAY)
def test_they_do_nothing_meanwhile(history: Session, key: str) -> None:
    one = person(history, key)
    acts = history.scalars(sa.select(EventRow.happened_at).where(EventRow.actor_id == one.id)).all()
    assert acts
    assert not [at for at in acts if one.is_absent(times.local_day(at, ZONE))]


def test_there_are_templates_for_everybody_and_for_the_desk(history: Session) -> None:
    everybody = queries.templates(history, person(history, "sato"))
    desk = queries.templates(history, person(history, "mori"))
    assert len(everybody) == 5
    assert [each.name for each in desk if each.desk_only] == [
        "Password reset by phone", "電話でのパスワード再設定",
    ]  # fmt: skip
    assert {*everybody} < {*desk}
    assert {each.changed_by.key for each in desk if each.changed_by} == {KEPT_BY}
    japanese = [each for each in desk if any(ord(sign) > 0x3000 for sign in each.name)]
    assert len(japanese) >= 3
