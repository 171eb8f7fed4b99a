"""F6: whether a sealed revision is approved: who is asked, who may, what they say."""

from __future__ import annotations

import hashlib
import re
from datetime import date

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.incidents import commands as incidents
from servicedesk.people.models import Group, Person
from servicedesk.reports import approvals, remarks
from servicedesk.reports.approvals import Answer
from servicedesk.reports.models import Approval, Report
from servicedesk.reports.remarks import Remarks
from tests.cast import Desk, Visitor, at
from tests.mail.mailbox import Mailroom, Received, set_desk
from tests.support.clock import Clock

YES, NO = Answer(approved=True), Answer(approved=False, reason="The cause is missing.")
SEALED = "2026-12-06 14:05"


@pytest.fixture
def room(desk: Desk) -> Mailroom:
    return Mailroom(desk)


# Whom to ask; without any file


def seal(desk: Desk, revision: int = 1, by: str | None = "ueda") -> int:
    """Seal without making a file; gives the approval that is asked for, or 0."""
    sealed = Report(
        period="2026-11", scope="all", zone="Asia/Tokyo", language="en", revision=revision,
        definitions="x", digest="x", cutoff_event=1, cutoff_at=at(SEALED), sealed_at=at(SEALED),
        sealed_by_id=desk.id(by) if by else None, figures={}, sha256="x", stored="x.pdf",
    )  # fmt: skip
    setup = desk.setup()
    with desk.app.app_context(), transaction() as session:
        found = approvals.approver_of(session, setup, "2026-11", "all", sealed.sealed_by_id)
        session.add(sealed)
        session.flush()
        approvals.ask(session, sealed, found.id if found else None, at(SEALED))
        it = approvals.of(session, sealed)
        return it.id if it else 0


def decide(desk: Desk, id: int, answer: Answer, by: str) -> None:
    desk.call(approvals.decide, id, answer, by=by, when=SEALED)


def waits(desk: Desk, key: str) -> int:
    """Count what waits for somebody."""
    with desk.session() as session:
        return approvals.count(session, session.get_one(Person, desk.id(key)), at(SEALED))


@pytest.mark.backends("sqlite")
def test_nobody_approves_what_they_seal_but_their_deputy_does(desk: Desk, room: Mailroom) -> None:
    """Without a deputy nobody is asked; nor does anybody decide for another what they seal."""
    set_desk(desk, reports={"approver": "ueda"})
    assert not seal(desk)
    room.change("ueda", deputy_id=desk.id("sato"))
    id = seal(desk, 2)
    assert room.told() == [("report_to_approve", "sato")]
    room.change("sato", deputy_id=desk.id("ueda"), absent_from=date(2026, 12, 1))
    assert (waits(desk, "sato"), waits(desk, "ueda")) == (1, 0)
    with pytest.raises(NotFound):
        decide(desk, id, YES, "ueda")


@pytest.mark.backends("sqlite")
def test_who_is_away_is_stood_in_for_by_their_deputy(desk: Desk, room: Mailroom) -> None:
    """Whoever is quicker decides; who sealed it is told once."""
    set_desk(desk, reports={"approver": "abe"})
    room.change("abe", deputy_id=desk.id("taro"), absent_from=date(2026, 12, 1))
    id = seal(desk)
    assert [waits(desk, key) for key in ("taro", "abe", "sato")] == [1, 1, 0]
    decide(desk, id, YES, "taro")
    with pytest.raises(Refused, match="decided already"):
        decide(desk, id, NO, "abe")
    assert room.told() == [("report_to_approve", "taro"), ("report_decided", "ueda")]
    assert waits(desk, "abe") == 0


@pytest.mark.backends("sqlite")
def test_in_the_place_of_who_has_left_comes_the_deputy_or_who_is_set_up(
    desk: Desk, room: Mailroom
) -> None:
    """What is drafted names one for this report alone."""
    set_desk(desk, reports={"approver": "abe"})
    desk.call(
        remarks.save, "2026-11", "all", Remarks(), by="ueda", when=SEALED,
        version=0, approver=desk.id("sato"),
    )  # fmt: skip
    seal(desk)
    room.change("sato", active=False, deputy_id=desk.id("ueda"))  # who seals it
    seal(desk, 2)
    room.change("sato", deputy_id=desk.id("taro"))
    seal(desk, 3)
    assert [who for _kind, who in room.told()] == ["sato", "abe", "taro"]


@pytest.mark.backends("sqlite")
def test_a_further_revision_ends_the_asking_for_the_one_before(desk: Desk) -> None:
    set_desk(desk, reports={"approver": "abe"})
    first = seal(desk)
    set_desk(desk, reports={})
    assert not seal(desk, 2)
    assert waits(desk, "abe") == 0
    with pytest.raises(NotFound):
        decide(desk, first, YES, "abe")


def test_somebody_else_can_be_asked_and_the_first_is_no_longer(desk: Desk, room: Mailroom) -> None:
    """Nor by the link that they have."""
    set_desk(desk, reports={"approver": "abe"})
    id = seal(desk)

    def ask_again(key: str) -> None:
        desk.call(approvals.ask_again, id, desk.id(key), by="ueda", when=SEALED)

    for nobody in ("ueda", "kim"):  # who sealed it; a partner company's
        with pytest.raises(BadInput, match="cannot approve"):
            ask_again(nobody)
    ask_again("sato")
    assert [waits(desk, key) for key in ("sato", "abe")] == [1, 0]
    with pytest.raises(NotFound):
        decide(desk, id, YES, "abe")
    decide(desk, id, NO, "sato")
    with pytest.raises(Refused):
        ask_again("abe")


@pytest.mark.backends("sqlite")
def test_a_refusal_of_what_the_desk_sealed_by_itself_is_told_to_managers(
    desk: Desk, room: Mailroom
) -> None:
    set_desk(desk, reports={"approver": "abe"})
    decide(desk, seal(desk, by=None), NO, "abe")
    assert room.told()[-1] == ("report_decided", "ueda")


# On the pages


@pytest.fixture
def ueda(desk: Desk, clock: Clock, rendered: list[str]) -> Visitor:
    """The manager, on 6 December; Sato is to approve November's report."""
    number = desk.log(when="Thu 09:00", title="No network on floor 3")
    desk.do(incidents.resolve, number, by="ito", when="Thu 12:00", code="solved", text="Done.")
    clock.advance(days=10)
    visitor = desk.visit("ueda")
    said = {"comment": "Well.", "approver": str(desk.id("sato")), "version": "0"}
    assert visitor.post("/reports/2026-11/remarks", **said).status_code == 303
    return visitor


def seal_it(desk: Desk, ueda: Visitor, **said: str) -> int:
    """Have Ueda seal it; gives the approval's id."""
    assert ueda.post("/reports/2026-11/seal", **said).status_code == 302
    with desk.session() as session:
        return session.scalars(sa.select(Approval.id).order_by(Approval.id.desc())).first() or 0


def english(pages: list[str]) -> str:
    return next(page for page in pages[-2:] if 'lang="en"' in page[:60])


@pytest.mark.backends("sqlite")
def test_who_is_asked_approves_and_the_boxes_carry_name_and_day(
    desk: Desk, ueda: Visitor, rendered: list[str]
) -> None:
    """F6: the sealed file stays as it is, byte by byte; a copy beside it carries the approval."""
    id = seal_it(desk, ueda)
    assert "Not yet approved" in english(rendered)
    before = ueda.get("/reports/2026-11/report.pdf").data
    assert ueda.get("/reports/2026-11/report.pdf").data == before
    page = f"/reports/approvals/{id}"
    sato = desk.visit("sato")
    assert f'href="{page}"' in sato.get("/approvals").text
    assert "Approvals (1)" in sato.get("/approvals").text
    assert "Do you approve this report?" in sato.get(page).text
    assert sato.get(f"{page}/report.pdf").data == before
    assert sato.post(page, answer="approve").status_code == 303
    assert "Nothing waits for your approval" in sato.get("/approvals").text
    assert "Not yet approved" not in english(rendered)
    assert re.search(r"<td>Sato[^<]*</td><td></td><td>Ueda", english(rendered))
    assert "6 Dec 2026" in english(rendered).partition('class="dated"')[2][:60]
    copy = ueda.get("/reports/2026-11/report.pdf").data
    assert copy != before
    assert ueda.get("/reports/2026-11/report.pdf?as=sealed").data == before
    with desk.app.app_context(), transaction() as session:  # as if it had been cut off there
        session.execute(sa.update(Report).values(approved_stored=None, approved_sha256=None))
    assert ueda.get("/reports/2026-11/report.pdf").data == copy
    files = ueda.get("/reports/2026-11/files").text
    for file in (before, copy):
        assert hashlib.sha256(file).hexdigest() in files


@pytest.mark.backends("sqlite")
def test_a_refusal_needs_a_reason_and_lets_one_more_revision_follow(
    desk: Desk, ueda: Visitor, rendered: list[str]
) -> None:
    """F6: however often it is clicked; nothing else is known, so its page says why."""
    id = seal_it(desk, ueda)
    sato = desk.visit("sato")
    assert sato.post(f"/reports/approvals/{id}", answer="refuse").status_code == 422
    assert ueda.post("/reports/2026-11/seal").status_code == 302  # not yet decided: the same
    sato.post(f"/reports/approvals/{id}", answer="refuse", reason="The cause is missing.")
    assert "The cause is missing." in ueda.get("/reports/2026-11").text
    for _n in range(2):
        seal_it(desk, ueda, comment="Better.", why="The cause is told now.", version="1")
    for page in rendered[-2:]:
        assert "The cause is missing." in page
        assert "The cause is told now." in page
    with desk.session() as session:
        assert sorted((row.revision, row.language) for row in session.query(Report)) == [
            (1, "en"), (1, "ja"), (2, "en"), (2, "ja"),
        ]  # fmt: skip


@pytest.mark.backends("sqlite")
def test_nobody_else_sees_it_or_decides(desk: Desk, ueda: Visitor) -> None:
    """§9: not the manager who sealed it, an agent, an employee, a partner, another group's lead."""
    id = seal_it(desk, ueda)
    with desk.app.app_context(), transaction() as session:
        lead = sa.update(Group).where(Group.key == "network").values(lead_id=desk.id("mori"))
        session.execute(lead)
    for key in ("emi", "ito", "kim", "mori", "ueda"):
        visitor = desk.visit(key)
        assert visitor.get(f"/reports/approvals/{id}").status_code == 404
        assert visitor.get(f"/reports/approvals/{id}/report.pdf").status_code == 404
        assert visitor.post(f"/reports/approvals/{id}", answer="approve").status_code == 404


@pytest.mark.backends("sqlite")
def test_what_left_the_set_up_since_can_be_decided_and_is_served(desk: Desk, ueda: Visitor) -> None:
    """F6: a group may be called otherwise, or be no longer there."""
    id = seal_it(desk, ueda)
    with desk.app.app_context(), transaction() as session:
        for model in (Approval, Report):
            session.execute(sa.update(model).values(scope="group:old-team"))
    sato = desk.visit("sato")
    assert "old-team" in sato.get("/approvals").text
    page = sato.get(f"/reports/approvals/{id}")
    assert (page.status_code, "old-team" in page.text) == (200, True)
    file = sato.get(f"/reports/approvals/{id}/report.pdf")
    assert "report-2026-11-group-old-team-en-r1.pdf" in file.headers["Content-Disposition"]
    assert ueda.get("/reports/2026-11/files?scope=group:old-team").status_code == 200
    assert ueda.get("/reports/2026-11/report.pdf?scope=group:old-team").status_code == 200
    assert ueda.get("/reports/2026-11/report.pdf?scope=group:other").status_code == 404


# By mail


def written(room: Mailroom, kind: str) -> Received:
    return room.write(room.queued(kind)[-1].id)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.backends("sqlite")
def test_the_link_in_the_mail_decides_once(
    desk: Desk, ueda: Visitor, room: Mailroom, language: str
) -> None:
    """E6: opening it does nothing; the mail says what the report says first."""
    for key in ("sato", "ueda"):
        room.change(key, language=language, mail=f"{key}@kita.example")
    seal_it(desk, ueda)
    mail = written(room, "report_to_approve")
    month = {"en": "November 2026", "ja": "2026年11月"}[language]
    for said in ("Ueda Rin", month, "Well."):
        assert said in mail.text
        assert said in mail.shown
    path = mail.link.removeprefix("http://127.0.0.1:8000")
    stranger = desk.visit()
    assert f'lang="{language}"' in stranger.get(path).text
    assert "Well." in stranger.get(path).text
    assert stranger.get(f"{path}/report.pdf").status_code == 200
    assert stranger.post(path, answer="refuse", reason="zqwhy").status_code == 303
    assert "zqwhy" in stranger.get(path).text
    assert stranger.post(path, answer="approve").status_code in (404, 409)
    assert stranger.get("/approve-report/forged").status_code == 404
    answer = written(room, "report_decided")
    for said in ("Sato Yui", month, "zqwhy"):
        assert said in answer.text
        assert said in answer.shown
    assert answer.link.endswith("/reports/2026-11")
    assert "None" not in mail.text + answer.text
