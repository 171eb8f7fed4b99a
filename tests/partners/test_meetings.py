"""Meetings with a partner company: what the sheet begins with, keeps, carries over and shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from random import Random
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa

from servicedesk.errors import BadInput, NotAllowed, Refused, Stale
from servicedesk.escalation import commands as handing
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.visibility import is_passed_on, may_be_passed_on
from servicedesk.partners.meetings import commands, queries, views
from servicedesk.partners.meetings.commands import Changes, Resolved, Said
from servicedesk.partners.meetings.models import Decision, Meeting
from servicedesk.partners.meetings.sheet import Sheet, from_json, to_json
from servicedesk.people.models import Partner
from servicedesk.reports import pdf, shelf
from tests.board.played import Play
from tests.cast import Desk, Visitor, at
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("clock", "_empty_shelf")
TODAY, TOMORROW = date(2026, 11, 26), date(2026, 11, 27)
SHEET = "/partners/netone/meetings/1"


@pytest.fixture
def _empty_shelf() -> None:
    """Databases come and go under the same address."""
    shelf.clear()


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Two hand-offs and a work request open with NetOne, a hand-off with PrintCo."""
    for title in ("zqone", "zqtwo"):
        n = desk.log(title=title, when="08:50")
        desk.do(handing.hand_off, n, "netone", by="ito", when="09:00", note="zqasked")
        desk.do(incidents.comment, n, "note", "zqnote", by="ito", when="09:01")
    n = desk.log(title="zqprint", when="08:50", service="printing")
    desk.do(handing.hand_off, n, "printco", by="ito", when="09:00", note="zqprintasked")
    desk.do(work.request, n, "netone", "zqwork", by="ito", when="09:30", due=at("Fri 12:00"))
    desk.do(handing.note_ticket, 1, 1, "NET-7", by="kim", when="09:40")
    return desk


def test_what_may_be_passed_on_is_the_same_in_sql(desk: Desk) -> None:
    """§9, H8: the predicate and its condition say the same of any incident."""
    play = Play(desk, Random(7), at("2026-11-20 09:00"))
    for _n in range(12):
        play.log()
    with desk.session() as session:
        every = session.scalars(sa.select(Incident)).all()
        told = {incident.id for incident in every if may_be_passed_on(incident)}
        assert set(session.scalars(sa.select(Incident.id).where(is_passed_on()))) == told
    assert 0 < len(told) < len(every)


def partner(desk: Desk, key: str = "netone") -> int:
    with desk.session() as session:
        return session.scalars(sa.select(Partner.id).where(Partner.key == key)).one()


def opened(desk: Desk, day: date = TODAY, by: str = "ito", key: str = "netone") -> int:
    return desk.call(commands.open_meeting, partner(desk, key), day, by=by, when="10:00")


def row(desk: Desk, n: int = 1) -> Meeting:
    with desk.session() as session:
        found = queries.find(session, partner(desk), n)
        assert found is not None
        return found


def sheet(desk: Desk, n: int = 1, when: str = "14:05") -> Sheet:
    with desk.session() as session:
        found = queries.find(session, partner(desk), n)
        assert found is not None
        return queries.sheet(session, desk.setup(), found, at(when))


def saved(desk: Desk, n: int = 1, *, version: int | None = None, **what: Any) -> None:
    now = row(desk, n)
    changes = Changes(what.pop("day", now.day), what.pop("since", now.since), **what)
    version = now.version if version is None else version
    how = {"version": version}
    desk.call(commands.save, partner(desk), n, changes, by="ito", when="10:30", **how)


def held(desk: Desk, n: int = 1, when: str = "14:00") -> None:
    version = row(desk, n).version
    desk.call(commands.hold, partner(desk), n, by="ito", when=when, version=version)


def of(desk: Desk, number: int, kind: str = "handoff") -> tuple[str, int, int]:
    return kind, desk.incident(number).id, 1


# What it begins with


def test_a_sheet_begins_with_what_the_company_has_open(told: Desk) -> None:
    """H2, H6: hand-offs and work requests with number, title, state, since, due and ticket."""
    opened(told)
    found = sheet(told)
    assert [(i.kind, i.number, i.title, i.state) for i in found.items] == [
        ("handoff", 1, "zqone", "sent"),
        ("handoff", 2, "zqtwo", "sent"),
        ("request", 3, "zqwork", "sent"),
    ]
    one, _two, asked = found.items
    assert (one.since, one.due, one.ticket, one.late) == (at("09:00"), at("10:00"), "NET-7", True)
    assert (asked.due, asked.late) == (at("Fri 12:00"), False)


def test_its_score_is_of_the_days_since_the_meeting_before(told: Desk) -> None:
    """F1: the same figures as the company's page."""
    opened(told, date(2026, 11, 20))
    held(told)
    opened(told, TODAY)
    assert row(told, 2).since == date(2026, 11, 21)
    found = {one.id: one.now.value for one in sheet(told, 2).scores}
    assert found["partner.sent"] == 2
    page = told.visit("ueda").get(
        "/partners/netone/figures/partner.sent?period=2026-11-21..2026-11-26"
    )
    assert page.text.count('<th scope="row">') == 2


def test_the_first_one_looks_back_a_month(told: Desk) -> None:
    opened(told)
    assert row(told).since == date(2026, 10, 27)


def test_there_is_one_draft_at_a_time(told: Desk) -> None:
    opened(told)
    with pytest.raises(Refused):
        opened(told)
    opened(told, key="printco")


@pytest.mark.parametrize("who", ["emi", "kim", "root"])
def test_only_the_desk_keeps_meetings(told: Desk, who: str) -> None:
    """§9: agents, leads and managers."""
    with pytest.raises(NotAllowed):
        opened(told, by=who)
    assert told.visit(who).post("/partners/netone/meetings", day="2026-11-26").status_code == 404


# What it keeps


def test_each_line_is_kept(told: Desk) -> None:
    opened(told)
    items = {of(told, 1): Said("Send the log", TOMORROW, "them"), of(told, 3, "request"): Said("x")}
    new = [Resolved("Weekly call", "Kim", TOMORROW), Resolved("  ")]
    saved(told, participants="Ito\nKim", items=items, new=new)
    found = sheet(told)
    assert found.participants == "Ito\nKim"
    assert [(i.next_action, i.next_day, i.who) for i in found.items] == [
        ("Send the log", TOMORROW, "them"), ("", None, ""), ("x", None, ""),
    ]  # fmt: skip
    assert [(d.text, d.owner, d.due, d.done) for d in found.decisions] == [
        ("Weekly call", "Kim", TOMORROW, False)
    ]


def test_what_a_form_does_not_show_stays(told: Desk) -> None:
    """A long sheet is filled in page by page."""
    opened(told)
    saved(told, items={of(told, 1): Said("one")}, new=[Resolved("d")])
    saved(told, items={of(told, 2): Said("two")})
    assert [item.next_action for item in sheet(told).items] == ["one", "two", ""]
    assert len(sheet(told).decisions) == 1


def test_a_sheet_that_somebody_changed_meanwhile_is_not_overwritten(told: Desk) -> None:
    opened(told)
    saved(told, items={of(told, 1): Said("theirs")})
    with pytest.raises(Stale):
        saved(told, version=1, items={of(told, 1): Said("mine")})
    assert sheet(told).items[0].next_action == "theirs"


def test_an_item_of_another_company_is_refused(told: Desk) -> None:
    """§9: nothing is kept of what is not this company's."""
    opened(told)
    for key in (of(told, 3), ("request", told.incident(1).id, 1), ("handoff", 999, 1)):
        with pytest.raises(BadInput):
            saved(told, items={key: Said("x")})
    assert row(told).version == 1


def test_what_ended_since_keeps_its_line(told: Desk) -> None:
    opened(told)
    saved(told, items={of(told, 1): Said("Send the log")})
    told.do(handing.answer, 1, 1, "Done", by="kim", when="11:00")
    told.do(handing.answer, 2, 1, "Done", by="kim", when="11:00")
    found = [(i.number, i.state, i.ended) for i in sheet(told).items if i.kind == "handoff"]
    assert found == [(1, "answered", True)]


# What is held


def test_a_held_sheet_stays_as_it_was(told: Desk) -> None:
    """H6: later answers, decisions and titles do not change it."""
    opened(told)
    saved(told, items={of(told, 1): Said("Send the log", TOMORROW, "us")}, new=[Resolved("d")])
    held(told)
    before = sheet(told)
    told.do(handing.answer, 1, 1, "Done", by="kim", when="15:00")
    opened(told, TOMORROW)
    (decision,) = sheet(told, 2).decisions
    saved(told, 2, decisions={decision.id: Resolved("d changed", done=True)})
    assert sheet(told, when="Fri 10:00") == before
    assert before.decisions[0].text == "d"
    for act in (saved, held):
        with pytest.raises(Refused):
            act(told)


def test_what_is_kept_reads_as_it_was(told: Desk) -> None:
    opened(told)
    saved(told, items={of(told, 1): Said("x", TOMORROW, "us")}, new=[Resolved("d", "K", TODAY)])
    found = sheet(told)
    again = from_json(to_json(found))
    assert again == Sheet(**{**vars(found), "held": True, "lines": list(found.lines)})


def test_open_lines_and_decisions_are_carried_over_until_they_are_done(told: Desk) -> None:
    opened(told)
    items = {of(told, 1): Said("Send the log", TOMORROW, "them"), of(told, 2): Said("gone")}
    new = [Resolved("stays"), Resolved("done now", done=True), Resolved("later")]
    saved(told, items=items, new=new, participants="Ito")
    held(told)
    told.do(handing.answer, 2, 1, "Done", by="kim", when="15:00")
    opened(told, TOMORROW)
    second = sheet(told, 2)
    assert [(i.number, i.next_action) for i in second.items] == [(1, "Send the log"), (3, "")]
    assert [d.text for d in second.decisions] == ["stays", "later"]
    assert second.participants == "Ito"
    id = second.decisions[1].id
    saved(told, 2, decisions={id: Resolved("later", done=True)})
    assert [(d.text, d.done) for d in sheet(told, 2).decisions] == [
        ("stays", False),
        ("later", True),
    ]
    told.call(commands.hold, partner(told), 2, by="ito", when="Fri 15:00", version=2)
    opened(told, date(2026, 12, 26))
    assert [d.text for d in sheet(told, 3).decisions] == ["stays"]


def test_what_was_decided_earlier_cannot_be_wiped_out(told: Desk) -> None:
    opened(told)
    saved(told, new=[Resolved("stays"), Resolved("typed by mistake")])
    mine = sheet(told).decisions
    saved(told, decisions={mine[1].id: Resolved("")})
    assert [d.text for d in sheet(told).decisions] == ["stays"]
    held(told)
    opened(told, TOMORROW)
    with pytest.raises(BadInput):
        saved(told, 2, decisions={mine[0].id: Resolved("")})


def test_a_meeting_ahead_cannot_have_been_held(told: Desk) -> None:
    opened(told, TOMORROW)
    with pytest.raises(Refused):
        held(told)
    assert row(told).contents is None


# Its pages


def fields(visitor: Visitor, desk: Desk, **more: str) -> Mapping[str, str]:
    now = row(desk)
    said = {"day": now.day.isoformat(), "since": now.since.isoformat(), "act": "save"}
    return {**said, "version": str(now.version), "participants": now.participants, **more}


@pytest.mark.backends("sqlite")
def test_a_sheet_is_filled_in_and_held_in_pages(told: Desk) -> None:
    """H6: from the list to the held sheet, without any JavaScript."""
    ito = told.visit("ito")
    assert ito.post("/partners/netone/meetings", day="2026-11-26").location == SHEET
    page = ito.get(SHEET).text
    assert "zqone" in page
    assert "Internal notes" in page
    name = f"handoff-{told.incident(1).id}-1"
    typed = {f"{name}-action": "Send the log", f"{name}-day": "2026-11-27", f"{name}-who": "them"}
    more = {"new-1-text": "Weekly call", "new-1-done": "1", "act": "hold"}
    answer = ito.post(SHEET, **fields(ito, told, **typed, **more))
    assert answer.location == f"{SHEET}/hold"
    version = str(row(told).version)
    assert ito.post(answer.location, version=version).location == SHEET
    page = ito.get(SHEET).text
    assert "Send the log" in page
    assert "<textarea" not in page
    assert 'name="version"' not in page


@pytest.mark.backends("sqlite")
def test_a_refused_form_keeps_what_was_typed(told: Desk) -> None:
    """Nothing is lost: typed beside what somebody else kept meanwhile."""
    opened(told)
    ito, name = told.visit("ito"), f"handoff-{told.incident(1).id}-1"
    stale = fields(ito, told, **{f"{name}-action": "zqmine", "new-2-text": "zqnew"})
    saved(told, items={of(told, 1): Said("zqtheirs")})
    answer = ito.post(SHEET, **stale)
    assert answer.status_code == 409
    assert all(word in answer.text for word in ("zqmine", "zqnew", "zqtheirs"))
    again = ito.post(SHEET, **{**stale, "version": "2"})
    assert again.status_code == 303
    assert sheet(told).items[0].next_action == "zqmine"
    bad = ito.post(
        SHEET,
        **fields(
            ito, told, **{f"{name}-action": "", f"{name}-day": "soon", "new-1-text": "zqkept"}
        ),
    )
    assert bad.status_code == 422
    assert "zqkept" in bad.text
    long = ito.post(SHEET, **fields(ito, told, **{f"{name}-action": "y" * 501}))
    assert (long.status_code, "y" * 501 in long.text) == (422, True)


@pytest.mark.backends("sqlite")
def test_a_long_sheet_is_filled_in_page_by_page(
    told: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form of a part changes that part alone."""
    monkeypatch.setattr(views, "AT_ONCE", 2)
    opened(told)
    ito, name = told.visit("ito"), f"request-{told.incident(3).id}-1"
    first, second = (ito.get(f"{SHEET}?part={n}").text for n in (0, 1))
    assert (first.count("-action"), second.count("-action")) == (2, 1)
    saved(told, items={of(told, 1): Said("stays")})
    answer = ito.post(SHEET, **fields(ito, told, part="1", **{f"{name}-action": "more"}))
    assert answer.location == f"{SHEET}?part=1"
    assert [item.next_action for item in sheet(told).items] == ["stays", "", "more"]


# The company's people


def read_pdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages)


def test_a_company_reads_its_held_meetings_and_nothing_else(told: Desk) -> None:
    """H8: number and title of what was handed to it; no note, no other party, no draft."""
    opened(told)
    kim, park = told.visit("kim"), told.visit("park")
    mine = "/inbox/meetings/netone/1"
    assert kim.get(mine).status_code == 404
    saved(told, items={of(told, 1): Said("zqaction")}, new=[Resolved("zqdecided")])
    held(told)
    assert mine in kim.get("/inbox/meetings").text
    page = kim.get(mine).text
    assert all(word in page for word in ("zqone", "zqwork", "zqaction", "zqdecided", label(1)))
    for word in ("zqnote", "zqasked", "zqprint", "PrintCo", "Endo"):
        assert word not in page
    assert mine not in park.get("/inbox/meetings").text
    for path in (
        mine,
        f"{mine}/sheet.pdf",
        SHEET,
        f"{SHEET}/sheet.pdf",
        "/partners/netone/meetings",
    ):
        assert park.get(path).status_code == 404, path
    assert kim.get(SHEET).status_code == 404


@pytest.mark.slow
@pytest.mark.backends("sqlite")
def test_the_paper_says_what_the_page_says_in_both_languages(told: Desk) -> None:
    """H8, F5: A4, repeated heads, approval boxes of both sides; nothing of another company."""
    secret = told.log(title="zqsecret", when="08:55", confidential=True)
    how = {"note": "zqasked", "share_requester": True}
    told.do(handing.hand_off, secret, "netone", by="ito", when="09:05", **how)
    for _more in range(16):
        n = told.log(when="09:00")
        told.do(handing.hand_off, n, "netone", by="ito", when="09:05", note="Please look")
    opened(told)
    saved(told, items={of(told, 1): Said("次の対応")}, new=[Resolved("zqdecided")])
    held(told)
    assert "zqsecret" not in json.dumps(row(told).contents)
    for language, heading in (("en", "Approved"), ("ja", "承認")):
        data = told.visit("kim").get(f"/inbox/meetings/netone/1/sheet.pdf?language={language}").data
        text = read_pdf(data)
        assert all(w in text for w in ("zqone", "zqdecided", "次の対応", heading, "NetOne"))
        assert text.count(heading) >= 2
        for word in ("zqnote", "zqasked", "zqprint", "PrintCo", "zqsecret", "Endo"):
            assert word not in text
        page = pypdf.PdfReader(BytesIO(data)).pages[0].mediabox
        assert (round(page.width), round(page.height)) == (595, 842)
        assert len(pypdf.PdfReader(BytesIO(data)).pages) > 1
    other = told.visit("kim").get("/inbox/meetings/netone/1/sheet.pdf?language=fr")
    assert other.status_code == 400


@pytest.mark.backends("sqlite")
def test_a_requester_is_named_only_where_that_was_shared(
    told: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H8: requester's name only if shared, on page and paper."""
    pages: list[str] = []

    def run(job: Mapping[str, object]) -> bytes:
        pages.append(str(job["html"]))
        return b"%PDF"

    monkeypatch.setattr(pdf, "run", run)
    opened(told)
    ito = told.visit("ito")
    assert "Endo Emi" not in ito.get(SHEET).text
    n = told.log(title="zqshared", when="08:55")
    how = {"note": "Please look", "share_requester": True}
    told.do(handing.hand_off, n, "netone", by="ito", when="09:05", **how)
    assert ito.get(SHEET).text.count("Endo Emi") == 1
    ito.get(f"{SHEET}/sheet.pdf")
    assert pages[0].count("Endo Emi") == 1


@pytest.mark.backends("sqlite")
def test_texts_are_written_as_texts(told: Desk) -> None:
    """What people typed never becomes markup, on page or paper."""
    opened(told)
    nasty = "<script>x</script>&\x00"
    saved(told, items={of(told, 1): Said(nasty)}, new=[Resolved(nasty, nasty)])
    assert "<script>x" not in told.visit("ito").get(SHEET).text


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_does_not_depend_on_how_many_there_are(told: Desk) -> None:
    opened(told)
    before = queries_of(told)
    for _more in range(5):
        n = told.log(when="09:00")
        told.do(handing.hand_off, n, "netone", by="ito", when="09:05", note="Please look")
    saved(told, new=[Resolved(str(n)) for n in range(5)])
    assert queries_of(told) == before


def queries_of(desk: Desk) -> int:
    visitor, found = desk.visit("ito"), list[str]()
    visitor.get(SHEET)
    shelf.clear()
    with desk.session() as session:
        engine = session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", lambda *it: found.append(it[2]))
        visitor.get(SHEET)
        return len(found)


def test_decisions_are_rows_of_their_meeting(told: Desk, clock: Clock) -> None:
    opened(told)
    saved(told, new=[Resolved("d", done=True)])
    with told.session() as session:
        (found,) = session.scalars(sa.select(Decision))
        assert found.meeting_id == found.done_in_id
