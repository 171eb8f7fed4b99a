"""A word that somebody may not read is on none of the pages that they can open."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from tests.cast import Desk, page_of
from tests.incidents.marked import (
    EVERYTHING,
    KNOWN,
    LEDGER,
    OF_NETONE,
    OF_PRINTCO,
    READ_BY_REQUESTER,
    SHARED,
    TEMPLATES,
    TOLD,
    Tour,
    Walk,
    both,
    file,
    keep_template,
    read,
    solve,
    tell,
    upload_ledger,
)

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

TOO_LATE = {"zqwish"}  # D3: a revision is asked about up to the old date, which has passed

# Who reads what: where it is open to the desk, and of what is confidential.
READERS: dict[str | None, tuple[set[str], set[str]]] = {
    None: (set(), set()),
    "emi": (READ_BY_REQUESTER - TOO_LATE, READ_BY_REQUESTER - TOO_LATE),
    "taro": (KNOWN, set()),
    "ito": (EVERYTHING | TEMPLATES, EVERYTHING | TEMPLATES),  # of the group that has it
    "sato": (EVERYTHING | TEMPLATES, EVERYTHING | TEMPLATES),  # its lead
    "mori": (EVERYTHING | TEMPLATES, TEMPLATES),  # of a group that had it
    # managers too see number and figures, never title or text; a category is split by in reports
    "ueda": (EVERYTHING, {"zqcategory"}),
    "kim": (SHARED | OF_NETONE, SHARED | OF_NETONE),
    "park": (SHARED | OF_PRINTCO, SHARED | OF_PRINTCO),
    "root": (LEDGER | KNOWN, LEDGER),
}


def missing_and_leaked(walk: Walk, who: str | None, words: set[str]) -> dict[str, set[str]]:
    """Give what somebody finds and may not, with where, and what they should find and don't."""
    found = read(walk, who)
    lost = {word: {"nowhere"} for word in words - found.keys()}
    return lost | {word: places for word, places in found.items() if word not in words}


def scene(desk: Desk, *how: dict[str, Any]) -> Walk:
    keep_template(desk)
    return Walk(desk, both(desk, *how), upload_ledger(desk))


def told_apart(walk: Walk, column: int) -> dict[str | None, dict[str, set[str]]]:
    """Give what is wrong, reader by reader."""
    found = {who: missing_and_leaked(walk, who, words[column]) for who, words in READERS.items()}
    return {who: wrong for who, wrong in found.items() if wrong}


def test_everybody_reads_what_is_for_them(desk: Desk) -> None:
    """§9, §1: nobody sees what they must never see; H8: a partner only its own hand-offs."""
    assert told_apart(scene(desk), 0) == {}


def test_what_is_confidential_is_for_named_people_and_the_holder(desk: Desk) -> None:
    """§9: confidential ones, by mark or by service: named people and the holder only."""
    walk = scene(desk, {"confidential": True}, {"service": "payroll"})
    assert told_apart(walk, 1) == {}


def test_a_walk_knows_what_to_fill_into_every_address(app: Flask, desk: Desk) -> None:
    """A new address is walked by itself, or this says which part of it nobody fills in."""
    walked = {address.partition("?")[0] for address in scene(desk).addresses()}
    match = app.url_map.bind("desk.example").match
    rules = {match(path, "GET", return_rule=True)[0].rule for path in walked}
    there = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - rules == set()


@pytest.mark.parametrize("confidential", [False, True])
def test_a_watcher_reads_what_the_requester_reads(desk: Desk, confidential: bool) -> None:
    """§9: employees: own and watched incidents."""
    n = tell(desk, confidential=confidential)
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="10:55")
    solve(desk, n)
    of_dates = {"zqpromise", "zqwish"}  # the requester is asked about these
    assert missing_and_leaked(Walk(desk, [n]), "taro", READ_BY_REQUESTER - of_dates) == {}


def test_who_works_on_what_is_confidential_reads_it_and_not_the_next_one(desk: Desk) -> None:
    """§9: named people: whoever it is assigned to, and nobody else of their group."""
    n = tell(desk, confidential=True)
    desk.do(commands.assign, n, desk.id("abe"), by="ito", when="10:55")
    assert missing_and_leaked(Walk(desk, [n]), "abe", EVERYTHING - {*TOLD, *CAUSES}) == {}
    assert missing_and_leaked(Walk(desk, [n]), "mori", set()) == {}


CAUSES = {"zqcause", "zqworkaround", "zqreview"}  # come with the resolution


def test_what_becomes_confidential_is_so_everywhere_at_once(desk: Desk) -> None:
    """§9: marked by its service, also when it gets that service later."""
    n = tell(desk)
    desk.do(commands.reclassify, n, "payroll", "incident", by="ito", when="10:55")
    assert missing_and_leaked(Walk(desk, [n]), "mori", set()) == {}


def test_the_files_of_the_incident_are_a_partners_only_where_they_are_shared(desk: Desk) -> None:
    """H8: what the desk chose to share; requester's name and contact only if shared."""
    n = desk.log(uploads=(file("zqfile", "zqcontent"),), description="zqdescription")
    desk.do(escalation.hand_off, n, "netone", note="zqasked", by="ito", when="09:10")
    desk.do(escalation.recall, n, 1, by="ito", when="09:20")
    shared = {"share_files": True, "share_requester": True}
    desk.do(escalation.hand_off, n, "printco", note="zqasked", by="ito", when="09:30", **shared)
    assert "zqcontent" not in read(Walk(desk, [n]), "kim")
    assert "zqcontent" in read(Walk(desk, [n]), "park")
    names = {
        who: "Endo Emi" in desk.visit(who).get(f"/hand-offs/INC-{n:08d}/{k}").text
        for k, who in ((1, "kim"), (2, "park"))
    }
    assert names == {"kim": False, "park": True}


def test_a_partner_never_meets_a_name_of_the_desks_other_partners(desk: Desk) -> None:
    """§1: no list, search, count, name, number, file or mail outside their hand-offs."""
    other = desk.log(title="Something else")
    walk, tour = Walk(desk, both(desk)), Tour(desk.visit("kim"))
    for address in walk.addresses():
        text = tour.shown(address)
        names = {"PrintCo", "Endo", "Network team", f"INC-{other:08d}"}
        assert (address, {name for name in names if name in text}) == (address, set())


def test_who_handed_a_confidential_one_off_does_not_lose_sight_of_it(desk: Desk) -> None:
    """H3, §1: the desk group stays answerable and watching, the sender waits for the answer."""
    n = desk.log(confidential=True)
    desk.do(escalation.hand_off, n, "network", note="Please look", by="ito", when="09:10")
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="abe", when="09:20")
    seen = {who: desk.visit(who).get(page_of(n)).status_code for who in ("ito", "mori", "ueda")}
    assert seen == {"ito": 200, "mori": 200, "ueda": 404}
