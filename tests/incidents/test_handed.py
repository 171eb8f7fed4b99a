"""The history of an incident's hand-offs: sums to the second, the picture, the page."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from servicedesk.escalation import commands, returns
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.commands import hold, resume
from servicedesk.incidents.detail import read
from servicedesk.incidents.handed.page import History, history
from servicedesk.incidents.handed.shares import length, open_seconds, shares
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.models import Holding
from servicedesk.people.models import Person
from tests.cast import Desk, at, page_of
from tests.incidents.imagined import Played, played
from tests.support.statements import counted
from tests.support.torture import enough

SVG = "{http://www.w3.org/2000/svg}"


# Sums


@given(played(imported=False))
@settings(max_examples=enough(25, 1500))
def test_every_second_of_the_open_time_is_in_exactly_one_share(it: Played) -> None:
    """H1: the holdings have no gap and no overlap; parted by hand-offs they sum up all the same."""
    story = tell(it.events)
    found = shares(story, it.now)
    assert sum(share.seconds for share in found) == open_seconds(story, it.now)
    spans = sorted(span for share in found for span in share.spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    held: Counter[str] = Counter()
    for holding in story.holdings:
        held[holding.holder] += length((holding.start, holding.end or max(it.now, holding.start)))
    by_holder: Counter[str] = Counter()
    for share in found:
        by_holder[share.holder] += share.seconds
    assert +by_holder == +held


@given(played())
@settings(max_examples=enough(25, 1500))
def test_what_is_held_by_a_hand_off_lies_between_its_sending_and_its_end(it: Played) -> None:
    """H2: the receiver holds it from its sending on; what comes after its end is another's."""
    story = tell(it.events)
    for share in shares(story, it.now):
        if share.handoff is None:
            continue
        handoff = story.handoffs[share.handoff - 1]
        assert share.holder == handoff.receiver
        for start, end in share.spans:
            assert handoff.sent_at <= start
            assert handoff.ended_at is None or end <= handoff.ended_at


def test_the_time_of_a_question_is_the_senders(desk: Desk) -> None:
    """H2: the sender holds it while a question waits; the hand-off's own time rests."""
    n = desk.log()
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    desk.do(commands.ask, n, 1, "Which port?", by="abe", when="10:30")
    desk.do(commands.reply, n, 1, "Port 14", by="ito", when="11:15")
    story = desk.story(n)
    found = {(s.holder, s.handoff): s.seconds for s in shares(story, at("12:00"))}
    assert found[desk.ref("network"), 1] == 75 * 60
    assert found[desk.ref("desk"), None] == 105 * 60


# The page


def tale(desk: Desk) -> int:
    """An incident that was asked about, sent back, waited for its requester, and was nudged."""
    n = desk.log(title="<b>回線</b> & more")
    do = desk.do
    do(hand_off, n, "network", note="Please look", reason="vendor", by="ito", when="10:00")
    do(commands.ask, n, 1, "Which port?", by="abe", when="10:30")
    do(commands.reply, n, 1, "Port 14", by="ito", when="10:45")
    do(commands.answer, n, 1, "It is fine", by="abe", when="11:00")
    do(commands.refuse_answer, n, 1, "It is not", by="ito", when="11:10")
    do(commands.send_back, n, 1, "Not ours", by="abe", when="11:20")
    do(hold, n, "requester", question="Is it plugged in?", by="ito", when="11:30")
    do(resume, n, by="ito", when="13:00")
    do(hand_off, n, "netone", note="Please look too", reason="rights", by="ito", when="13:30")
    do(commands.nudge, n, 2, by="ito", when="Fri 09:30")
    return n


def of(desk: Desk, n: int, when: str) -> History:
    with desk.session() as session, desk.app.test_request_context():
        person = session.query(Person).filter_by(key="ito").one()
        found = read(session, person, n, at(when))
        assert found is not None
        return history(found)


def test_the_table_has_a_line_for_each_hand_off_and_sums_up_to_the_open_time(desk: Desk) -> None:
    """H1: held by hand-offs and between them, in all exactly the time since it was logged."""
    it = of(desk, tale(desk), "Fri 10:00")
    assert [(row.handoff.n, row.reason, row.state) for row in it.rows if row.handoff] == [
        (1, "The maker has to look", "sent back"),
        (2, "Needs rights we lack", "sent"),
    ]
    assert it.rows[0].notes == ("1 question", "1 answer refused")
    assert it.rows[1].notes == ("1 nudge",)
    assert sum(row.seconds for row in (*it.rows, *it.besides)) == it.total == 25 * 3600
    assert it.rows[0].seconds == 55 * 60  # but not while its question or its answer lay here
    assert [row.party.key if row.party else "requester" for row in it.besides] == [
        "desk",
        "requester",
    ]


def test_time_is_counted_in_the_holders_own_hours_too(desk: Desk) -> None:
    """H1: from 13:30 to 18:00 and from 09:00 to 10:00; the requester keeps no hours."""
    it = of(desk, tale(desk), "Fri 10:00")
    assert it.rows[1].seconds == 20 * 3600 + 1800
    assert it.rows[1].worked == 5 * 3600 + 1800
    assert it.besides[1].worked is None


def test_the_picture_has_a_bar_an_arrow_and_a_sign_for_everything_that_was(desk: Desk) -> None:
    n = tale(desk)
    it = of(desk, n, "Fri 10:00")
    drawn = ET.fromstring(it.svg)
    names = [group.get("class", "") for group in drawn.iter(f"{SVG}g")]
    held = [name for name in names if re.match(r"ll-item ll-(tier|partner|requester)", name)]
    assert len(held) == len(desk.rows(Holding, n)) == 10
    assert len([name for name in names if "ho-up" in name]) == 1
    assert len([name for name in names if "ho-partner" in name]) == 1
    signs = [name for name in names if "ho-sign" in name]
    assert Counter(name.rpartition("ho-")[2] for name in signs) == Counter(it.signs)
    assert set(it.signs) == {"asked", "refused", "sent_back", "nudged"}
    assert [lane.name for lane in it.lanes] == [
        "Service desk", "Network team", "Requester", "NetOne Inc.",
    ]  # fmt: skip


def test_the_keyboard_and_a_screen_reader_get_to_everything_drawn(desk: Desk) -> None:
    it = of(desk, tale(desk), "Fri 10:00")
    drawn = ET.fromstring(it.svg)
    items = [group for group in drawn.iter(f"{SVG}g") if "ll-item" in group.get("class", "")]
    assert all(group.get("tabindex") == "0" and group.get("aria-label") for group in items)
    assert any("The maker has to look" in (group.get("aria-label") or "") for group in items)


def handed_to_and_fro(desk: Desk, many: int) -> int:
    n = desk.log(service="payroll")
    for turn in range(many):
        to = ("network", "desk")[turn % 2]
        minutes = 1 + turn * 5
        when = at(f"Fri {9 + minutes // 60:02}:{minutes % 60:02}")
        desk.do(hand_off, n, to, note="Please look", by="sato", when=when)
        if proposal := desk.story(n).proposal:
            desk.do(returns.allow, n, proposal.n, by=("sato", "abe")[turn % 2], when=when)
    return n


@pytest.mark.parametrize("many", [1, 60])
@pytest.mark.backends("sqlite")
def test_few_and_many_hand_offs_have_their_page(desk: Desk, many: int) -> None:
    page = desk.visit("sato").get(page_of(handed_to_and_fro(desk, many), "hand-offs"))
    assert page.status_code == 200
    assert page.text.count("ho-svg") == 1
    assert f"{many} hand-off" in page.text


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_does_not_depend_on_how_many_there_are(desk: Desk) -> None:
    visitor, counts = desk.visit("sato"), []
    for number in (handed_to_and_fro(desk, 1), handed_to_and_fro(desk, 7)):
        with counted(desk) as statements:
            visitor.get(page_of(number, "hand-offs"))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_what_was_never_handed_off_says_so(desk: Desk) -> None:
    n = desk.log()
    page = desk.visit("ito").get(page_of(n, "hand-offs")).text
    assert "Never handed off." in page


def test_names_are_written_not_run(desk: Desk) -> None:
    n = tale(desk)
    page = desk.visit("ito").get(page_of(n, "hand-offs")).text
    assert "<b>回線</b>" not in page
    assert "&lt;b&gt;回線&lt;/b&gt; &amp; more" in page


def test_only_the_desk_sees_who_had_it(desk: Desk) -> None:
    """H8: neither the requester nor a partner learns who else had it."""
    n = tale(desk)
    for who in ("emi", "kim"):
        assert desk.visit(who).get(page_of(n, "hand-offs")).status_code == 404
