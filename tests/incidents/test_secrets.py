"""A word that somebody may not read is on none of the pages that they can open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from tests.cast import Desk, page_of
from tests.incidents.beside import SHEETS, SHEETS_OF_NETONE, SHEETS_OF_PRINTCO, meet
from tests.incidents.marked import (
    EVERYTHING,
    KNOWN,
    LEDGER,
    OF_NETONE,
    OF_PRINTCO,
    READ_BY_REQUESTER,
    REMARKS,
    SHARED,
    TEMPLATES,
    TOLD,
    WORDS,
    Walk,
    both,
    draft_report,
    file,
    keep_template,
    pages,
    read,
    solve,
    tell,
    upload_ledger,
)

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

TOO_LATE = {"zqwish"}  # D3: a revision is asked about up to the old date, which has passed

FOUND = {"zqpriority"}  # stands in what a search finds alone
OF_THE_DESK = (EVERYTHING | TEMPLATES | SHEETS) - FOUND
OF_KIM = SHARED | OF_NETONE | SHEETS_OF_NETONE
OF_PARK = SHARED | OF_PRINTCO | SHEETS_OF_PRINTCO

# Who reads what where it is open to the desk. One agent stands for all: each has the same rights,
# and a lead's pages show nothing besides that could be too much here.
OPEN: dict[str | None, set[str]] = {
    None: set(),
    "emi": READ_BY_REQUESTER - TOO_LATE,
    "taro": set(KNOWN),
    "mori": OF_THE_DESK,
    "ueda": EVERYTHING | SHEETS | REMARKS,
    "kim": OF_KIM,
    "park": OF_PARK,
    "root": LEDGER | KNOWN,
}
# And of what is confidential: being so only takes away. So who is not signed in and the
# administrator, on whose pages no word stood where all is open, do not go round again; an agent
# does as the lead of a group that had it. A sheet says what was agreed in a meeting with a company
# that was given the incident, beside its number alone.
CONFIDENTIAL: dict[str | None, set[str]] = {
    "emi": READ_BY_REQUESTER - TOO_LATE,
    "taro": set(),
    "ito": OF_THE_DESK,  # of the group that has it
    "abe": TEMPLATES | SHEETS,  # lead of a group that had it
    # managers too see number and figures, never title or text; a category is split by in reports
    "ueda": {"zqcategory"} | SHEETS | REMARKS,
    "kim": OF_KIM,
    "park": OF_PARK,
}


def missing_and_leaked(walk: Walk, who: str | None, words: set[str]) -> dict[str, set[str]]:
    """Give what somebody finds and may not, with where, and what they should find and don't."""
    found = read(walk, who)
    lost = {word: {"nowhere"} for word in words - found.keys()}
    return lost | {word: places for word, places in found.items() if word not in words}


def scene(desk: Desk, *how: dict[str, Any]) -> Walk:
    keep_template(desk)
    draft_report(desk)
    return Walk(desk, both(desk, *how), upload_ledger(desk))


def told_apart(walk: Walk, readers: dict[str | None, set[str]]) -> dict[str | None, Any]:
    """Give what is wrong, reader by reader.

    To who reads every word of the desk a search shows none that is not theirs.
    """
    walks = {True: walk, False: replace(walk, curious=False)}
    found = {
        who: missing_and_leaked(walks[words != OF_THE_DESK], who, words)
        for who, words in readers.items()
    }
    return {who: wrong for who, wrong in found.items() if wrong}


# Some of the readers to a test, so that several processes share them.
SIDES: dict[str, set[str | None]] = {
    "desk": {"mori", "ito", "abe", "ueda"},
    "others": {None, "emi", "taro", "kim", "park", "root"},
}


def of_side(side: str, readers: dict[str | None, set[str]]) -> dict[str | None, set[str]]:
    return {who: words for who, words in readers.items() if who in SIDES[side]}


@pytest.mark.parametrize("side", SIDES)
def test_everybody_reads_what_is_for_them(desk: Desk, side: str) -> None:
    """§9, §1: nobody sees what they must never see; H6, H8: a partner only what it was given."""
    assert told_apart(scene(desk), of_side(side, OPEN)) == {}


@pytest.mark.parametrize("side", SIDES)
def test_what_is_confidential_is_for_named_people_and_the_holder(desk: Desk, side: str) -> None:
    """§9: confidential ones, by mark or by service: named people and the holder only."""
    walk = scene(desk, {"confidential": True}, {"service": "payroll"})
    assert told_apart(walk, of_side(side, CONFIDENTIAL)) == {}


def test_each_word_is_told_apart_from_all_others() -> None:
    """And everybody who goes round is on one side."""
    assert [w for w in WORDS if any(w in other for other in WORDS - {w})] == []
    assert set.union(*SIDES.values()) == OPEN.keys() | CONFIDENTIAL.keys()


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
    bare = Walk(desk, [n], curious=False)
    assert missing_and_leaked(bare, "abe", EVERYTHING - {*TOLD, *CAUSES, *FOUND}) == {}
    assert missing_and_leaked(Walk(desk, [n]), "mori", set()) == {}


CAUSES = {"zqcause", "zqworkaround", "zqreview"}  # come with the resolution


def test_what_becomes_confidential_is_so_everywhere_at_once(desk: Desk) -> None:
    """§9: marked by its service, also when it gets that service later; on kept sheets too."""
    n = tell(desk)
    meet(desk, n)
    desk.do(commands.reclassify, n, "payroll", "incident", by="ito", when="11:20")
    assert missing_and_leaked(Walk(desk, [n]), "mori", SHEETS) == {}


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
    for address, text in pages(Walk(desk, both(desk)), "kim"):
        names = {"PrintCo", "Endo", "Network team", f"INC-{other:08d}"}
        assert (address, {name for name in names if name in text}) == (address, set())


def test_who_handed_a_confidential_one_off_does_not_lose_sight_of_it(desk: Desk) -> None:
    """H3, §1: the desk group stays answerable and watching, the sender waits for the answer."""
    n = desk.log(confidential=True)
    desk.do(escalation.hand_off, n, "network", note="Please look", by="ito", when="09:10")
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="abe", when="09:20")
    seen = {who: desk.visit(who).get(page_of(n)).status_code for who in ("ito", "mori", "ueda")}
    assert seen == {"ito": 200, "mori": 200, "ueda": 404}
