"""The pages about on-call: what stands there, what can be done, and for whom."""

from __future__ import annotations

import email
import email.policy

import pytest

from servicedesk.escalation.commands import hand_off
from servicedesk.mail.letter import NotToBeSent
from servicedesk.mail.letters import write
from servicedesk.oncall import commands
from servicedesk.oncall.models import DutyChange, DutySwap
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.setup.dump import dump
from tests.cast import Desk, at, page_of
from tests.oncall.turns import ask, give_rota, rows, take_over, who
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")

ABES, MORIS = "2026-11-23 09:00", "2026-11-30 09:00"


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    """It is Thursday 26 November, 14:05."""


def test_everybody_of_the_desk_sees_who_is_on_call(desk: Desk) -> None:
    give_rota(desk)
    page = desk.visit("ito").get("/oncall").text
    assert "Abe Mio" in page
    assert "Mon 30, 09:00" in page
    assert "lead, as there is no rota" in page  # of the desk


def test_ones_own_turns_stand_beside(desk: Desk) -> None:
    give_rota(desk)
    page = desk.visit("mori").get("/oncall").text
    assert "Mon 30, 09:00 – 7 Dec, 09:00" in page
    assert "No turn in the coming weeks" in desk.visit("ito").get("/oncall").text


def test_a_groups_page_shows_weeks_changes_and_what_its_lead_can_do(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00", when="14:00")
    lead, member = (desk.visit(key).get("/oncall/network").text for key in ("abe", "mori"))
    assert 'aria-current="date"' in lead
    assert "Taken over" in member
    assert ("/take-over" in lead, "/take-over" in member) == (True, False)
    assert ("/oncall/network/rota" in lead, "/oncall/network/rota" in member) == (True, False)


def test_a_group_without_a_rota_says_so(desk: Desk) -> None:
    page = desk.visit("sato").get("/oncall/desk").text
    assert "This group has no rota" in page
    assert "Make a rota" in page
    assert "Make a rota" not in desk.visit("ito").get("/oncall/desk").text


@pytest.mark.parametrize(
    "asked", ["2027-01-04", "9999-12-31", "nonsense", "2026-13-01", "0001-01-01"]
)
def test_one_can_leaf_through_the_weeks(desk: Desk, asked: str) -> None:
    give_rota(desk)
    page = desk.visit("ito").get(f"/oncall/network?from={asked}")
    assert page.status_code == 200
    assert ('datetime="2027-02-01"' in page.text) == (asked == "2027-01-04")


def test_a_lead_has_somebody_take_over_on_the_page(desk: Desk) -> None:
    give_rota(desk)
    abe, mori = desk.visit("abe"), str(desk.id("mori"))
    form = "/oncall/network/take-over"
    assert 'value="2026-11-30T09:00"' in abe.get(f"{form}?start=2026-11-30T00:00:00Z").text
    said = {
        "person": mori,
        "start": "2026-11-26T18:00",
        "end": "2026-11-27T09:00",
        "reason": "Fair",
    }
    assert abe.post(form, **{**said, "end": "2026-11-26T17:00"}).status_code == 422
    assert abe.post(form, **{**said, "reason": " "}).status_code == 422
    assert abe.post(form, **said).status_code == 303
    assert (who(desk, "18:00"), who(desk, "Fri 09:00")) == ("mori", "abe")
    assert abe.post("/oncall/change/1/withdraw").status_code == 303
    assert who(desk, "18:30") == "abe"


def test_two_swap_on_the_page(desk: Desk) -> None:
    give_rota(desk)
    abe, mori = desk.visit("abe"), desk.visit("mori")
    form = abe.get("/oncall/network/swap")
    other = f"{desk.id('mori')} 2026-11-30T00:00:00Z"
    assert other in form.text
    said = {"turn": "2026-12-07T00:00:00Z", "other": other, "note": "School festival"}
    assert (
        abe.post("/oncall/network/swap", **{**said, "turn": "2026-12-08T00:00:00Z"}).status_code
        == 422
    )
    assert abe.post("/oncall/network/swap", **said).status_code == 303
    assert "School festival" in mori.get("/oncall").text
    assert "Agree" in mori.get("/oncall/network").text
    assert "Agree" not in abe.get("/oncall/network").text
    assert mori.post("/oncall/swap/1/agree").status_code == 303
    assert who(desk, "2026-12-08 12:00") == "mori"
    assert len(rows(desk, DutyChange)) == 2


def test_whoever_has_no_turn_is_told_so_in_the_dialog(desk: Desk) -> None:
    give_rota(desk)
    assert "You have no turn here" in desk.visit("ito").get("/oncall/network/swap").text


# The rota


def form_of(weeks: list[str], **more: str) -> dict[str, str]:
    said = {"start": "2026-11-30", "at": "09:00", "covers": "always", "count": str(len(weeks))}
    return said | {f"whole-{n}": key for n, key in enumerate(weeks)} | more


def test_a_lead_previews_a_rota_and_publishes_it(desk: Desk) -> None:
    give_rota(desk)
    abe = desk.visit("abe")
    assert "Mori Sho" in abe.get("/oncall/network/rota").text
    said = form_of(["abe", "mori"], revision=str(desk.setup().revision))
    page = abe.post("/oncall/network/rota", **said, act="preview").text
    assert "21 days with somebody else than now" in page
    seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert abe.post("/oncall/network/rota", **said, act="publish").status_code == 200  # unseen
    answer = abe.post("/oncall/network/rota", **said, seen=seen, act="publish")
    assert answer.status_code == 303
    assert who(desk, "2026-12-01 12:00") == "abe"
    with desk.session():
        assert "rota: {from: '2026-11-30', weeks: [abe, mori]}" in dump()


def test_what_was_seen_is_what_is_published(desk: Desk) -> None:
    give_rota(desk)
    abe = desk.visit("abe")
    revision = str(desk.setup().revision)
    page = abe.post(
        "/oncall/network/rota", **form_of(["mori"]), revision=revision, act="preview"
    ).text
    seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    other = form_of(["abe"], revision=revision, seen=seen, act="publish")
    assert abe.post("/oncall/network/rota", **other).status_code == 200  # shown again
    assert who(desk, "2026-12-01 12:00") == "mori"
    stale = form_of(["mori"], revision="1", seen=seen, act="publish")
    again = abe.post("/oncall/network/rota", **stale)
    assert (
        again.status_code,
        f'name="revision" type="hidden" value="{revision}"' in again.text,
    ) == (
        409,
        True,
    )


def test_a_week_can_be_parted_by_day_and_weeks_added(desk: Desk) -> None:
    abe = desk.visit("abe")
    days = {f"day-0-{n}": "mori" for n in range(5)}
    said = form_of([""], **days)
    page = abe.post("/oncall/network/rota", **said, act="add").text
    assert 'name="day-1-4"' in page
    assert 'name="day-1-4"' not in abe.post("/oncall/network/rota", **said, act="preview").text
    assert (
        abe.post("/oncall/network/rota", **{**said, "at": "soon"}, act="preview").status_code == 422
    )
    assert abe.post("/oncall/network/rota", **{**said, "start": "2500-01-01"}).status_code == 422


def test_a_rota_is_taken_away_on_the_page(desk: Desk) -> None:
    give_rota(desk, weeks=["mori"])
    abe = desk.visit("abe")
    said = form_of(["mori"], revision=str(desk.setup().revision), ended="y")
    page = abe.post("/oncall/network/rota", **said, act="preview").text
    seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert abe.post("/oncall/network/rota", **said, seen=seen, act="publish").status_code == 303
    assert who(desk, "15:00") == "abe"


# Elsewhere


def test_who_is_on_call_stands_where_the_group_does(desk: Desk) -> None:
    """E6: whoever works on an incident sees whom to call."""
    give_rota(desk, weeks=["mori"])
    n = desk.log()
    desk.do(hand_off, n, "network", note="Please", by="ito", when="09:30")
    assert "On call: Mori Sho" in desk.visit("ito").get("/group/network").text
    page = desk.visit("ito").get(page_of(n)).text
    assert "Mori Sho" in page
    assert "Mori Sho" not in desk.visit("emi").get(page_of(n)).text


# Mails


def letters(desk: Desk) -> list[tuple[str, str]]:
    """Write all mails that wait: to whom, and what is in them."""
    found = []
    with desk.session() as session:
        for person in session.query(Person):
            person.mail = person.mail or f"{person.key}@kita.example"
        session.flush()
        for note in session.query(Notification).order_by(Notification.id):
            mail = email.message_from_bytes(
                write(session, note).content, policy=email.policy.default
            )
            body = mail.get_body(("plain",))
            assert body is not None
            found.append((str(mail["Subject"]), body.get_content()))
        session.rollback()
    return found


def test_mails_say_which_turns_change_and_lead_to_the_page(desk: Desk) -> None:
    """E6: what, why, and one button to act."""
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00", by="ueda")
    id = ask(desk, "2026-12-07 09:00", "mori", MORIS, note="School festival")
    [(one, first), (_two, second), (three, third)] = letters(desk)
    assert one == "On call: a change - Kita Electric IT"
    assert first == second
    for words in ("Mori Sho is on call for Network team", "Thu 26 Nov 2026, 18:00 JST", "Away"):
        assert words in first
    assert three == "On call: will you swap? - Kita Electric IT"
    assert "/oncall/network#swaps" in third
    assert "School festival" in third
    desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
    assert "Mori Sho has agreed" in letters_of(desk)[-1]


def letters_of(desk: Desk) -> list[str]:
    found = []
    with desk.session() as session:
        session.query(Person).update({"mail": "somebody@kita.example"})
        for note in session.query(Notification).order_by(Notification.id):
            try:
                found.append(write(session, note).content.decode())
            except NotToBeSent:  # a swap that was answered is asked for no more
                continue
        session.rollback()
    return found


def test_another_rota_is_told_with_ones_next_turn(desk: Desk) -> None:
    give_rota(desk)
    said = {"from": "2026-11-30", "weeks": ["mori"]}
    desk.call(commands.publish, "network", said, by="ueda", when="12:00",
              revision=desk.setup().revision)  # fmt: skip
    found = letters(desk)
    assert [subject for subject, _body in found] == ["On call: another rota - Kita Electric IT"] * 2
    assert "Mon 30 Nov 2026, 09:00 JST" in found[1][1]


def test_a_swap_that_was_answered_is_not_asked_by_mail_any_more(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, ABES, "mori", MORIS)
    desk.call(commands.answer_swap, id, False, by="mori", when="11:00")
    assert len(letters_of(desk)) == 1
    assert rows(desk, DutySwap)[0].ended_at == at("11:00")
