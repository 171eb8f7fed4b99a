"""Calendars as twelve months: what is clicked is a draft, looked at first, then published."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk import times
from servicedesk.administration.calendars import queries
from servicedesk.incidents import commands
from servicedesk.incidents.catching_up import catch_up
from servicedesk.setup import public_holidays
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.models import CalendarRow
from tests.cast import DESK, Desk, Visitor, at
from tests.support.clock import Clock

OFFICE = "/admin/calendars/office"
CLOSED_FRIDAY = "2026-11-27~closed"


def text_of(answer: TestResponse) -> str:
    """Give what stands on a page, without its markup."""
    body = answer.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def hidden(answer: TestResponse) -> dict[str, list[str]]:
    """Give the hidden fields of a page's form, as a browser would send them."""
    found: dict[str, list[str]] = {}
    body = answer.text.partition("<main")[2]
    for tag in re.findall(r'<input type="hidden"[^>]*>', body):
        name, value = (re.search(rf'{what}="([^"]*)"', tag) for what in ("name", "value"))
        if name and value and name[1] != "csrf_token":
            found.setdefault(name[1], []).append(html.unescape(value[1]))
    return found


def field(answer: TestResponse, name: str) -> str:
    """Give what an input of a page holds."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]*>', answer.text)
    assert found, name
    value = re.search(r' value="([^"]*)"', found[0])
    return html.unescape(value[1]) if value else ""


def day(answer: TestResponse, at: str) -> str:
    """Give what a page says of a day to come."""
    found = re.search(rf'id="d-{at}"[^>]*aria-label="([^"]*)"', answer.text)
    assert found, at
    return html.unescape(found[1]).partition(": ")[2]


def press(visitor: Visitor, at: str, page: TestResponse | None = None) -> TestResponse:
    """Press a day on a page, as a browser without any script would."""
    said = hidden(page or visitor.get(OFFICE))
    return visitor.get(OFFICE, query_string={**said, "press": at}, follow_redirects=True)


def preview(visitor: Visitor, *days: str, **typed: str) -> TestResponse:
    """Ask what a draft would change."""
    return visitor.get(f"{OFFICE}/preview", query_string={"d": list(days), **typed})


def publish(visitor: Visitor, looked_at: TestResponse) -> TestResponse:
    """Publish what was looked at."""
    assert looked_at.status_code == 200
    return visitor.post(f"{OFFICE}/publish", **hidden(looked_at))


def bring_up(desk: Desk, when: str) -> None:
    with desk.session():
        catch_up(times.utc(at(when)))


def office(desk: Desk) -> Calendar:
    return desk.setup().calendars["office"]


def version(desk: Desk) -> int:
    return len(office(desk).versions)


def other_library(
    monkeypatch: pytest.MonkeyPatch, *, new: Sequence[str] = (), until: int = 2059
) -> None:
    """Have the library know other dates for Japan."""
    known = public_holidays.dates("JP")
    dates = tuple(sorted({*(d for d in known if int(d[:4]) <= until), *new}))
    monkeypatch.setattr(public_holidays, "dates", lambda code: dates if code == "JP" else ())


# What publishing does


def test_a_day_closed_ahead_moves_an_open_deadline(desk: Desk, clock: Clock) -> None:
    """C7: the preview says from when to when; publishing does it."""
    n = desk.log(when="09:00")
    assert desk.clock(n, "resolution").due_at == at("Mon 18:00")
    root = desk.visit("root")
    drafted = press(root, "2026-11-27")
    assert day(drafted, "2026-11-27") == "Company day off, not published yet"
    looked_at = root.get(f"{OFFICE}/preview", query_string=hidden(drafted))
    said = text_of(looked_at)
    assert "Fri 27 November 2026: company day off." in said
    assert "INC-00000001 Resolution Mon 30, 18:00 Tue 1, 18:00 running" in said
    assert desk.clock(n, "resolution").due_at == at("Mon 18:00")
    assert publish(root, looked_at).status_code == 303
    bring_up(desk, "14:05")
    assert desk.clock(n, "resolution").due_at == at("Tue 18:00")
    assert "clocks.moved" in desk.kinds(n)


def test_what_has_passed_is_not_changed(desk: Desk, clock: Clock) -> None:
    """C7: today closed at 14:05 leaves the morning counted, and nothing is counted after."""
    n = desk.log(when="09:00")
    root = desk.visit("root")
    assert publish(root, preview(root, "2026-11-26~closed")).status_code == 303
    calendar = office(desk)
    assert calendar.counted(at("09:00"), at("18:00")) == 4 * 3600 + 5 * 60
    assert calendar.counted(at("2026-11-25 09:00"), at("2026-11-26 00:00")) == 8 * 3600
    bring_up(desk, "14:05")
    assert desk.clock(n, "resolution").counted_seconds == 4 * 3600 + 5 * 60
    today = re.search(r'id="d-2026-11-26"[^>]*', root.get(OFFICE).text)
    assert today
    assert "Company day off" in today[0]


def test_a_day_that_has_passed_cannot_be_pressed(desk: Desk, clock: Clock) -> None:
    """C7: there is no button for it, and whoever asks all the same is told why."""
    root = desk.visit("root")
    page = root.get(OFFICE)
    assert 'value="2026-11-26"' in page.text
    assert 'value="2026-11-25"' not in page.text
    days = {"set": "1", "first": "2026-11-25", "last": "2026-11-27", "as": "closed"}
    for asked in ({"press": "2026-11-25"}, days):
        answer = root.get(OFFICE, query_string=asked)
        assert answer.status_code == 422
        assert "Wed 25 November 2026 has passed: it stays as it was." in text_of(answer)
        assert "d" not in hidden(answer)
    sent = {**hidden(preview(root, CLOSED_FRIDAY)), "d": ["2026-11-25~closed", CLOSED_FRIDAY]}
    answer = root.post(f"{OFFICE}/publish", **sent)
    assert (answer.status_code, version(desk)) == (422, 1)
    assert hidden(answer)["d"] == [CLOSED_FRIDAY]


def test_days_that_have_passed_are_shown_as_they_counted(desk: Desk, clock: Clock) -> None:
    """C7: by the version in force then, whatever was published later."""
    root = desk.visit("root")
    publish(root, preview(root, thu="", fri=""))
    page = root.get(OFFICE).text
    passed = re.findall(r'<span class="day ([a-z-]+)[^"]*" title="... (\d+) November', page)
    kinds = {int(number): kind for kind, number in passed}
    assert (kinds[19], kinds[20], kinds[23]) == ("day-working", "day-working", "day-holiday")
    assert day(root.get(OFFICE), "2026-11-27") == "No working day"


def test_a_draft_over_an_older_version_is_refused_and_keeps_what_was_typed(
    desk: Desk, clock: Clock
) -> None:
    """Two administrators: the second is told what the first published; nothing is overwritten."""
    first, second = desk.visit("root"), desk.visit("root")
    theirs = preview(first, CLOSED_FRIDAY, sat="10:00-12:00")
    mine = preview(second, "2026-12-04~closed", mon="10:00-15:00")
    assert publish(first, theirs).status_code == 303
    clock.advance(minutes=1)
    answer = publish(second, mine)
    assert (answer.status_code, version(desk)) == (409, 2)
    said = text_of(answer)
    assert "Somebody changed the set-up meanwhile. What you chose is kept" in said
    assert "Hours on Sat: closed become 10:00–12:00." in said
    assert "Fri 27 November 2026: company day off." in said
    assert (field(answer, "mon"), hidden(answer)["d"]) == ("10:00-15:00", ["2026-12-04~closed"])
    # What the first one changed stands there now, so that the second does not undo it.
    assert field(answer, "sat") == "10:00-12:00"
    again = root_form(answer) | {"year": ["2026"]}
    looked_at = second.get(f"{OFFICE}/preview", query_string=again)
    assert publish(second, looked_at).status_code == 303
    now = queries_of(desk).said
    assert now.closed >= {date(2026, 11, 27), date(2026, 12, 4)}
    assert [bool(windows) for windows in now.week] == [True] * 6 + [False]
    assert now.week[0] == ((600, 900),)


def root_form(answer: TestResponse) -> dict[str, list[str]]:
    """Give all that the sheet's form would send."""
    names = ("zone", "country", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return hidden(answer) | {name: [field(answer, name)] for name in names}


def queries_of(desk: Desk) -> queries.Version:
    with desk.session() as session:
        known = queries.one(session, "office")
        assert known
        return known.last


def test_a_preview_of_an_older_set_up_is_refused(desk: Desk, clock: Clock) -> None:
    """What was looked at may be another by now, though this calendar is the same."""
    root = desk.visit("root")
    looked_at = preview(root, CLOSED_FRIDAY)
    with desk.session():
        other = DESK.replace("Network team", "Networks")
        load_text(other, "desk.yaml", now=times.utc(at("14:06")))
    answer = publish(root, looked_at)
    assert (answer.status_code, version(desk)) == (409, 1)
    assert hidden(answer)["d"] == [CLOSED_FRIDAY]


def test_nothing_is_published_without_a_preview(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    answer = root.post(f"{OFFICE}/publish", d=CLOSED_FRIDAY)
    assert (answer.status_code, version(desk)) == (409, 1)


def test_what_is_published_is_what_dump_writes(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    publish(root, preview(root, CLOSED_FRIDAY, "2026-11-28~09:00-12:00", country="", zone="UTC"))
    said = queries_of(desk).said
    assert (said.zone, said.country, said.holidays) == ("UTC", "", frozenset())
    with desk.session():
        text = dump()
        assert "'2026-11-27'" in text
        assert load_text(text, "desk.yaml", now=times.utc(at("15:00"))) == ["nothing to change"]


# Days


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("at", "once", "twice"),
    [
        ("2026-12-01", "Company day off", "Working day, 09:00–12:00, 13:00–18:00"),
        ("2026-12-05", "Special working day, 09:00–12:00, 13:00–18:00", "No working day"),
        ("2026-12-29", "Working day, 09:00–12:00, 13:00–18:00", "Company day off"),
        ("2026-11-26", "Company day off", "Working day, 09:00–12:00, 13:00–18:00"),
    ],
)
def test_a_day_turns_into_its_opposite_and_back(
    desk: Desk, clock: Clock, at: str, once: str, twice: str
) -> None:
    root = desk.visit("root")
    page = press(root, at)
    assert day(page, at) == f"{once}, not published yet"
    assert "1 change that is not published yet" in text_of(page)
    page = press(root, at, page)
    assert day(page, at) == twice
    assert "Nothing is changed yet." in text_of(page)


@pytest.mark.backends("sqlite")
def test_a_public_holiday_has_its_name_and_can_be_worked_on(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    page = root.get(OFFICE, query_string={"year": "2027"})
    assert day(page, "2027-01-11") == "Public holiday, Coming of Age Day"
    assert "11 Coming of Age Day" in text_of(page)
    page = press(root, "2027-01-11", page)
    assert day(page, "2027-01-11").startswith("Special working day, Coming of Age Day, 09:00")


@pytest.mark.backends("sqlite")
def test_days_in_a_row_are_set_at_once(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    said = {"first": "2026-12-28", "last": "2027-01-08", "as": "closed", "set": "1"}
    page = root.get(OFFICE, query_string=said, follow_redirects=True)
    # The 29th and 30th were days off already.
    assert hidden(page)["d"] == ["2026-12-28~closed", "2026-12-31..2027-01-08~closed"]
    said = {
        "first": "2027-01-04",
        "as": "open",
        "set": "1",
        "hours": "10-12、１３：００〜１５：００",
    }
    page = root.get(OFFICE, query_string=hidden(page) | said, follow_redirects=True)
    assert day(page, "2027-01-04").startswith("Special working day, 10:00–12:00, 13:00–15:00")
    said = {"first": "2027-01-04", "last": "2026-12-01", "as": "closed", "set": "1"}
    answer = root.get(OFFICE, query_string=hidden(page) | said)
    assert answer.status_code == 422
    assert "The last day has to follow the first, within two years." in text_of(answer)
    assert field(answer, "last") == "2026-12-01"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"mon": "nine to five"}, "“nine to five” are no working hours"),
        ({"mon": "09:00-09:00"}, "“09:00-09:00” are no working hours"),
        ({"mon": "25:00-26:00"}, "“25:00-26:00” are no working hours"),
        ({"mon": "9" * 300}, "are no working hours"),
        ({"zone": "Tokyo"}, "There is no such time zone: write “Asia/Tokyo”."),
        ({"country": "Japan"}, "No public holidays are known for “Japan”"),
        (
            dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""),
            "Please give hours for at least one day of the week.",
        ),
        ({"d": "2026-13-01~closed"}, "The address of this draft is broken: please start again."),
        ({"d": "0001-01-01..9999-12-31~closed"}, "The address of this draft is broken"),
        ({"press": "tomorrow"}, "Please choose a day."),
        ({"press": "9999-01-01"}, "Please choose a day."),
        ({"press": "2150-01-01"}, "This day is out of range."),
        ({"set": "1", "first": "2026-12-05", "as": "open", "hours": "x"}, "“x” are no working"),
        ({"set": "1", "first": "2026-12-05", "as": "open", "hours": ""}, "“” are no working"),
        ({"set": "1", "as": "closed"}, "Please choose a day."),
    ],
)
def test_nonsense_gives_one_clear_sentence_and_stays_as_typed(
    desk: Desk, clock: Clock, said: dict[str, str], sentence: str
) -> None:
    root = desk.visit("root")
    for address in (OFFICE, f"{OFFICE}/preview", f"{OFFICE}/moved.csv"):
        answer = root.get(address, query_string=said)
        assert answer.status_code == 422
        assert text_of(answer).count(sentence) == 1
        for name in said.keys() & {"mon", "zone", "country", "hours"}:
            assert field(answer, name) == said[name]
    answer = root.post(f"{OFFICE}/publish", **said)
    assert (answer.status_code, version(desk)) == (422, 1)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("year", ["", "x", "-1", "２０２７", "99999", "0000"])
def test_a_year_that_is_none_is_shown_as_one_that_is(desk: Desk, clock: Clock, year: str) -> None:
    assert desk.visit("root").get(OFFICE, query_string={"year": year}).status_code == 200


@pytest.mark.backends("sqlite")
def test_the_months_are_named_in_the_reader_s_language(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root").get(OFFICE, headers={"Accept-Language": "ja"})
    said = text_of(page)
    assert "12月 月 火 水 木 金 土 日" in said
    assert "11月26日(木)" in html.unescape(page.text)
    assert "勤労感謝の日" in said


# The list, and its warnings


@pytest.mark.backends("sqlite")
def test_the_list_says_by_whom_each_is_used_and_what_it_says(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    said = text_of(root.get("/admin/calendars"))
    office, always = said[said.index("office Asia/Tokyo") :], said[said.index("always UTC") :]
    assert "Mon–Fri 09:00–12:00, 13:00–18:00" in office
    for name in ("Service desk", "Network team", "NetOne Inc.", "PrintCo Ltd.", "standard"):
        assert name in office
    assert "Japan (JP) Known" in office
    always = always[: always.index("office Asia")]
    assert "Day and night" in always
    assert "Agreement: round Version 1, from the beginning" in always
    assert "None are known: no country is given" in always
    assert "/admin/calendars" in root.get("/admin/").text
    assert "holidays to look at" not in root.get("/admin/").text


def test_a_newer_library_s_dates_are_offered_as_a_new_version(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C7: a version keeps the dates it was published with; a newer library's are a new one."""
    other_library(monkeypatch, new=["2026-12-11", "2028-06-05"])
    root = desk.visit("root")
    said = text_of(root.get("/admin/calendars"))
    assert "New in the library: Fri 11 December 2026. Publish with the library’s dates" in said
    assert "1: holidays to look at" in text_of(root.get("/admin/"))
    assert "New in the library: Fri 11 December 2026." in text_of(root.get(OFFICE))
    looked_at = preview(root)
    assert "New public holidays of the library: Fri 11 December 2026" in text_of(looked_at)
    n = desk.log(when="2026-12-10 09:00")
    assert desk.clock(n, "resolution").due_at == at("2026-12-14 18:00")
    looked_at = preview(root)
    assert publish(root, looked_at).status_code == 303
    assert office(desk).counted(at("2026-12-11 00:00"), at("2026-12-12 00:00")) == 0
    assert "holidays to look at" not in text_of(root.get("/admin/"))
    desk.do(commands.take, n, by="ito", when="2026-12-10 09:30")


@pytest.mark.backends("sqlite")
def test_it_warns_where_next_year_s_holidays_are_missing(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_library(monkeypatch, until=2026)
    root = desk.visit("root")
    publish(root, preview(root))
    said = text_of(root.get("/admin/calendars"))
    assert "Public holidays are known until Mon 23 November 2026 only: those of next year" in said
    assert "1: holidays to look at" in text_of(root.get("/admin/"))


@pytest.mark.backends("sqlite")
def test_other_calendars_that_get_newer_dates_are_named(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = desk.visit("root")
    root.post("/admin/new-calendar", key="osaka", zone="Asia/Tokyo", country="JP", mon="9-12")
    other_library(monkeypatch, new=["2026-12-11"])
    said = text_of(preview(root, CLOSED_FRIDAY))
    assert "Calendar osaka gets the newer holiday dates of the library as well." in said


# The preview's rest, and the history


def test_all_that_moves_comes_as_csv(desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        desk.log(when="09:00")
    root = desk.visit("root")
    answer = root.get(f"{OFFICE}/moved.csv", query_string={"d": CLOSED_FRIDAY})
    assert 'filename="moved-office.csv"' in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    resolutions = [line for line in lines if line["clock"] == "resolution"]
    assert [line["number"] for line in resolutions] == [f"INC-{n:08d}" for n in (1, 2, 3)]
    assert resolutions[0]["due_before"] == "2026-11-30T09:00:00Z"
    assert resolutions[0]["due_after"] == "2026-12-01T09:00:00Z"
    answer = root.get(f"{OFFICE}/moved.csv", query_string={"d": "2026-11-26~closed"})
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {line["party"] for line in lines if line["clock"] == "holding"} == {"desk"}


@pytest.mark.backends("sqlite")
def test_of_many_the_first_hundred_are_shown(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicedesk.administration.calendars.moves.SHOWN", 2)
    for _ in range(3):
        desk.log(when="09:00")
    page = preview(desk.visit("root"), CLOSED_FRIDAY)
    said = text_of(page)
    count = re.search(r"Open deadlines (\d+) move", said)
    assert count
    assert f"The first 2 of {count[1]}; all of them are in the CSV file." in said
    assert page.text.count('scope="row">INC-') == 2


def test_titles_are_not_shown_to_who_only_sets_up(desk: Desk, clock: Clock) -> None:
    """§9: an administrator sees numbers and dates by the role, no more."""
    desk.log(when="09:00", title="Salaries are wrong", service="payroll")
    root = desk.visit("root")
    page = preview(root, CLOSED_FRIDAY)
    assert "INC-00000001" in page.text
    assert "Salaries" not in page.text
    rest = root.get(f"{OFFICE}/moved.csv", query_string={"d": CLOSED_FRIDAY})
    assert "Salaries" not in rest.text


@pytest.mark.backends("sqlite")
def test_the_history_says_by_what_each_version_differs(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    days = ("2026-12-28~closed", "2026-12-30~usual", "2026-12-05..2026-12-06~10:00-12:00")
    publish(root, preview(root, *days, zone="Asia/Seoul", country="KR", fri="09:00-15:00"))
    clock.advance(days=30)
    root = desk.visit("root")
    publish(root, preview(root, thu="", fri="9-17"))
    said = text_of(root.get(f"{OFFICE}/history"))
    assert "3 versions" in said
    third, second, first = re.split(r"Version \d", said)[1:]
    assert "Hours on Thu: 09:00–12:00, 13:00–18:00 become closed." in third
    assert "Hours on Fri: 09:00–15:00 become 09:00–17:00." in third
    for line in (
        "Time zone: Asia/Tokyo becomes Asia/Seoul.",
        "Public holidays: Japan (JP) become South Korea (KR).",
        "Mon 28 December 2026: company day off.",
        "Wed 30 December 2026: as usual again, no more “Company day off”.",
        "Sat 5 December 2026 to Sun 6 December 2026: special working day, 10:00–12:00.",
    ):
        assert line in second
    assert "from the beginning" in first
    assert "Mon–Fri 09:00–12:00, 13:00–18:00" in first


# New ones, and those that nobody uses


def test_a_new_calendar_holds_from_the_beginning(desk: Desk, clock: Clock) -> None:
    """C7: its first version does."""
    root = desk.visit("root")
    said = {"key": "night", "zone": "Asia/Tokyo", "country": "", "mon": "22:00-06:00"}
    answer = root.post("/admin/new-calendar", **said)
    assert (answer.status_code, answer.location) == (303, "/admin/calendars/night")
    night = desk.setup().calendars["night"]
    assert night.counted(at("2020-01-06 00:00"), at("2020-01-08 00:00")) == 8 * 3600
    assert day(root.get("/admin/calendars/night"), "2026-11-30") == "Working day, 22:00–06:00"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"key": "office"}, "There is a calendar of this name already."),
        ({"key": "Büro"}, "Please name it with small letters, digits and hyphens, 64 at most."),
        ({"key": ""}, "Please name it with small letters, digits and hyphens, 64 at most."),
        ({"mon": ""}, "Please give hours for at least one day of the week."),
        ({"mon": "early"}, "“early” are no working hours"),
        ({"zone": ""}, "There is no such time zone"),
    ],
)
def test_a_new_calendar_that_cannot_be_is_refused(
    desk: Desk, clock: Clock, said: dict[str, str], sentence: str
) -> None:
    root = desk.visit("root")
    form = {"key": "night", "zone": "UTC", "country": "JP", "mon": "9-17", **said}
    answer = root.post("/admin/new-calendar", **form)
    assert answer.status_code == 422
    assert text_of(answer).count(sentence) == 1
    assert (field(answer, "key"), field(answer, "country")) == (form["key"], "JP")
    assert desk.setup().calendars.keys() == {"office", "always"}


def test_a_calendar_that_nobody_uses_is_taken_out_of_use(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    root.post("/admin/new-calendar", key="night", zone="UTC", mon="22:00-06:00")
    page = root.get("/admin/calendars/night/retire")
    assert "Nobody counts by it." in text_of(page)
    assert root.post("/admin/calendars/night/retire").status_code == 303
    with desk.session() as session:
        query = sa.select(CalendarRow.key).where(CalendarRow.active)
        assert set(session.scalars(query)) == {"office", "always"}
    assert root.get("/admin/calendars/night").status_code == 404
    assert root.get("/admin/calendars/night/history").status_code == 200
    assert "No longer in use night" in text_of(root.get("/admin/calendars"))


@pytest.mark.backends("sqlite")
def test_a_calendar_in_use_stays(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    assert "This cannot be done while it is in use" in text_of(root.get(f"{OFFICE}/retire"))
    answer = root.post(f"{OFFICE}/retire")
    assert answer.status_code == 409
    assert "Service desk" in answer.text
    assert "office" in desk.setup().calendars


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("who", ["emi", "ito", "sato", "ueda", "kim"])
def test_calendars_are_for_administrators(desk: Desk, who: str) -> None:
    """§9: for everybody else there is no such page."""
    visitor = desk.visit(who)
    for page in ("", "/preview", "/moved.csv", "/history", "/retire"):
        assert visitor.get(OFFICE + page).status_code == 404
    assert visitor.get("/admin/calendars").status_code == 404
    assert visitor.post(f"{OFFICE}/publish", d=CLOSED_FRIDAY).status_code == 404
    assert visitor.post("/admin/new-calendar", key="x", zone="UTC", mon="9-17").status_code == 404
    assert version(desk) == 1


@pytest.mark.backends("sqlite")
def test_a_calendar_that_is_not_there_is_not_found(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    for page in ("", "/preview", "/moved.csv", "/history", "/retire"):
        assert root.get(f"/admin/calendars/nowhere{page}").status_code == 404
