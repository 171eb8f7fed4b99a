"""A rota in DESK.yaml: read, checked, kept by versions, written back."""

from __future__ import annotations

import json

import pytest

from servicedesk.errors import DeskError
from servicedesk.people.models import Group
from servicedesk.setup import editing, rota
from servicedesk.setup.check import check
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.yamlfile import read
from tests.cast import Desk, at
from tests.oncall.turns import give_rota, text, who


def load(desk: Desk, said: str, when: str) -> list[str]:
    with desk.session():
        return load_text(text(said), "cast.yaml", now=at(when))


def versions(desk: Desk) -> list[dict[str, object]]:
    with desk.session() as session:
        return list(session.query(Group).filter_by(key="network").one().rota or [])


SIMPLE = "{from: 2026-11-09, weeks: [abe, {mon-fri: mori, sat-sun: abe}], covers: closed}"


def test_a_rota_is_loaded_once_and_written_back_unchanged(desk: Desk) -> None:
    assert load(desk, SIMPLE, "2026-11-01 12:00") == ["~ group network (rota)"]
    assert load(desk, SIMPLE, "2026-11-20 12:00") == ["nothing to change"]
    with desk.session():
        written = dump()
    assert "rota: {from: '2026-11-09', weeks: [abe, {mon-fri: mori, sat-sun: abe}]" in written
    with desk.session():
        assert load_text(written, "again.yaml", now=at("2026-11-20 13:00")) == ["nothing to change"]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{from: 2026-11-09, weeks: [abe, ito]}", 'rota.weeks[1]: "ito" is neither a member'),
        ("{from: 2026-11-09, weeks: []}", "rota.weeks: must not be empty"),
        ("{from: 2026-11-09}", "weeks is missing"),
        ("{weeks: [abe]}", "from is missing"),
        ("{from: 2026-11-09, at: 9am, weeks: [abe]}", "rota.at: '9am' is not a time"),
        ("{from: 2026-11-09, at: '24:00', weeks: [abe]}", "is not a time such as 09:00"),
        ("{from: 2026-11-09, weeks: [{mon-fri: abe, fri: mori}]}", "fri is given twice"),
        ("{from: 2026-11-09, weeks: [{montag: abe}]}", "is not a day"),
        ("{from: 2026-11-09, weeks: [abe], covers: nights}", "must be always or closed"),
        ("{from: 2026-11-09, weeks: [abe], zone: Mars}", 'there is no time zone "Mars"'),
    ],
)
def test_what_is_wrong_with_a_rota_is_said_with_its_place(said: str, problem: str) -> None:
    with pytest.raises(DeskError) as error:
        check(read(text(said), "cast.yaml"))
    assert problem in str(error.value)


def test_a_rota_that_is_replaced_leaves_the_past_as_it_was(desk: Desk) -> None:
    """C7: the same first day with other weeks holds from its loading on."""
    give_rota(desk)
    before = [who(desk, when) for when in ("2026-11-10 12:00", "2026-11-25 12:00")]
    load(desk, "{from: 2026-11-09, weeks: [mori, abe]}", "2026-11-26 12:00")
    assert [who(desk, w) for w in ("2026-11-10 12:00", "2026-11-25 12:00")] == before
    assert (who(desk, "2026-11-26 11:59"), who(desk, "2026-11-26 12:00")) == ("abe", "mori")
    assert len(versions(desk)) == 2


def test_a_rota_to_come_waits_for_its_day_and_a_newer_one_takes_its_place(desk: Desk) -> None:
    give_rota(desk)
    load(desk, "{from: 2026-12-07, weeks: [mori]}", "2026-11-26 12:00")
    assert (who(desk, "2026-12-07 08:59"), who(desk, "2026-12-07 09:00")) == ("mori", "mori")
    assert who(desk, "2026-11-26 13:00") == "abe"
    load(desk, "{from: 2026-12-14, weeks: [abe]}", "2026-11-26 12:30")
    assert [one["from"] for one in versions(desk)] == ["2026-11-09", "2026-12-07", "2026-12-14"]
    load(desk, "{from: 2026-12-07, weeks: [abe]}", "2026-11-26 12:40")
    assert [one["from"] for one in versions(desk)] == ["2026-11-09", "2026-12-07"]
    assert who(desk, "2026-12-08 12:00") == "abe"


def test_a_rota_that_is_left_out_ends_and_what_was_stays(desk: Desk) -> None:
    give_rota(desk, weeks=["mori"])
    with desk.session():
        load_text(text("{}").replace("rota: {},", ""), "cast.yaml", now=at("12:00"))
    assert (who(desk, "11:59"), who(desk, "12:00")) == ("mori", "abe")  # the lead
    with desk.session():
        assert "rota" not in dump()
        unchanged = load_text(dump(), "again.yaml", now=at("13:00"))
    assert unchanged == ["nothing to change"]


def test_who_has_left_the_group_is_written_back_no_more(desk: Desk) -> None:
    give_rota(desk)
    with desk.session() as session:
        data = editing.document(session)
        data["groups"]["network"]["members"] = ["abe"]
        with pytest.raises(DeskError, match='"mori" is neither a member'):
            editing.plan(data, at("12:00"))


def test_a_page_that_changes_a_group_keeps_its_rota(desk: Desk) -> None:
    give_rota(desk)
    root = desk.visit("root")
    page = root.get("/admin/groups/network/edit")
    assert page.status_code == 200
    before = versions(desk)
    revision = desk.setup().revision
    entry = json.dumps(_entry(desk), sort_keys=True, default=str)
    said = {
        "key": "network", "name": "Network crew", "calendar": "office", "members": "abe\nmori",
        "tier": "2", "lead": "abe", "before": entry, "revision": str(revision), "act": "publish",
    }  # fmt: skip
    answer = root.post("/admin/groups/network/edit", **said)
    assert answer.status_code == 303, answer.text
    assert desk.setup().by_key["network"].name == "Network crew"
    assert versions(desk) == before


def _entry(desk: Desk) -> object:
    with desk.session() as session:
        return editing.document(session)["groups"]["network"]


def test_weeks_are_written_by_runs_of_days() -> None:
    week = {"mon-wed": "abe", "thu": "mori", "sat-sun": "abe"}
    assert rota.plain(rota.by_day(week)) == week
    assert rota.plain(["abe"] * 7) == {"mon-sun": "abe"}
    assert rota.plain(rota.by_day({"sat-mon": "abe"})) == {"mon": "abe", "sat-sun": "abe"}
