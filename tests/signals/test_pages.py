"""The administrator's pages of webhooks, and `flask desk hook`."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.outbox import Notification
from servicedesk.signals import calling
from servicedesk.signals.queries import SHOWN
from tests.cast import Desk, Visitor, marks
from tests.signals.hooked import Hooked
from tests.signals.receiver import Receiver
from tests.support.clock import Clock
from tests.support.statements import counted

pytestmark = pytest.mark.backends("sqlite")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")
OPS = "/admin/webhooks/ops"


@pytest.fixture
def root(desk: Desk) -> Visitor:
    return desk.visit("root")


def text_of(answer: Any) -> str:
    said: str = answer.get_data(as_text=True)
    return said


def test_without_a_webhook_the_page_says_how_to_name_one(root: Visitor) -> None:
    assert "Make the first one" in text_of(root.get("/admin/webhooks"))


def test_until_it_has_an_address_the_page_says_that_nothing_is_sent(
    hooked: Hooked, root: Visitor
) -> None:
    hooked.give("ops: {name: Operations chat, kinds: [incident.logged]}")
    assert "No address yet" in text_of(root.get("/admin/webhooks"))
    page = text_of(root.get(OPS))
    assert "It sends nothing until its address is set" in page
    assert "Logged" in page
    assert "Send a test" not in page


def test_with_the_address_a_secret_is_made_and_shown_this_once(
    hooked: Hooked, there: Receiver, root: Visitor
) -> None:
    hooked.give("ops: {kinds: [incident.logged]}")
    hooked.lead_here()
    answer = root.post(f"{OPS}/address", url=f" {there.url()} ")
    (secret,) = SECRET.findall(text_of(answer))
    assert answer.status_code == 200
    assert hooked.line().secret == secret
    again = root.post(f"{OPS}/address", url=there.url(path="/zqother"))
    assert (again.status_code, again.location) == (303, OPS)
    assert hooked.line().secret == secret, "the address alone was changed"
    assert hooked.line().url == there.url(path="/zqother")
    for path in ("/admin/webhooks", OPS, f"{OPS}/address", f"{OPS}/forget"):
        page = text_of(root.get(path))
        assert secret not in page
        assert not marks(page), "the path of an address is its key"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must not be empty"),
        ("http://hook.example/zq", "does not begin with https://"),
        ("https://127.0.0.1/zq", "leads inside"),
        ("https://169.254.169.254/latest", "leads inside"),
        ("https://[::1]/zq", "leads inside"),
        ("https://zq.invalid/", "There is no such host"),
        ("https://user:word@hook.example/", "not one that can be called"),
        ("https://hook.example/" + "z" * 2000, "too long"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused(
    hooked: Hooked, desk: Desk, root: Visitor, url: str, said: str
) -> None:
    hooked.give("ops: {}")
    answer = root.post(f"{OPS}/address", url=url)
    assert answer.status_code == 422
    assert said in text_of(answer)
    with desk.session() as session:
        assert session.scalar(sa.text("select count(*) from hook_receiver")) == 0


def test_a_new_secret_is_shown_this_once_and_the_former_one_signs_for_a_day(
    hooked: Hooked, there: Receiver, root: Visitor, clock: Clock
) -> None:
    old = hooked.ready(there)
    page = text_of(root.post(f"{OPS}/secret"))
    (new,) = SECRET.findall(page)
    assert new != old
    assert "signs too until" in page
    line = hooked.line()
    assert (line.secret, list(line.former)) == (new, [old])
    assert line.secrets(clock.now) == [new, old]
    assert old not in text_of(root.get(OPS))


def test_whoever_makes_another_secret_the_same_day_cuts_nobody_off(
    hooked: Hooked, there: Receiver, desk: Desk, root: Visitor, clock: Clock
) -> None:
    """A secret that was shown once may get lost: what receivers have goes on for its day."""
    first = hooked.ready(there)
    assert "signs too until" in text_of(root.get(f"{OPS}/secret"))
    assert hooked.line().secret == first, "looking at the page makes none"
    root.post(f"{OPS}/secret")
    second = hooked.line().secret
    clock.advance(hours=20)
    desk.visit("root").post(f"{OPS}/secret")  # a sign-in lasts for 12 hours
    third = hooked.line().secret
    assert hooked.line().secrets(clock.now) == [third, second, first]
    clock.advance(hours=4)
    assert hooked.line().secrets(clock.now) == [third, second]
    clock.advance(hours=20)
    assert hooked.line().secrets(clock.now) == [third]
    desk.visit("root").post(f"{OPS}/secret")
    assert list(hooked.line().former) == [third], "what signs no more is forgotten"


def test_a_test_is_called_and_its_outcome_shown(
    hooked: Hooked, there: Receiver, root: Visitor
) -> None:
    hooked.ready(there)
    assert root.post(f"{OPS}/test").status_code == 303
    assert hooked.deliver().sent == 1
    assert there.got[0].body.startswith(b'{"id":"msg_')
    page = text_of(root.get(OPS))
    assert "Test of a webhook" in page
    assert "Sent" in page
    assert "Fine" in text_of(root.get("/admin/webhooks"))


def test_what_failed_is_shown_with_the_reason_and_tried_again(
    hooked: Hooked, there: Receiver, root: Visitor, clock: Clock
) -> None:
    hooked.ready(there)
    hooked.fill(2)
    there.status, there.text = 500, b"<b>zqanswer</b>"
    hooked.deliver()
    page = text_of(root.get(OPS))
    assert "It answered 500." in page
    assert "zqanswer" not in page
    there.status = 200
    first, second = hooked.queued()
    root.post(f"{OPS}/again", message=first.id)
    assert hooked.deliver().sent == 1
    root.post(f"{OPS}/again")
    assert hooked.deliver().sent == 1
    assert [row.tries for row in hooked.queued()] == [1, 1]
    nothing = root.client.get(root.post(f"{OPS}/again").location or "")
    assert "nothing to try again" in text_of(nothing)
    assert second.error == "answer: 500"


def test_the_page_of_the_desks_state_shows_and_retries_it_too(
    hooked: Hooked, there: Receiver, root: Visitor
) -> None:
    """E5: the same guarantees, on the same page."""
    hooked.ready(there)
    hooked.fill(1)
    there.status = 500
    hooked.deliver()
    assert "answer: 500" in text_of(root.get("/admin/state"))
    there.status = 200
    root.post("/admin/messages/again")
    assert hooked.deliver().sent == 1


def test_what_is_switched_off_is_switched_on_again(
    hooked: Hooked, there: Receiver, desk: Desk, root: Visitor, clock: Clock
) -> None:
    hooked.ready(there)
    hooked.fill(1)
    there.status = 410
    hooked.deliver()
    page = text_of(root.get(OPS))
    assert "has switched it off" in page
    assert "Send a test" not in page
    assert "1 to look at" in text_of(root.get("/admin/"))
    assert root.post(f"{OPS}/test").status_code == 409
    assert "switch it on first" in text_of(
        root.client.get(root.post(f"{OPS}/again").location or "")
    )
    there.status = 200
    root.post(f"{OPS}/on")
    assert root.client.get(OPS).status_code == 200
    root.post(f"{OPS}/again")
    assert hooked.deliver().sent == 1
    assert hooked.line().failing_since is None


def test_it_can_be_switched_off_by_hand(
    hooked: Hooked, there: Receiver, desk: Desk, root: Visitor, clock: Clock
) -> None:
    """E5: what waits is given up and can be tried again; nobody is mailed about it."""
    hooked.ready(there)
    hooked.fill(2)
    assert "2 calls that wait are given up" in text_of(root.get(f"{OPS}/off"))
    root.post(f"{OPS}/off")
    assert hooked.deliver().sent == there.calls == 0
    assert "It is switched off since" in text_of(root.get(OPS))
    assert "to look at" not in text_of(root.get("/admin/")).partition("Webhooks")[2][:300]
    desk.log()
    assert len(hooked.queued()) == 2, "what happens meanwhile is not kept"
    root.post(f"{OPS}/on")
    root.post(f"{OPS}/again")
    assert hooked.deliver().sent == 2


def test_an_address_can_be_forgotten(hooked: Hooked, there: Receiver, root: Visitor) -> None:
    hooked.ready(there)
    hooked.fill(3)
    assert "3 calls that wait are given up" in text_of(root.get(f"{OPS}/forget"))
    root.post(f"{OPS}/forget")
    assert {row.error for row in hooked.queued()} == {"no address"}
    assert hooked.deliver().sent == there.calls == 0
    assert root.post(f"{OPS}/secret").status_code == 409


def test_only_the_last_calls_are_listed_with_as_few_queries(
    hooked: Hooked, there: Receiver, root: Visitor, desk: Desk
) -> None:
    hooked.ready(there)
    hooked.fill(1)
    root.get(OPS)
    with counted(desk) as few:
        root.get(OPS)
    hooked.fill(120)
    with counted(desk) as many:
        page = text_of(root.get(OPS))
    assert page.count('">INC-0000') == SHOWN
    assert len(many) == len(few)


def test_there_is_no_page_of_a_webhook_that_is_none(root: Visitor) -> None:
    for path in ("/admin/webhooks/none", "/admin/webhooks/none/address"):
        assert root.get(path).status_code == 404


# The command line


def run(desk: Desk, *args: str, **how: Any) -> tuple[int, str]:
    done = desk.app.test_cli_runner().invoke(args=["desk", "hook", *args], **how)
    return done.exit_code, done.output


def test_the_command_sets_the_address_and_shows_the_secret_once(
    hooked: Hooked, there: Receiver, desk: Desk
) -> None:
    hooked.give("ops: {}")
    hooked.lead_here()
    assert run(desk) == (0, "ops: no address yet\n")
    status, said = run(desk, "ops", "--url", "-", input=f"{there.url()}\n")
    assert status == 0
    assert SECRET.findall(said) == [hooked.line().secret]
    assert "zq" not in said
    status, said = run(desk, "ops", "--test")
    assert (status, said) == (0, "It was taken.\n")
    assert there.calls == 1
    there.status = 500
    assert run(desk, "ops", "--test") == (2, "It was not taken: answer: 500.\n")
    status, said = run(desk, "ops", "--rotate")
    assert SECRET.findall(said) == [hooked.line().secret]
    status, said = run(desk, "ops", "--forget")
    assert (status, said) == (0, "")
    assert run(desk) == (0, "ops: no address yet\n")


def test_the_command_switches_off_and_forgets_what_is_in_use_no_more(
    hooked: Hooked, there: Receiver, desk: Desk
) -> None:
    hooked.ready(there)
    assert run(desk, "ops", "--off")[1].startswith("ops: off, ")
    hooked.give()
    assert run(desk, "ops", "--forget") == (0, "")
    with desk.session() as session:
        assert session.scalar(sa.text("select count(*) from hook_receiver")) == 0


def test_the_command_says_what_it_refuses(hooked: Hooked, desk: Desk) -> None:
    hooked.give("ops: {}")
    assert run(desk, "ops", "--url", "https://10.0.0.1/zq") == (
        2,
        "The address leads inside; HOOK_NETWORKS names what may be called.\n",
    )
    assert run(desk, "none")[0] == 2
    assert run(desk, "ops", "--test") == (2, "The webhook has no address yet.\n")


def test_a_look_up_for_a_page_takes_five_seconds_at_most(
    hooked: Hooked, desk: Desk, root: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.give("ops: {}")
    asked: list[float] = []
    monkeypatch.setattr(calling, "LONGEST", 0)
    monkeypatch.setattr(
        "servicedesk.signals.commands.look", lambda _url, terms: asked.append(terms.longest)
    )
    root.post(f"{OPS}/address", url="https://hook.example/zq")
    assert asked == [5.0]


def test_nobody_else_sees_any_of_it(hooked: Hooked, desk: Desk) -> None:
    """§9: the set-up is the administrator's."""
    hooked.give("ops: {}")
    for who in ("emi", "ito", "sato", "ueda", "kim"):
        assert desk.visit(who).get(OPS).status_code == 404
    with desk.app.app_context(), transaction() as session:
        assert session.scalar(sa.select(sa.func.count(Notification.id))) == 0
