"""The desk's calendar beside a wish while it is chosen, and what a date means."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from flask_babel import force_locale

from servicedesk.db import db
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.dates import wishing
from servicedesk.incidents.dates.wishing import Desk as WishDesk
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at, page_of
from tests.support.clock import Clock

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

BUSY = DESK.replace(
    "path: [desk, network, netone], agreement: standard}",
    "path: [desk, network, netone], agreement: standard, lead_time: 2d}",
).replace(
    "closed: [2026-12-29, 2026-12-30]",
    'closed: [2026-12-01, 2026-12-29, 2026-12-30]\n    open: {2026-12-05: ["10:00-15:00"]}',
)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk with a lead time of two working days, a day off and a special working day."""
    with desk.session():
        load_text(BUSY, "cast.yaml", now=at("2026-04-01 10:00"), then=catch_up)
    return desk


def hints(
    desk: Desk, wish: Due, when: str = "14:00", service: str = "internet", language: str = "en"
) -> list[tuple[str, str]]:
    """Give what is said about a wish, and in which tone."""
    with desk.app.test_request_context("/"), force_locale(language):
        setup = desk.setup()
        place = wishing.desk_of(setup, setup.services_by_key[service])
        found = wishing.hints(db.session(), place, at(when), wish)
        return [(hint.tone, hint.text) for hint in found]


DAY, BEFORE = "the last working moment of that day.", "the last working moment."


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Due(date(2026, 12, 4)), f"We plan for 4 Dec, 18:00, {DAY}"),
        (Due(date(2026, 12, 5)), f"We plan for 5 Dec, 15:00, {DAY}"),
        (Due(at=at("2026-12-04 16:30")), "We plan for 4 Dec, 16:30."),
        (
            Due(at=at("2026-12-04 21:00")),
            "We plan for 4 Dec, 18:00, the last working moment before.",
        ),
        (
            Due(date(2026, 12, 6)),
            f"Closed on 6 Dec (no working day): we plan for 5 Dec, 15:00, {BEFORE}",
        ),
        (
            Due(date(2026, 12, 1)),
            f"Closed on Tue 1 (company day off): we plan for Mon 30, 18:00, {BEFORE}",
        ),
        (
            Due(date(2027, 1, 11)),
            f"Closed on 11 Jan 2027 (Coming of Age Day): we plan for 8 Jan 2027, 18:00, {BEFORE}",
        ),
    ],
)
def test_a_wish_is_planned_for_the_last_working_moment(busy: Desk, wish: Due, said: str) -> None:
    """D1: at or before it; on a closed day before it, and it says why."""
    [(tone, text)] = hints(busy, wish, when="10:00")
    assert text == said
    assert (tone == "soon") == text.startswith("Closed")


def test_a_holiday_is_called_as_in_the_reader_s_language(busy: Desk) -> None:
    with busy.app.test_request_context("/"), force_locale("ja"):
        setup = busy.setup()
        desk = wishing.desk_of(setup, None)
        shown = wishing.wishing(db.session(), desk, at("2026-11-02 10:00"))
    assert shown
    assert {day.name for week in shown.weeks for day in week if day.name} == {
        "文化の日",
        "勤労感謝の日",
    }


@pytest.mark.parametrize(
    ("wish", "is_rush"),
    [
        (Due(date(2026, 11, 26)), True),  # today
        (Due(at=at("Mon 17:59")), True),
        (Due(at=at("Mon 18:00")), False),  # two working days to the end of Monday
        (Due(date(2026, 11, 29)), True),  # Sunday
        (Due(date(2026, 11, 30)), False),
    ],
)
def test_a_wish_shorter_than_the_lead_time_is_said_to_be_a_rush(
    busy: Desk, wish: Due, is_rush: bool
) -> None:
    """D6: marked as rush (特急); nothing blocks."""
    said = [text for _tone, text in hints(busy, wish)]
    rush = "Rush: Internet access usually takes 2 working days. We try, and mark it as a rush."
    assert (rush in said) == is_rush
    assert not any(text.startswith("Rush") for _t, text in hints(busy, wish, service="printing"))


def test_before_the_desk_works_again_there_is_nothing_to_plan_for(busy: Desk) -> None:
    """D1: the last working moment before Sunday has passed on Saturday."""
    [first, *_rest] = hints(busy, Due(date(2026, 11, 29)), when="Sat 10:00")
    assert first == ("soon", "Until then the desk does not work any more. We do what we can.")
    assert hints(busy, Due(date(2026, 11, 25))) == []  # has passed: refused when it is sent
    assert hints(busy, Due()) == []


def test_the_calendar_is_that_of_the_desk_group(busy: Desk) -> None:
    """D1: of the service's desk group; without a service the desk's own."""
    setup = busy.setup()
    assert WishDesk(setup, None, busy.ref("netone")).calendar == "office"
    assert wishing.desk_of(setup, None).calendar == "office"


# Pages


def cells(page: str) -> dict[str, str]:
    """Give the days that can be chosen, with what stands in them."""
    found = re.findall(r'<td data-day="([-\d]+)"(.*?)</td>', page, re.DOTALL)
    return {day: unescape(re.sub(r"\s+", " ", said)) for day, said in found}


def test_the_form_shows_the_next_weeks_of_the_desk(busy: Desk, clock: Clock) -> None:
    """D1, D6: closed days, special ones, closing times, and what would be a rush; in plain HTML."""
    page = busy.visit("emi").get("/incidents/new?service=internet").text
    chosen = [said for said in re.findall(r"<input[^>]*>", page) if 'name="needed"' in said]
    assert ["checked" in said for said in chosen] == [True, False, False, False]
    days = cells(page)
    assert (min(days), max(days)) == ("2026-11-26", "2027-01-03")
    assert 'aria-current="date"' in days["2026-11-26"]
    assert "18:00" in days["2026-11-27"]
    assert "15:00" in days["2026-12-05"]
    assert "special working day" in days["2026-12-05"]
    for closed in ("2026-11-28", "2026-12-01", "2026-12-30", "2027-01-01"):
        assert "closed" in days[closed], closed
    assert "New Year" in days["2027-01-01"]
    short = [day for day, said in days.items() if "is-short" in said]
    assert short == ["2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"]
    assert "1 Dec: company day off" in page
    assert "Rush: sooner than the usual 2 working days" in page
    assert 'type="date"' in page  # without a script


def test_what_was_typed_is_explained_when_the_form_comes_back(busy: Desk, clock: Clock) -> None:
    said = {"type": "incident", "title": "", "service": "internet", "impact": "3", "urgency": "2"}
    wish = {"needed": "pick", "day": "2026-12-01", "time": ""}
    page = busy.visit("emi").post("/incidents/new", **said, **wish).text
    assert "Closed on Tue 1 (company day off)" in page
    assert "is-chosen" in cells(page)["2026-12-01"]


@pytest.mark.parametrize(
    "said", ["needed=pick&day=x&time=y", "needed=x", "day=2026-11-20&needed=pick", "time=25:99"]
)
def test_an_address_with_nonsense_chooses_nothing(busy: Desk, clock: Clock, said: str) -> None:
    page = busy.visit("emi").get(f"/incidents/new?{said}")
    assert page.status_code == 200
    assert "is-chosen" not in page.text
    n = busy.log()
    for address in (page_of(n, "wish"), f"/log/INC-{n:08d}"):
        assert busy.visit("ito").get(f"{address}?{said}").status_code == 200


def test_nothing_blocks_a_wish_for_a_closed_day_and_its_meaning_is_said(
    busy: Desk, clock: Clock
) -> None:
    """D1, D2: a wish is a wish; the confirmation says what is planned for."""
    said = {
        "type": "incident",
        "title": "VPN",
        "service": "internet",
        "impact": "3",
        "urgency": "2",
    }
    visitor = busy.visit("emi")
    answer = visitor.post("/incidents/new", **said, needed="pick", day="2026-12-01", time="")
    page = unescape(visitor.get(answer.location or "").text)
    assert busy.incident(1).requested_day == date(2026, 12, 1)
    assert "we plan for Mon 30, 18:00" in page


def test_revising_shows_the_calendar_with_the_present_wish(busy: Desk, clock: Clock) -> None:
    """D3: the requester revises it; the desk notes it on the requester's word."""
    n = busy.log(wish=Due(date(2026, 12, 2)))
    for who in ("emi", "ito"):
        page = busy.visit(who).get(page_of(n, "wish")).text
        assert "is-chosen" in cells(page)["2026-12-02"]
        page = busy.visit(who).get(page_of(n, "wish") + "?day=2026-12-05&time=14:00").text
        assert "is-chosen" in cells(page)["2026-12-05"]
        assert "We plan for 5 Dec, 14:00." in page


def test_a_call_shows_it_too(busy: Desk, clock: Clock) -> None:
    n = busy.log()
    page = busy.visit("ito").get(f"/log/INC-{n:08d}?service=internet&needed=today").text
    assert "is-chosen" in cells(page)["2026-11-26"]
    assert "Rush: Internet access" in page


def test_only_wishes_get_a_calendar(busy: Desk, clock: Clock) -> None:
    n = busy.log()
    assert "data-wish" not in busy.visit("ito").get(page_of(n, "hold")).text
    busy.do(commands.take, n, by="ito", when="09:10")
    assert "data-wish" not in busy.visit("ito").get(page_of(n, "resolve")).text
