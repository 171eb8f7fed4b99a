"""What webhooks tell, made and changed on the administrator's pages: DESK.yaml says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from servicedesk import times
from servicedesk.setup import editing
from servicedesk.setup.dump import dump
from tests.cast import Desk, Visitor, marks
from tests.signals.hooked import Hooked
from tests.signals.receiver import Receiver
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
NEW, OPS = "/admin/new-webhook", "/admin/webhooks/ops"
FULL = """ops: {name: Operations chat, format: slack, kinds: [step.fired, incident.logged],
      for: {service: [internet], priority: [P1], type: [request], group: [desk], partner: [netone]},
      titles: true}"""
TICKED = re.compile(r' checked id="\S+" name="(\w+)" type="\w+" value="([^"]+)"')


@pytest.fixture
def root(desk: Desk, clock: Clock) -> Visitor:
    return desk.visit("root")


def text_of(answer: Any) -> str:
    said: str = answer.get_data(as_text=True)
    return said


def carried(page: str) -> dict[str, Any]:
    """Read what a preview carries along in its form."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if name != "csrf_token"}


def publish(root: Visitor, path: str, **typed: Any) -> Any:
    """Look at it first, then publish what the preview carries."""
    page = root.post(path, act="preview", **typed)
    assert page.status_code == 200, text_of(page)
    return root.post(path, act="publish", **carried(text_of(page)))


def written(desk: Desk) -> dict[str, Any]:
    with desk.session():
        found: dict[str, Any] = yaml.safe_load(dump()).get("hooks", {})
        return found


def test_a_webhook_is_made_on_a_page_and_stands_in_the_file(desk: Desk, root: Visitor) -> None:
    told = {"kinds": ["incident.logged", "step.fired"], "priorities": ["P1"], "titles": "y"}
    answer = publish(root, NEW, key="ops", name="Operations chat", format="slack", **told)
    assert (answer.status_code, answer.location) == (303, f"{OPS}/address")
    assert written(desk) == {
        "ops": {
            "name": "Operations chat",
            "format": "slack",
            "kinds": ["incident.logged", "step.fired"],
            "for": {"priority": ["P1"]},
            "titles": True,
        }
    }


def test_what_the_form_shows_is_what_the_file_says(
    hooked: Hooked, desk: Desk, root: Visitor
) -> None:
    hooked.give(FULL)
    before = written(desk)
    page = text_of(root.get(f"{OPS}/edit"))
    ticked = TICKED.findall(page)
    assert sorted(ticked) == [
        ("format", "slack"), ("kinds", "incident.logged"), ("kinds", "step.fired"),
        ("parties", "desk"), ("parties", "netone"), ("priorities", "P1"),
        ("services", "internet"), ("titles", "y"), ("types", "request"),
    ]  # fmt: skip
    typed: dict[str, Any] = {"name": "Operations chat"}
    for name, value in ticked:
        typed.setdefault(name, []).append(value)
    answer = root.post(f"{OPS}/edit", act="preview", **typed)
    assert "Nothing: it says this already." in text_of(answer)
    assert publish(root, f"{OPS}/edit", **typed).location == OPS
    assert written(desk) == before


def test_the_preview_says_what_changes_and_publishing_does_it(
    hooked: Hooked, desk: Desk, root: Visitor, there: Receiver
) -> None:
    hooked.give(FULL)
    hooked.call_at(there.url())
    typed = {"name": "Ops", "format": "desk", "kinds": ["incident.logged", "handoff.sent"]}
    page = text_of(root.post(f"{OPS}/edit", act="preview", **typed))
    for said in (
        "Name: from Operations chat to Ops.",
        "Format: from Message in Slack to JSON for programs.",
        "It tells besides: Handed off.",
        "It no longer tells: A rule has fired.",
        "Titles stay here from now on.",
        "P1 · Service requests · Internet access",
    ):
        assert said in page
    assert written(desk)["ops"]["format"] == "slack", "a preview changes nothing"
    publish(root, f"{OPS}/edit", **typed)
    assert written(desk) == {"ops": {"name": "Ops", "kinds": ["incident.logged", "handoff.sent"]}}
    assert hooked.line().url == there.url(), "the address stays"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "Ops!", "name": "x"}, "small letters, digits and hyphens"),
        ({"key": "", "name": "x"}, "small letters, digits and hyphens"),
        ({"key": "ops", "name": "x"}, "with this key already"),
        ({"key": "b", "name": " "}, "must not be empty"),
        ({"key": "b", "name": "a\nb"}, "on one line"),
        ({"key": "b", "name": "x", "kinds": "incident.read"}, "not a valid choice"),
        ({"key": "b", "name": "x", "format": "irc"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(
    hooked: Hooked, desk: Desk, root: Visitor, typed: dict[str, str], said: str
) -> None:
    hooked.give("ops: {}")
    answer = root.post(NEW, act="preview", **{"format": "desk", **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert list(written(desk)) == ["ops"]


def test_a_change_of_somebody_else_is_not_lost(hooked: Hooked, desk: Desk, root: Visitor) -> None:
    """Both between the form and the preview, and between that and publishing."""
    hooked.give(FULL)
    page = text_of(root.get(f"{OPS}/edit"))
    (revision,) = re.findall(r'name="revision" type="hidden" value="(\d+)"', page)
    typed = {"name": "Operations chat", "format": "slack", "kinds": ["step.fired"]}
    other(desk, "Renamed")
    first = root.post(f"{OPS}/edit", act="preview", revision=revision, **typed)
    assert first.status_code == 409
    assert "Somebody changed the set-up meanwhile." in text_of(first)
    assert "Name: from Renamed to Operations chat." in text_of(first)
    other(desk, "Again")
    second = root.post(f"{OPS}/edit", act="publish", **carried(text_of(first)))
    assert second.status_code == 409
    assert written(desk)["ops"]["name"] == "Again"
    root.post(f"{OPS}/edit", act="publish", **carried(text_of(second)))
    assert written(desk)["ops"]["name"] == "Operations chat"


def other(desk: Desk, name: str) -> None:
    with desk.session() as session:
        data = editing.document(session)
        data["hooks"]["ops"]["name"] = name
        editing.publish(data, times.now())


def test_back_from_the_preview_everything_is_as_it_was_typed(hooked: Hooked, root: Visitor) -> None:
    hooked.give(FULL)
    typed = {"name": "Ops", "format": "teams", "kinds": ["wish.set"]}
    page = text_of(root.post(f"{OPS}/edit", act="preview", **typed))
    page = text_of(root.post(f"{OPS}/edit", act="change", **carried(page)))
    ticked = TICKED.findall(page)
    assert sorted(ticked) == [("format", "teams"), ("kinds", "wish.set")]


def test_what_is_removed_is_forgotten_with_its_address(
    hooked: Hooked, desk: Desk, root: Visitor, there: Receiver
) -> None:
    hooked.ready(there)
    hooked.fill(2)
    assert "its address and secret are forgotten" in text_of(root.get(f"{OPS}/remove"))
    assert root.post(f"{OPS}/remove").location == "/admin/webhooks"
    assert written(desk) == {}
    assert root.get(OPS).status_code == 404
    assert hooked.deliver().sent == there.calls == 0
    with desk.session() as session:
        assert session.scalar(sa.text("select count(*) from hook_receiver")) == 0


def test_what_a_rule_calls_stays(hooked: Hooked, desk: Desk, root: Visitor) -> None:
    """E1: `signal` of a step names it."""
    hooked.give("ops: {}", steps=("{key: lying, when: {unassigned: 30}, signal: [ops]}",))
    assert "usual · lying" in text_of(root.get(f"{OPS}/remove"))
    assert root.post(f"{OPS}/remove").status_code == 409
    assert list(written(desk)) == ["ops"]


def test_an_address_that_a_file_left_behind_can_be_forgotten(
    hooked: Hooked, desk: Desk, root: Visitor, there: Receiver
) -> None:
    """What goes out of the file by mistake comes back as it was; the page says that it is kept."""
    hooked.ready(there)
    hooked.give()
    page = text_of(root.get("/admin/webhooks"))
    assert "No longer in use" in page
    assert not marks(page)
    assert root.post(f"{OPS}/forget").location == "/admin/webhooks"
    assert "No longer in use" not in text_of(root.get("/admin/webhooks"))


def test_nobody_but_the_administrator_changes_any(hooked: Hooked, desk: Desk) -> None:
    """§9: a partner never sees that there are webhooks."""
    hooked.give("ops: {}")
    for who in ("emi", "ito", "ueda", "kim"):
        visitor = desk.visit(who)
        for path in (NEW, f"{OPS}/edit", f"{OPS}/remove", f"{OPS}/off", f"{OPS}/secret"):
            assert visitor.get(path).status_code == 404
            assert visitor.post(path).status_code == 404
    assert list(written(desk)) == ["ops"]
