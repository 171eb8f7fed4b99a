"""A word that somebody may not read is on none of the pages that they can open."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment
from tests.cast import Desk, Visitor, at, page_of
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")

ACTS = ("hold", "resolve", "promise", "wish", "priority", "service", "assign", "reopen", "cancel")
VIEWS = ("next", "partners", "overdue", "all", "done")

OF_THE_REQUESTER = {"zqtitle", "zqdescription", "zqfile", "zqcontent", "zqreply"}
OF_THE_DESK = {"zqnote", "zqasked", "zqanswer", "zqcause", "zqsketch"}
OF_NETONE = {"zqnetasked", "zqnetthread", "zqnetanswer", "zqticket", "zqnetfile", "zqnetcontent"}
OF_PRINTCO = {"zqprintasked", "zqprintthread"}
TOLD = {"zqsolved"}
SHARED = {"zqtitle", "zqdescription"}  # H8: what a hand-off shows of the incident
EVERYTHING = OF_THE_REQUESTER | OF_THE_DESK | OF_NETONE | OF_PRINTCO | TOLD


def file(name: str, content: str) -> Upload:
    return Upload(f"{name}.txt", BytesIO(content.encode()))


def tell(desk: Desk, **how: Any) -> int:
    """Play a whole story in which every text carries a word of its own."""
    how |= {"title": "zqtitle", "description": "zqdescription", "wish": Due(at=at("Mon 12:00"))}
    n = desk.log(uploads=(file("zqfile", "zqcontent"),), **how)

    def do(by: str, when: str, act: object, *what: object, **more: object) -> None:
        desk.do(act, n, *what, by=by, when=when, **more)  # type: ignore[arg-type]

    do("ito", "09:10", commands.comment, "reply", "zqreply")
    sketch = (file("zqsketch", "zqsketch"),)
    do("ito", "09:20", commands.comment, "note", "zqnote", uploads=sketch)
    do("ito", "09:30", escalation.hand_off, "network", note="zqasked")
    do("abe", "09:40", escalation.answer, 1, "zqanswer")
    do("ito", "09:50", escalation.hand_off, "netone", note="zqnetasked")
    do("kim", "10:00", escalation.write, 2, "zqnetthread")
    do("kim", "10:10", escalation.note_ticket, 2, "zqticket")
    theirs = (file("zqnetfile", "zqnetcontent"),)
    do("kim", "10:20", escalation.answer, 2, "zqnetanswer", uploads=theirs)
    do("ito", "10:30", escalation.hand_off, "printco", note="zqprintasked")
    do("park", "10:40", escalation.write, 3, "zqprintthread")
    do("ito", "10:50", escalation.recall, 3)
    do("ito", "11:00", commands.resolve, "solved", "zqsolved", root_cause="zqcause")
    return n


def pages(visitor: Visitor, desk: Desk, n: int) -> Iterator[str]:
    """Open everything that has an address."""
    yield from ("/home", "/home?show=ended", "/incidents.csv?view=all", "/incidents.csv?view=done")
    yield from (f"/incidents?view={view}" for view in VIEWS)
    yield from ("/incidents?view=done&q=zqtitle", "/incidents?q=zqticket", "/people?q=e")
    yield from (page_of(n), page_of(n, "preview"), page_of(n, "hand-off"))
    yield from (f"{page_of(n)}?show={show}" for show in ("reply", "note", "partner"))
    yield from (page_of(n, act) for act in ACTS)
    for k in "123":
        yield f"/hand-offs/INC-{n:08d}/{k}"
        yield from (page_of(n, "hand-offs", k, act) for act in ("answer", "send-back", "recall"))
    yield from (f"/inbox?box={box}" for box in ("to-accept", "in-work", "ended"))
    for row in desk.rows(Attachment, n):
        yield f"/files/{row.id}/{row.name}"
    yield from ("/reports", "/reports/2026-11", "/reports/2026-11/report.json")
    yield from (f"/reports/2026-11/figures/{id}" for id in ("intake", "resolved", "handoffs"))


def read(desk: Desk, who: str, n: int) -> set[str]:
    """Give the words that somebody finds on all those pages."""
    visitor = desk.visit(who)
    found = set()
    for address in pages(visitor, desk, n):
        with visitor.get(address, follow_redirects=True) as answer:
            text = answer.get_data(as_text=True).replace(address, "")
            assert answer.status_code < 500, address
            found |= {word for word in EVERYTHING if word in text and word not in address}
    return found


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("emi", OF_THE_REQUESTER | TOLD),
        ("taro", set()),
        ("root", set()),
        ("ito", EVERYTHING),
        ("mori", EVERYTHING),
        ("ueda", EVERYTHING),
        ("kim", SHARED | OF_NETONE),
        ("park", SHARED | OF_PRINTCO),
    ],
)
def test_everybody_reads_what_is_for_them(
    desk: Desk, clock: Clock, who: str, words: set[str]
) -> None:
    """§9, §1: nobody sees what they must never see; H8: a partner only its own hand-offs."""
    assert read(desk, who, tell(desk)) == words


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("emi", OF_THE_REQUESTER | TOLD),
        ("taro", set()),
        ("root", set()),
        ("ito", EVERYTHING),  # of the group that has it
        ("mori", set()),  # of a group that had it
        ("ueda", set()),  # managers too see number and figures, never title or text
        ("kim", SHARED | OF_NETONE),
        ("park", SHARED | OF_PRINTCO),
    ],
)
def test_what_is_confidential_is_for_named_people_and_the_holder(
    desk: Desk, clock: Clock, who: str, words: set[str]
) -> None:
    """§9: confidential ones: named people and the holder only, never title or text."""
    assert read(desk, who, tell(desk, confidential=True)) == words


def test_a_watcher_reads_what_the_requester_reads(desk: Desk, clock: Clock) -> None:
    """§9: employees: own and watched incidents."""
    n = tell(desk)
    desk.do(commands.reopen, n, by="ito", when="11:30")
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="11:40")
    assert read(desk, "taro", n) == OF_THE_REQUESTER | TOLD


def test_the_files_of_the_incident_are_a_partners_only_where_they_are_shared(
    desk: Desk, clock: Clock
) -> None:
    """H8: what the desk chose to share; requester's name and contact only if shared."""
    n = desk.log(uploads=(file("zqfile", "zqcontent"),), description="zqdescription")
    desk.do(escalation.hand_off, n, "netone", note="zqasked", by="ito", when="09:10")
    desk.do(escalation.recall, n, 1, by="ito", when="09:20")
    shared = {"share_files": True, "share_requester": True}
    desk.do(escalation.hand_off, n, "printco", note="zqasked", by="ito", when="09:30", **shared)
    assert "zqcontent" not in read(desk, "kim", n)
    assert "zqcontent" in read(desk, "park", n)
    names = {
        who: "Endo Emi" in desk.visit(who).get(f"/hand-offs/INC-{n:08d}/{k}").text
        for k, who in ((1, "kim"), (2, "park"))
    }
    assert names == {"kim": False, "park": True}


def test_a_partner_never_meets_a_name_of_the_desks_other_partners(desk: Desk, clock: Clock) -> None:
    """§1: no list, search, count, name, number, file or mail outside their hand-offs."""
    n = tell(desk)
    visitor = desk.visit("kim")
    for address in pages(visitor, desk, n):
        with visitor.get(address, follow_redirects=True) as answer:
            assert "PrintCo" not in answer.get_data(as_text=True)
            assert "Endo" not in answer.get_data(as_text=True)
            assert "Network team" not in answer.get_data(as_text=True)


def test_who_handed_a_confidential_one_off_does_not_lose_sight_of_it(desk: Desk) -> None:
    """H3, §1: the desk group stays answerable and watching, the sender waits for the answer."""
    n = desk.log(confidential=True)
    desk.do(escalation.hand_off, n, "network", note="Please look", by="ito", when="09:10")
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="abe", when="09:20")
    seen = {who: desk.visit(who).get(page_of(n)).status_code for who in ("ito", "mori", "ueda")}
    assert seen == {"ito": 200, "mori": 200, "ueda": 404}
