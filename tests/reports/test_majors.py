"""§8: the major incidents of a period, as the journal tells them."""

from __future__ import annotations

import json

import pytest

from servicedesk.incidents import acts, majoring
from servicedesk.major import commands as major
from servicedesk.reports import commands, embedded, verify
from servicedesk.reports.facts import gathered
from servicedesk.reports.majors import majors
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at
from tests.incidents.told import EMI, ITO, Told
from tests.major.played import HEADLINE, link, running
from tests.reports.counted import DECEMBER, OCTOBER, fact, facts, frame, value

AFTER = "2026-12-07 10:00"
HOUR = 3600


def major_one(*, missed: bool = False) -> Told:
    """Confirmed on Thursday at 09:20, one update at 09:40."""
    it = Told("09:00")
    majoring.propose(it.at("09:10"), "digest")
    n = it.story.majors[-1].n
    majoring.confirm(it.at("09:20"), n, headline="digest", coordinator=ITO, every=30)
    majoring.update(it.at("09:40"), "digest")
    if missed:
        it.at("10:10").record("major.update_missed", sent=None)
    return it


def test_majors_count_in_the_month_in_which_they_are_confirmed() -> None:
    proposed = Told("09:00")
    majoring.propose(proposed.at("09:10"), "digest")
    told = major_one(missed=True), proposed, Told()
    assert (value("majors", *told), value("majors.updates_missed", *told)) == (1, 1)
    assert (value("majors", *told, period=OCTOBER), value("majors", *told, period=DECEMBER)) == (
        0,
        0,
    )


def test_one_lasts_from_its_confirming_to_its_standing_down() -> None:
    it = major_one(missed=True)
    majoring.stand_down(it.at("11:20"), "digest")
    acts.resolve(it.at("12:00"), "solved")
    [row] = majors(facts(it), frame())
    assert (row.lasted, row.updates, row.missed) == (2 * HOUR, 1, 1)


def test_one_that_is_resolved_is_over_and_one_that_goes_on_has_no_end() -> None:
    over, running_ = major_one(), major_one()
    acts.resolve(over.at("10:20"), "solved")
    rows = majors(facts(over, running_), frame())
    assert [row.lasted for row in rows] == [HOUR, None]


def test_it_stands_as_it_stood_at_the_end_of_the_period() -> None:
    """F6: what comes later belongs to a later report, and is listed there as well."""
    it = major_one()
    majoring.stand_down(it.at("2026-12-02 09:00"), "digest")
    assert majors(facts(it), frame(OCTOBER)) == []
    [november], [december] = majors(facts(it), frame()), majors(facts(it), frame(DECEMBER))
    assert november.over_at is None
    assert december.over_at == at("2026-12-02 09:00")


def test_whom_it_concerns_is_counted_once_each_and_named_nowhere() -> None:
    """§8: no requesters' names in a report."""
    host, same, other = major_one(), Told(), Told()
    for one in (same, other):
        majoring.link(one.at("10:00"), 7)
    said = {7: fact(host), 8: fact(same), 9: fact(other)}
    found = list(gathered(said))
    [counted] = found[0].majors
    assert (counted.linked, counted.persons) == (2, 1)  # all were reported by Emi
    assert said[8].requester == EMI
    assert {(each.requester, each.part_of) for each in found} == {(0, None)}


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("confidential", [False, True])
def test_the_report_says_the_headline_but_of_a_confidential_one(
    desk: Desk, rendered: list[str], confidential: bool
) -> None:
    """§9: and verifies, for the words are carried."""
    number = running(desk, confidential=confidential)
    link(desk, number)
    desk.do(major.stand_down, number, "It works again.", by="sato", when="11:20")
    wanted = [major.Action("Buy a second switch", "Ito", at("2026-11-28 00:00").date())]
    said = {"what": "The switch broke."}
    desk.do(major.review, number, said, wanted, by="sato", when="12:00")
    with desk.session() as session:
        made = commands.make(commands.read(directory(session), "2026-11"), now=at(AFTER))
    part = rendered[-1].partition('id="majors"')[2].partition("</section>")[0]
    told = not confidential
    assert (HEADLINE in part, "Buy a second switch" in part) == (told, told)
    assert (HEADLINE in made_of(made.pdf)) == told
    assert made.figures["figures"]["majors"]["value"] == 1
    if told:
        assert json.loads(made_of(made.pdf))["majors"]["1"]["headline"] == HEADLINE


def made_of(pdf: bytes) -> str:
    return embedded.read(pdf, ["document.json"])["document.json"]


@pytest.mark.slow
@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("remembered")
def test_it_is_verified_from_its_data_alone(desk: Desk) -> None:
    """F7."""
    number = running(desk)
    link(desk, number)
    with desk.session() as session:
        made = commands.make(commands.read(directory(session), "2026-11"), now=at(AFTER))
        assert verify.verify(made.pdf).differences == []
