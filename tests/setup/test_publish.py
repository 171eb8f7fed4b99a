"""Calendars and agreements are published as versions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from servicedesk.setup import public_holidays
from tests.setup.examples import (
    DESK,
    NOTHING,
    agreement_versions,
    calendar_versions,
    changed,
    later,
    load,
    set_up,
)

LONGER_DAY = changed('"13:00-18:00"', '"13:00-20:00"')


def test_the_first_version_holds_from_the_beginning_of_time(
    session: Session, now: datetime
) -> None:
    """C7: the first version of a calendar or agreement holds from the beginning of time."""
    load(DESK, now)
    (office,) = calendar_versions(session, "office")
    assert (office.number, office.valid_from) == (1, None)
    for kind, key in (("sla", "standard"), ("ola", "desk"), ("uc", "netone")):
        (version,) = agreement_versions(session, kind, key)
        assert (version.number, version.valid_from) == (1, None)


def test_a_changed_calendar_is_a_new_version_from_now_on(session: Session, now: datetime) -> None:
    """C7: nothing published later changes time that has passed."""
    load(DESK, now - timedelta(days=30))
    said = load(LONGER_DAY, now)
    assert said == ["~ calendar office (version 2 from 2026-11-26T05:05:00Z)"]
    first, second = calendar_versions(session, "office")
    assert (second.number, second.valid_from) == (2, now)
    assert first.definition["hours"] == {"mon-fri": ["09:00-12:00", "13:00-18:00"]}
    office = set_up(session).calendars["office"]
    day = timedelta(days=1)
    assert office.counted(now - day, now) == 8 * 3600
    assert office.counted(now, now + day) == 10 * 3600
    assert load(LONGER_DAY, later(now)) == NOTHING


def test_a_closing_day_announced_ahead_is_a_new_version(session: Session, now: datetime) -> None:
    """C7: a closing day announced ahead moves open deadlines."""
    load(DESK, now)
    load(changed("2026-12-30]", "2026-12-30, 2026-12-31]"), now)
    _, second = calendar_versions(session, "office")
    assert second.definition["closed"] == ["2026-12-29", "2026-12-30", "2026-12-31"]


def test_a_version_keeps_its_holidays_and_newer_dates_are_a_new_one(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C7: a version keeps the holiday dates that it was published with."""
    load(DESK, now)
    monkeypatch.setattr(public_holidays, "dates", lambda _code: ("2026-11-27",))
    assert load(DESK, now) == ["~ calendar office (version 2 from 2026-11-26T05:05:00Z)"]
    first, second = calendar_versions(session, "office")
    assert "2026-11-23" in first.holidays
    assert second.holidays == ["2026-11-27"]


def test_no_version_begins_before_the_one_before_it(session: Session, now: datetime) -> None:
    """C7: a clock that was set back does not reorder what was published."""
    load(DESK, now)
    load(LONGER_DAY, now)
    load(DESK, now - timedelta(hours=1))
    assert [version.valid_from for version in calendar_versions(session, "office")] == [
        None,
        now,
        now,
    ]


def test_a_changed_agreement_is_a_new_version(session: Session, now: datetime) -> None:
    """C8: an agreement's new version applies to incidents logged after it."""
    load(DESK, now)
    text = changed("response: 15", "response: 30")
    assert load(text, now) == ["~ agreement standard (version 2 from 2026-11-26T05:05:00Z)"]
    agreement = set_up(session).services_by_key["internet"].agreement
    before, after = agreement.at(now - timedelta(seconds=1)), agreement.at(now)
    assert [terms.target("response", "P1").minutes for terms in (before, after)] == [15, 30]


@pytest.mark.parametrize(
    ("before", "after", "kind", "key", "said"),
    [
        ("{acceptance: 30}", "{acceptance: 45}", "ola", "desk", "group desk"),
        ("answer: 120", "answer: 180", "uc", "netone", "partner netone"),
    ],
)
def test_changed_targets_of_a_party_are_a_new_version(
    session: Session, now: datetime, before: str, after: str, kind: str, key: str, said: str
) -> None:
    """C8: OLAs and partners' contracts are versioned as agreements are."""
    load(DESK, now)
    text = changed(before, after)
    assert load(text, now) == [f"~ {said} (version 2 from 2026-11-26T05:05:00Z)"]
    assert [version.number for version in agreement_versions(session, kind, key)] == [1, 2]


def test_a_calendar_that_comes_back_changed_is_a_new_version(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    load("desk: {}", now)
    assert "+ calendar office (again)" in load(LONGER_DAY, now)
    assert len(calendar_versions(session, "office")) == 2


def test_the_desks_zone_is_kept_with_the_version(session: Session, now: datetime) -> None:
    load(changed("    zone: Asia/Tokyo\n", ""), now)
    (version,) = calendar_versions(session, "office")
    assert version.definition["zone"] == "Asia/Tokyo"


def test_public_holidays_cover_decades_past_and_to_come() -> None:
    days = public_holidays.dates("JP")
    assert days[0] == "1990-01-01"
    assert "2026-11-23" in days
    assert days[-1].startswith("2059")


def test_a_subdivision_has_holidays_of_its_own() -> None:
    assert set(public_holidays.dates("US-HI")) - set(public_holidays.dates("US"))


@pytest.mark.parametrize("code", ["XX", "US-ZZ", "jp", "Japan", ""])
def test_a_country_that_is_not_known_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"country|known"):
        public_holidays.dates(code)
