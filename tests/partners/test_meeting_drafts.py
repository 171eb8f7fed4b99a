"""Drafts of meetings that are discarded, and where meetings are found."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.errors import NotAllowed, Refused, Stale
from servicedesk.partners.meetings import commands
from servicedesk.partners.meetings.commands import Changes, Resolved
from servicedesk.partners.meetings.models import Decision, Meeting
from servicedesk.people.models import Partner
from tests.cast import Desk

pytestmark = pytest.mark.usefixtures("clock")
TODAY, TOMORROW = date(2026, 11, 26), date(2026, 11, 27)
MEETINGS = "/partners/netone/meetings"


def call(desk: Desk, command: Any, *args: Any, by: str = "ito", **how: Any) -> Any:
    with desk.session() as session:
        partner = session.scalars(sa.select(Partner.id).where(Partner.key == "netone")).one()
    return desk.call(command, partner, *args, by=by, when="14:00", **how)


def test_a_draft_is_discarded_with_what_was_typed_in_it(desk: Desk) -> None:
    """What was decided earlier stays, open again where the draft said that it was done."""
    first = call(desk, commands.open_meeting, TODAY)
    call(desk, commands.save, first, Changes(TODAY, TODAY, new=[Resolved("Call us")]), version=1)
    call(desk, commands.hold, first, version=2)
    second = call(desk, commands.open_meeting, TOMORROW)
    with desk.session() as session:
        earlier = session.scalars(sa.select(Decision.id)).one()
    said = {earlier: Resolved("Call us", done=True)}
    done = Changes(TOMORROW, TODAY, decisions=said, new=[Resolved("zqnew")])
    call(desk, commands.save, second, done, version=1)
    with pytest.raises(Stale):
        call(desk, commands.discard, second, version=1)
    with pytest.raises(NotAllowed):
        call(desk, commands.discard, second, by="kim", version=2)
    call(desk, commands.discard, second, version=2)
    with desk.session() as session:
        left = [(row.text, row.done_in_id) for row in session.scalars(sa.select(Decision))]
        assert left == [("Call us", None)]
        assert session.scalars(sa.select(Meeting.n)).all() == [first]
    with pytest.raises(Refused):  # what was held stays
        call(desk, commands.discard, first, version=3)
    assert call(desk, commands.open_meeting, TOMORROW) == second


@pytest.mark.backends("sqlite")
def test_discarding_is_asked_before(desk: Desk) -> None:
    """The page asks; afterwards one is at the list of the company's meetings."""
    n = call(desk, commands.open_meeting, TODAY)
    ito = desk.visit("ito")
    assert f"{MEETINGS}/{n}/discard" in ito.get(f"{MEETINGS}/{n}").text
    assert "Discard this draft?" in ito.get(f"{MEETINGS}/{n}/discard").text
    assert ito.post(f"{MEETINGS}/{n}/discard", version="0").status_code == 409
    assert ito.post(f"{MEETINGS}/{n}/discard", version="1").location == MEETINGS
    assert ito.get(f"{MEETINGS}/{n}").status_code == 404


@pytest.mark.backends("sqlite")
def test_meetings_are_found_under_partners(desk: Desk) -> None:
    """Screens: the top bar says where one is."""
    n = call(desk, commands.open_meeting, TODAY)
    for address in (MEETINGS, f"{MEETINGS}/{n}"):
        page = desk.visit("ito").get(address).text
        assert re.findall(r'<a [^>]*aria-current="page">([^<]+)<', page) == ["Partners"]
