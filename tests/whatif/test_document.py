"""A DESK.yaml as an alternative."""

from __future__ import annotations

from pathlib import Path

import pytest

from servicedesk.setup.dump import dump
from servicedesk.setup.problems import BadFile
from servicedesk.whatif.alternative import alternative
from servicedesk.whatif.document import changes_in
from tests.cast import DESK, Desk


def write(folder: Path, text: str) -> Path:
    path = folder / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_present_set_up_as_a_file_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    """C6: what is dumped, read as an alternative, is the set-up itself."""
    with desk.session():
        said = dump()
    setup = desk.setup()
    found = alternative(setup, changes_in(write(tmp_path, said)))
    assert found.setup.agreements == setup.agreements
    assert all(found.setup.calendars[key] is one for key, one in setup.calendars.items())
    parties = list(setup.parties)
    assert found.leaves_alone([], parties)


@pytest.mark.backends("sqlite")
def test_a_file_says_calendars_targets_services_and_priorities(desk: Desk, tmp_path: Path) -> None:
    text = DESK.replace('mon-fri: ["09:00-12:00", "13:00-18:00"]', 'mon-fri: ["08:00-20:00"]')
    text = text.replace("P1: {acceptance: 15, answer: 120}", "P1: {acceptance: 5, answer: 120}")
    text = text.replace("path: [desk, printco], agreement: round",
                        "path: [desk, printco], agreement: standard")  # fmt: skip
    found = alternative(desk.setup(), changes_in(write(tmp_path, text)))
    setup = found.setup
    assert setup.calendars["office"].versions[0].weekly[0] == ((8 * 60, 20 * 60),)
    netone = setup.by_key["netone"].agreement.versions
    assert netone[0].targets["P1"]["acceptance"].minutes == 5
    printing, standard = setup.services_by_key["printing"], setup.services_by_key["internet"]
    assert printing.agreement is standard.agreement
    assert found.services[printing.id] == standard.agreement.id
    assert found.priorities is None


@pytest.mark.backends("sqlite")
def test_priorities_count_where_the_file_has_them(desk: Desk, tmp_path: Path) -> None:
    """C9: left out, each incident keeps its own."""
    cells = '"1,1": P1, "1,2": P1, "2,1": P1, "2,2": P1, "1,3": P1, "3,1": P1, "2,3": P1'
    text = f'desk: {{}}\npriorities: {{{cells}, "3,2": P1, "3,3": P1}}\n'
    found = alternative(desk.setup(), changes_in(write(tmp_path, text)))
    assert set((found.priorities or {}).values()) == {"P1"}


def test_the_only_calendar_goes_without_saying(tmp_path: Path) -> None:
    text = "desk: {}\ncalendars: {office: {}}\nagreements: {standard: {targets: {response: 5}}}\n"
    assert changes_in(write(tmp_path, text)).agreements["standard"].calendar == "office"


def test_a_bad_file_is_refused_as_loading_it_would_refuse_it(tmp_path: Path) -> None:
    path = write(tmp_path, "desk: {}\ngroups:\n  desk: {name: Desk, tier: 1, calendar: ofice}\n")
    with pytest.raises(BadFile, match=r"other.yaml:3: groups.desk.calendar: there is no calendar"):
        changes_in(path)
