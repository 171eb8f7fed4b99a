"""C11: figures gross and net of exclusions."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import datetime, timedelta
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa

from servicedesk import db
from servicedesk.incidents import acts
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.commands import ask_for, settle
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.reports import carried, commands, contents, embedded, extent, tables
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID, FIGURES, MANY, SHARE, net_of
from servicedesk.reports.models import Report
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Party
from servicedesk.setup.goals import AMOUNTS, SHARES
from servicedesk.setup.snapshot import directory as directory_of
from tests.cast import Desk, at
from tests.incidents.told import DESK, EMI, ITO, NETONE, NETWORK, PRINTCO, Told, directory, moment
from tests.reports import plainly
from tests.reports.counted import DECEMBER, NOVEMBER, OCTOBER, fact, facts, frame, kept, value
from tests.reports.tampering import changed, text, write

UEDA = 9


def exclude(
    it: Told, start: str, end: str, *clocks: str, approved: str = "Fri 10:00", by: int = UEDA
) -> None:
    act = it.at(approved, ITO)
    wanted = Wanted(at(start), at(end), clocks or ("resolution",))
    exclusions.ask(act, wanted, "digest", "agent")
    exclusions.decide(it.at(approved, by), it.story.seq, True, (), "manager")


def late(when: str = "Thu 09:00", hours: int = 11, **how: Any) -> Told:
    """Eleven hours of ten, round the clock."""
    it = Told(when, service="printing", **how)
    acts.resolve(it.at((at(when) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")), "solved")
    return it


def both(id: str, *told: Told, **how: Any) -> tuple[Any, Any]:
    """Give hits and cases, gross and net."""
    return kept(id, *told, **how), kept(f"{id}.net", *told, **how)


# The registry


def test_every_share_of_clocks_has_a_twin_and_no_date_has() -> None:
    """C11: figures are always given gross and net; it is not for requested and promised."""
    for figure in FIGURES:
        clocks = figure.id.startswith(("sla.", "ola.", "partner.")) and figure.unit == SHARE
        if clocks and not figure.id.endswith(".net"):
            twin = net_of(figure.id)
            assert twin is not None
            assert (twin.since, twin.unit, twin.better) == (3, figure.unit, figure.better)
            assert twin.id in MANY
        else:
            assert net_of(figure.id) is None


# Counted by hand


def test_a_lifted_breach_is_missed_gross_and_met_net() -> None:
    """C11, F3."""
    lifted, missed, met = late(), late(), late(hours=9)
    exclude(lifted, "Thu 10:00", "Thu 12:00")
    exclude(missed, "Thu 10:00", "Thu 10:30")
    assert both("sla.resolution", lifted, missed, met) == ((1, 3), (2, 3))
    assert both("sla.response", lifted, missed, met) == ((0, 3), (0, 3))
    assert value("exclusions", lifted, missed, met) == 2


def test_without_an_exclusion_net_is_gross() -> None:
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 09:10")
    it.hand(NETONE, "Thu 10:30")
    acts.resolve(it.at("Mon 15:00"), "solved")
    for id in MANY:
        if net_of(id):
            gross, net = both(id, it)
            assert gross == net


def test_net_a_clock_counts_in_the_month_in_which_it_is_decided_net() -> None:
    """F3: breached in October, but net met at its stop in November; each once."""
    it = late("2026-10-31 13:00", hours=12)
    exclude(it, "2026-10-31 14:00", "2026-10-31 17:00")
    assert both("sla.resolution", it, period=OCTOBER) == ((0, 1), (0, 0))
    assert both("sla.resolution", it, period=NOVEMBER) == ((0, 0), (1, 1))


def test_what_is_still_open_net_is_not_decided() -> None:
    """F3: gross it is breached since 19:00; net an hour is left."""
    it = Told("Thu 09:00", service="printing")
    exclude(it, "Thu 10:00", "Thu 20:00", approved="Thu 21:00")
    assert both("sla.resolution", it, now="Fri 04:00") == ((0, 1), (0, 0))
    assert both("sla.resolution", it, now="Fri 06:00") == ((0, 1), (0, 1))


def test_a_later_breach_carries_its_own_instant() -> None:
    """C11, C10: net it is late two hours later, and who held it then answers for it."""
    it = Told("Thu 09:00", service="printing")
    it.hand(PRINTCO, "Thu 20:00")
    acts.resolve(it.at("Fri 00:00"), "solved")
    exclude(it, "Thu 10:00", "Thu 12:00")
    [clock] = [c for c in fact(it).clocks if c.kind == "resolution"]
    assert (clock.met, clock.at, clock.holder) == (False, at("Thu 19:00"), DESK.ref)
    assert clock.net is not None
    assert (clock.net.met, clock.net.at) == (False, at("Thu 21:00"))
    assert (clock.net.holder, clock.net.excluded) == (PRINTCO.ref, 7200)
    assert not clock.lifted


@pytest.mark.parametrize(
    ("party", "id", "clocks", "wanted"),
    [
        (NETWORK, "ola.acceptance", (NETWORK.ref,), ((0, 1), (1, 1))),
        (NETWORK, "ola.acceptance", ("resolution",), ((0, 1), (0, 1))),
        (NETONE, "partner.acceptance", (NETONE.ref,), ((0, 1), (1, 1))),
        (NETONE, "partner.acceptance", (NETWORK.ref,), ((0, 1), (0, 1))),
    ],
)
def test_a_partys_exclusion_is_for_its_clocks_alone(
    party: Party, id: str, clocks: tuple[str, ...], wanted: tuple[Any, Any]
) -> None:
    """C11: accepted after 90 of 30 or 60 minutes, an hour of which is excluded."""
    it = Told("Thu 09:00")
    if party is not NETWORK:
        it.hand(NETWORK, "Thu 09:00")
    n = it.hand(party, "Thu 10:00").n
    it.at("Thu 11:30").record("handoff.accepted", n=n)
    exclude(it, "Thu 10:10", "Thu 11:10", *clocks)
    assert both(id, it, party=party) == wanted


def test_wishes_count_as_they_are() -> None:
    """C11: an exclusion never touches the wish."""
    it = Told("Thu 09:00", service="printing")
    acts.wish(it.at("Thu 09:00", EMI), moment("Thu 18:00"))
    acts.resolve(it.at("Thu 20:00"), "solved")
    exclude(it, "Thu 10:00", "Thu 19:30", "resolution", "response")
    assert kept("requested_due.first", it) == (0, 1)


def test_exclusions_count_in_the_period_of_their_approval() -> None:
    it = late()
    exclude(it, "Thu 10:00", "Thu 12:00", approved="2026-12-02 09:00")
    assert [value("exclusions", it, period=p) for p in (NOVEMBER, DECEMBER)] == [0, 1]
    shown = [tables.exclusions([fact(it)], frame(p)) for p in (NOVEMBER, DECEMBER, OCTOBER)]
    assert [len(rows) for rows in shown] == [1, 1, 0]  # it concerns a clock of November


def test_a_partys_report_counts_those_of_clocks_that_it_shows() -> None:
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    exclude(it, "Thu 10:00", "Thu 10:30", NETONE.ref, approved="Thu 12:00")
    counts = [value("exclusions", it, party=party) for party in (None, NETONE, DESK)]
    assert counts == [1, 1, 0]


def test_random_stories_come_to_what_plain_counting_says() -> None:
    """C11: gross and net, minute by minute, of stories with holds and several exclusions."""
    chance = random.Random(20261126)
    told = [_random(chance) for _ in range(60)]
    plain = [plainly.by_minutes(*each[1:], target=600) for each in told]
    stories = [each[0] for each in told]
    wanted = tuple((sum(one[n] for one in plain), len(plain)) for n in (0, 1))
    assert both("sla.resolution", *stories, now="2026-12-20 09:00") == wanted
    assert wanted[0] != wanted[1]


def _random(chance: random.Random) -> tuple[Told, datetime, datetime, list[Any], list[Any]]:
    """Make an incident with what a plain count needs of it: begin, end, pauses, exclusions."""
    begin = at("Thu 09:00")
    minute = iter(sorted(chance.sample(range(1, 1200), 3)))
    hold, go_on, done = (begin + timedelta(minutes=next(minute)) for _ in range(3))
    it = Told("Thu 09:00", service="printing")
    for instant, act in (
        (hold, lambda act: acts.hold(act, "change", until=at("Mon 09:00"))),
        (go_on, acts.start),
        (done, lambda act: acts.resolve(act, "solved")),
    ):
        it.act.now = instant
        act(it.act)
    spans = []
    for _ in range(chance.randrange(4)):
        one, two = sorted(chance.sample(range(int((done - begin).total_seconds()) // 60), 2))
        spans.append((begin + timedelta(minutes=one), begin + timedelta(minutes=two)))
    for start, end in spans:
        exclusions.ask(it.at("Sat 09:00"), Wanted(start, end, ("resolution",)), "digest", "agent")
        exclusions.decide(it.at("Sat 09:00", UEDA), it.story.seq, True, (), "manager")
    return it, begin, done, [(hold, go_on)], spans


# Tables


def test_a_split_has_its_twin_beside_each_row() -> None:
    lifted, other = late(), late(type="request")
    exclude(lifted, "Thu 10:00", "Thu 12:00")
    rows = tables.split(
        BY_ID["sla.resolution"], facts(lifted, other), frame(), lambda fact, case: fact.type
    )
    found = {row.key: (row.result.numerator, row.net.numerator if row.net else -1) for row in rows}
    assert found == {"incident": (0, 1), "request": (0, 0)}


def test_what_counts_only_net_has_a_row_too() -> None:
    """The rows' nets add up to the net figure."""
    it = late("2026-10-31 13:00", hours=12)
    exclude(it, "2026-10-31 14:00", "2026-10-31 17:00")
    [row] = tables.split(BY_ID["sla.resolution"], facts(it), frame(), tables.by_service)
    assert (row.result.denominator, row.net and row.net.denominator) == (0, 1)


def test_dates_are_split_without_a_twin() -> None:
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", EMI), moment("Thu 18:00"))
    [row] = tables.split(BY_ID["requested_due.first"], facts(it), frame(), tables.by_service)
    assert row.net is None


def test_partners_have_their_nets() -> None:
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    it.at("Thu 11:30").record("handoff.accepted", n=1)
    exclude(it, "Thu 10:10", "Thu 11:10", NETONE.ref)
    [row] = tables.partners(facts(it), frame(), directory())
    assert row.accepted.numerator == 0
    assert row.nets["partner.acceptance"].numerator == 1


# What a report carries and prints


def document(*told: Told, revision: int | None = 1) -> Document:
    known = Knowledge(9, at("2026-12-07 09:00"))
    said = Contents(frame(), Scope(), known, directory(), facts(*told), draft=False)
    return Document(said, Seal(revision), {1: "No paper"})


def lifted() -> Told:
    it = late()
    exclude(it, "Thu 10:00", "Thu 12:00", "resolution", DESK.ref)
    return it


def test_what_is_carried_is_read_back_with_its_exclusions() -> None:
    """F7: made again from nothing else."""
    doc = document(lifted())
    back = carried.read(carried.files(doc, "en")).document
    assert list(back.contents.facts) == list(doc.contents.facts)
    assert back.contents.results == doc.contents.results
    [row] = back.exclusions
    assert (row.exclusion.asked_as, row.exclusion.decided_as) == ("agent", "manager")


def test_a_party_that_only_an_exclusion_names_is_named() -> None:
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    exclude(it, "Thu 10:00", "Thu 10:30", NETONE.ref, approved="Thu 12:00")
    named = json.loads(carried.files(document(it), "en")["document.json"])["parties"]
    assert {"desk", "netone"} <= {party["key"] for party in named}


def test_of_months_long_past_no_exclusion_is_carried() -> None:
    short = extent.in_short(fact(lifted()))
    assert isinstance(short, Fact)
    assert (short.exclusions, short.clocks) == ((), ())


# Sealed, and known later


AFTER = "2026-12-07 10:00"


def make(desk: Desk, now: str = AFTER) -> commands.Made:
    with desk.session() as session:
        asked = commands.read(directory_of(session), "2026-11")
        return commands.make(asked, now=at(now))


@pytest.fixture
def number(desk: Desk) -> int:
    """Eleven hours of ten, in November."""
    n = desk.log(service="printing", when="Thu 09:00")
    desk.do(incidents.resolve, n, "solved", "Done.", by="ito", when="Thu 20:00")
    return n


def approve(desk: Desk, n: int, when: str = "2026-12-08 09:00") -> None:
    out = Wanted(at("Thu 10:00"), at("Thu 12:00"), ("resolution",))
    one = desk.do(ask_for, n, out, "The landlord cut the power", by="ito", when=when)
    desk.do(settle, n, one, True, "Agreed", by="ueda", when=when)


def share(made: commands.Made, id: str) -> tuple[int, int]:
    said = made.figures["figures"][id]
    return said["numerator"], said["denominator"]


def test_a_later_exclusion_makes_a_revision_and_leaves_the_sealed_one(
    desk: Desk, number: int, rendered: list[str]
) -> None:
    """F6, C11: figures of what is sealed stay; gross stays for ever."""
    first = make(desk)
    assert "No exclusion was approved in the period." in rendered[-1]
    approve(desk, number)
    second = make(desk, "2026-12-09 10:00")
    assert (first.revision, second.revision) == (1, 2)
    for id, shares in (("sla.resolution", [(0, 1)] * 2), ("sla.resolution.net", [(0, 1), (1, 1)])):
        assert [share(made, id) for made in (first, second)] == shares
    assert "Resolution in time, net" in rendered[-1].partition("What changed since")[2]
    assert 'id="exclusions"' in rendered[-1]
    assert "agent asked, manager approved" in rendered[-1]


def test_people_stand_by_their_roles_alone(desk: Desk, number: int, rendered: list[str]) -> None:
    """§8: no names; and not the words of either."""
    approve(desk, number, "Fri 09:00")
    data = "".join(embedded.read(make(desk).pdf, ["facts.jsonl", "document.json"]).values())
    for hidden in ("Ito", "Ueda", "landlord", "Agreed"):
        assert hidden not in data + rendered[-1]


def as_version_2(desk: Desk) -> None:
    """Leave what was sealed as version 2 of the definitions would have sealed it."""
    with desk.session() as session:
        setup = directory_of(session)
        asked = commands.read(setup, "2026-11")
        said = contents.work_out(session, setup, asked.period, asked.scope, now=at(AFTER))
        digest = said.digest_as("2")
    with desk.app.app_context(), db.transaction() as session:
        row = session.scalars(sa.select(Report)).one()
        known = {id: each for id, each in row.figures["figures"].items() if BY_ID[id].since < 3}
        row.figures = {**row.figures, "figures": known}
        row.definitions, row.digest = "2", digest
        path = commands.folder() / row.stored
        path.write_bytes(changed(path.read_bytes(), _without_net))
        row.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()


def _without_net(opened: pikepdf.Pdf) -> None:
    lines = text(opened, "cases.csv").splitlines(keepends=True)
    known = (line for line in lines if ".net," not in line and "exclusions," not in line)
    write(opened, "cases.csv", "".join(known))


@pytest.mark.usefixtures("rendered")
def test_new_figures_alone_make_no_revision_of_what_was_sealed_before(
    desk: Desk, number: int
) -> None:
    """F6."""
    make(desk)
    as_version_2(desk)
    desk.log(when="2026-12-08 10:00")
    again = make(desk, "2026-12-09 10:00")
    assert (again.revision, again.new) == (1, False)


def test_an_exclusion_does_and_names_what_counts_otherwise(
    desk: Desk, number: int, rendered: list[str]
) -> None:
    """F6, C11: net figures were gross before there were any."""
    desk.do(incidents.resolve, desk.log(when="Thu 10:00"), "solved", "x", by="ito", when="11:00")
    make(desk)
    as_version_2(desk)
    approve(desk, number)
    second = make(desk, "2026-12-09 10:00")
    assert second.revision == 2
    said = rendered[-1].partition("What changed since")[2].partition("</section>")[0]
    assert "Resolution in time, net" in said
    assert "INC-00000001" in said
    assert "INC-00000002" not in said
    assert "First response in time, net" not in said


def test_the_pages_show_gross_and_net(desk: Desk, number: int) -> None:
    approve(desk, number, "Fri 09:00")
    ueda = desk.visit("ueda")
    page = ueda.get("/reports/2026-11").text
    assert "figures/sla.resolution.net" in page
    assert "1 exclusion was approved in the period." in page
    assert "Resolution: missed, net met" in page
    assert "INC-00000001" in ueda.get("/reports/2026-11/figures/exclusions").text
    assert "net 1 of 1" in ueda.get("/reports").text


def test_no_goal_is_set_for_a_net_figure() -> None:
    """Goals are held against what is gross."""
    assert not [id for id in SHARES + AMOUNTS if id.endswith(".net")]
