"""Policies on their pages: reading, changing, publishing, taking out of use."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.rulebook import queries
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.models import PolicyVersion
from servicedesk.setup.policies import PAGES, Step
from tests.administration.filling import fields, words
from tests.cast import Desk, Visitor, at
from tests.escalation.ruled import give_policy, sweep, told
from tests.support.clock import Clock

EDIT = "/rules/usual/edit"
NEAR = (
    "{key: near, when: {clock: resolution, at: 75}, for: {priority: [P1, P2]}, "
    "tell: [manager, assignee]}"
)
LYING = (
    "{key: lying, when: {untouched: 240}, for: {group: netone}, tell: holder-lead, hand_off: next}"
)
FULL = (
    "{key: full, when: {unassigned: 30}, for: {service: internet, priority: P1, type: incident, "
    "group: desk, partner: netone}, tell: [members, on-call], chain: [assignee, manager], "
    "outside: [on-call], repeat: {every: 45, most: 5}, hand_off: network, "
    "do: {priority: up, major: propose}}"
)


def press(by: Visitor, path: str, act: str, page: TestResponse, **changed: Any) -> TestResponse:
    """Fill in the form of a page, as a browser without JavaScript does, and press a button."""
    said = {**_filled(page), **changed, "act": act}
    said.pop("csrf_token", None)
    return by.post(path, **{name: it for name, it in said.items() if it is not None})


def _filled(page: TestResponse) -> dict[str, Any]:
    """Read the page's last form, with its radios and selects."""
    said = fields(page)
    radio = re.search(r'<input type="radio"[^>]*value="([a-z]+)"[^>]*checked', page.text)
    return said | ({"when": radio[1]} if radio else {"when": None})


def steps(desk: Desk, key: str = "usual") -> list[dict[str, Any]]:
    with desk.session() as session:
        known = queries.one(session, key)
        assert known
        return [dict(step) for step in known.last.steps]


def versions(desk: Desk) -> int:
    with desk.session() as session:
        return session.scalar(sa.select(sa.func.count(PolicyVersion.id))) or 0


def add(by: Visitor, path: str, page: TestResponse, **said: Any) -> TestResponse:
    """Add a step to a draft."""
    place = len(json.loads(str(fields(page)["steps"])))
    form = press(by, path, "add", page)
    return press(by, path, f"keep:{place}", form, **said)


# Reading


@pytest.mark.backends("sqlite")
def test_the_list_says_what_each_policy_does_and_who_goes_by_it(desk: Desk, clock: Clock) -> None:
    """E1: in words, with version, since when and by whom."""
    give_policy(desk, NEAR)
    for who in ("ito", "sato", "ueda", "root"):
        said = words(desk.visit(who).get("/rules"))
        assert "usual Version 1, since 1 Apr, 10:00" in said
        assert (
            "When 75 % of the target “Resolution” is used, for P1 or P2: tell the manager and the "
            "assignee." in said
        )
        assert "Services that go by it Internet access" in said
        assert "2 services have no rules. Payroll, Printing" in said
        assert ("New policy" in said) == (who in ("ueda", "root"))
    for who in ("emi", "kim"):
        assert desk.visit(who).get("/rules").status_code == 404


@pytest.mark.backends("sqlite")
def test_rules_are_kept_by_managers_and_the_administrator(desk: Desk, clock: Clock) -> None:
    """§9: an agent reads them, and changes nothing."""
    give_policy(desk, NEAR)
    ito = desk.visit("ito")
    assert ito.get("/rules/usual").status_code == 200
    assert "Edit" not in words(ito.get("/rules/usual"))
    for path in (EDIT, "/rules/new", "/rules/usual/retire"):
        assert ito.get(path).status_code == ito.post(path, act="publish").status_code == 404
    assert '"/rules"' in desk.visit("ueda").get("/board").text
    assert '"/rules"' not in ito.get("/board").text


@pytest.mark.backends("sqlite")
def test_versions_say_what_changed_and_who_published(desk: Desk, clock: Clock) -> None:
    """E1: versioned; the first one came as a file."""
    give_policy(desk, NEAR, LYING)
    ueda = desk.visit("ueda")
    page = press(ueda, EDIT, "remove:1", ueda.get(EDIT))
    page = press(ueda, EDIT, "preview", page)
    assert press(ueda, EDIT, "publish", page).status_code == 303
    said = words(ueda.get("/rules/usual"))
    assert "Version 2, since Today 14:05 , by Ueda Rin Gone lying When nobody has touched" in said
    assert "Version 1, since 1 Apr, 10:00 The first one that is known." in said


# Changing


def test_a_manager_adds_a_rule_and_it_fires(desk: Desk, clock: Clock) -> None:
    """E1: when, for what, whom, again and again: from a form, previewed, published, at work."""
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = add(
        ueda, EDIT, ueda.get(EDIT), when="untouched", untouched="30",
        tell=["holder-lead"], repeats="y", every="1h", most="3", **{"chain-0": "owner"},
    )  # fmt: skip
    assert page.status_code == 200, words(page)
    said = words(press(ueda, EDIT, "preview", page))
    assert "New untouched When nobody has touched it for 30 min of work: tell the lead" in said
    assert "Internet access 0" in said
    assert versions(desk) == 1
    page = press(ueda, EDIT, "preview", page)
    assert press(ueda, EDIT, "publish", page).status_code == 303
    assert steps(desk)[1] == {
        "key": "untouched", "when": {"untouched": 30}, "tell": ["holder-lead"],
        "chain": ["owner"], "repeat": {"every": 60, "most": 3},
    }  # fmt: skip
    n = desk.log(when="14:10")
    sweep(desk, "14:40")
    assert told(desk, n) == ["sato", "abe"]


@pytest.mark.backends("sqlite")
def test_what_is_filled_in_needs_no_tick_besides(desk: Desk, clock: Clock) -> None:
    """E1: a new rule with one time written is due by that, and has a name of its own."""
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = add(ueda, EDIT, ueda.get(EDIT), unassigned="45", tell=["manager"])
    page = add(ueda, EDIT, page, unassigned="1h", tell=["owner"])
    said = json.loads(str(fields(page)["steps"]))[1:]
    assert [step["key"] for step in said] == ["unassigned", "unassigned-2"]
    assert [step["when"] for step in said] == [{"unassigned": 45}, {"unassigned": 60}]


@pytest.mark.parametrize("step", [NEAR, LYING, FULL])
@pytest.mark.backends("sqlite")
def test_a_form_that_is_kept_unchanged_changes_nothing(desk: Desk, clock: Clock, step: str) -> None:
    """E1: all that DESK.yaml can say comes back from the form as it was."""
    give_policy(desk, step)
    before = steps(desk)
    ueda = desk.visit("ueda")
    form = press(ueda, EDIT, "step:0", ueda.get(EDIT))
    page = press(ueda, EDIT, "keep:0", form)
    after = [Step.model_validate(it).plain() for it in json.loads(str(fields(page)["steps"]))]
    if step is LYING:  # a partner that stood among the groups
        assert after[0]["for"] == {"partner": ["netone"]}
        return
    assert after == before
    assert "Nothing: it says this already." in words(press(ueda, EDIT, "preview", page))


def test_pages_and_the_file_are_alike(desk: Desk, clock: Clock) -> None:
    """E1: what was edited on the pages, dumped and loaded, leaves nothing to change."""
    give_policy(desk, NEAR, FULL)
    ueda = desk.visit("ueda")
    page = press(ueda, EDIT, "up:1", ueda.get(EDIT))
    form = press(ueda, EDIT, "step:1", page)
    page = press(
        ueda, EDIT, "keep:1", form, percent="80", outside=["on-call"], up="y", major="y",
        hand_off="next", types=["request"], parties=["desk", "netone"], for_services=["internet"],
    )  # fmt: skip
    page = press(ueda, EDIT, "preview", page, services=["internet", "printing"])
    assert press(ueda, EDIT, "publish", page).status_code == 303
    assert [step["key"] for step in steps(desk)] == ["full", "near"]
    assert versions(desk) == 2
    with desk.session():
        text = dump()
        assert load_text(text, "desk.yaml", now=at("15:00")) == ["nothing to change"]
        assert "policy: usual" in next(
            it for it in text.splitlines() if it.startswith("  printing")
        )
    assert versions(desk) == 2


@pytest.mark.backends("sqlite")
def test_the_preview_says_what_changes_and_where(desk: Desk, clock: Clock) -> None:
    """E1: before and after in sentences, the services, and what is open of them."""
    give_policy(desk, NEAR)
    desk.log(when="09:00", service="printing")
    ueda = desk.visit("ueda")
    form = press(ueda, EDIT, "step:0", ueda.get(EDIT))
    page = press(ueda, EDIT, "keep:0", form, percent="50")
    said = words(press(ueda, EDIT, "preview", page, services=["printing"]))
    assert "Changed near When 50 % of the target" in said
    assert "Before: When 75 % of the target" in said
    assert "Internet access has no rules any more. Printing goes by it; so far it had no" in said
    assert "Printing 1" in said


@pytest.mark.backends("sqlite")
def test_a_draft_comes_back_from_the_preview(desk: Desk, clock: Clock) -> None:
    give_policy(desk, NEAR, LYING)
    ueda = desk.visit("ueda")
    page = press(ueda, EDIT, "preview", press(ueda, EDIT, "down:0", ueda.get(EDIT)), services=[])
    assert "The rules stand in another order." in words(page)
    page = press(ueda, EDIT, "change", page)
    assert [step["key"] for step in json.loads(str(fields(page)["steps"]))] == ["lying", "near"]
    assert "services" not in fields(page)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no time": ({"when": "untouched", "untouched": ""}, "Please write how long."),
    "bad time": ({"when": "untouched", "untouched": "soon"}, "“soon” is no working time"),
    "days": ({"when": "untouched", "untouched": "2d"}, "“2d” is no working time"),
    "no share": ({"when": "share", "percent": ""}, "Please write how many per cent."),
    "large share": ({"when": "share", "percent": "1001"}, "Please write a number from 1 to 1000."),
    "bad share": ({"when": "share", "percent": "x"}, "Please write a number from 1 to 1000."),
    "too long": ({"when": "wish", "wish": "99999h"}, "is too long: 1,000,000 minutes at most."),
    "no time at all": ({"when": "wish", "wish": "0"}, "“0” is no working time"),
    "two times": ({"when": "wish", "wish": "4h", "untouched": "30"}, "filled in, but not chosen"),
    "two whens": ({"when": "wish", "wish": "4h", "percent": "75"}, "filled in, but not chosen"),
    "unknown target": ({"when": "share", "percent": "75", "clock": "x"}, "Not a valid choice"),
    "unknown receiver": ({"when": "wish", "wish": "4h", "hand_off": "x"}, "Not a valid choice"),
    "unknown rung": ({"repeats": "y", "every": "5", "most": "2", "chain-0": "x",
                      "when": "wish", "wish": "4h"}, "Not a valid choice"),
    "unknown scope": ({"when": "wish", "wish": "4h", "parties": ["x"]}, "not a valid choice"),
    "once": ({"when": "wish", "wish": "4h", "every": "5", "most": "1"}, "a number from 2 to 50."),
    "nothing": ({"when": "no"}, "Please choose when."),
    "no repeats": ({"when": "wish", "wish": "4h", "chain-1": "owner"}, "A chain needs this"),
    "no every": ({"when": "wish", "wish": "4h", "repeats": "y", "most": "2"}, "how long."),
    "no most": ({"when": "wish", "wish": "4h", "every": "30"}, "how often at"),
    "same name": ({"when": "wish", "wish": "4h", "name": "near"}, "Another rule has this name."),
    "long name": ({"when": "wish", "wish": "4h", "name": "x" * 65}, "Please name it with"),
    "bad name": ({"when": "wish", "wish": "4h", "name": "Big rule"}, "Please name it with"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.backends("sqlite")
def test_what_does_not_load_is_said_at_its_field(desk: Desk, clock: Clock, case: str) -> None:
    """E1: the form refuses what DESK.yaml would refuse, and keeps what was typed."""
    said, sentence = WRONG[case]
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = add(ueda, EDIT, ueda.get(EDIT), tell=["manager"], **said)
    assert page.status_code == 422
    assert words(page).count(sentence) == 1
    assert fields(page)["tell"] == "manager"
    assert json.loads(str(fields(page)["steps"])) == steps(desk)


@pytest.mark.backends("sqlite")
def test_what_is_gone_meanwhile_is_said_at_its_rule(desk: Desk, clock: Clock) -> None:
    """E1: a group that a rule hands off to is taken out of the set-up before it is published."""
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = add(ueda, EDIT, ueda.get(EDIT), when="wish", wish="4h", hand_off="printco")
    without_printco(desk)
    page = press(ueda, EDIT, "preview", page)
    assert page.status_code == 422
    assert "wish there is no group or partner &#34;printco&#34;" in words(page)


def without_printco(desk: Desk) -> None:
    with desk.session():
        text = dump().replace("path: [desk, printco]", "path: [desk]")
        gone = [line for line in text.splitlines() if not line.startswith("  printco:")]
        text = "\n".join(line for line in gone if not line.startswith("  park:"))
        load_text(text, "desk.yaml", now=at("14:00"))


# Several at it


def test_who_publishes_second_sees_what_the_first_one_did(desk: Desk, clock: Clock) -> None:
    """§4: refused, with what changed meanwhile; what was changed here is kept."""
    give_policy(desk, NEAR, LYING)
    ueda, root = desk.visit("ueda"), desk.visit("root")
    mine = press(ueda, EDIT, "preview", press(ueda, EDIT, "remove:0", ueda.get(EDIT)))
    other = press(root, EDIT, "preview", press(root, EDIT, "remove:1", root.get(EDIT)))
    assert press(root, EDIT, "publish", other).status_code == 303
    page = press(ueda, EDIT, "publish", mine)
    assert page.status_code == 409
    assert "Somebody published another version meanwhile: Gone lying" in words(page)
    assert [step["key"] for step in steps(desk)] == ["near"]
    page = press(ueda, EDIT, "preview", page)
    assert press(ueda, EDIT, "publish", page).status_code == 303
    assert [step["key"] for step in steps(desk)] == ["lying"]


@pytest.mark.backends("sqlite")
def test_a_set_up_that_changed_elsewhere_is_looked_at_again(desk: Desk, clock: Clock) -> None:
    """§4: the revision that was previewed is the one that is published over."""
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = press(ueda, EDIT, "preview", press(ueda, EDIT, "remove:0", ueda.get(EDIT)))
    with desk.session():
        load_text(dump().replace("Kita Electric IT", "Kita IT"), "desk.yaml", now=at("14:00"))
    page = press(ueda, EDIT, "publish", page)
    assert page.status_code == 409
    assert "Somebody changed the set-up meanwhile." in words(page)
    assert press(ueda, EDIT, "publish", page).status_code == 303
    assert steps(desk) == []


# Back to an earlier version


def without_the_first(by: Visitor) -> None:
    page = press(by, EDIT, "preview", press(by, EDIT, "remove:0", by.get(EDIT)))
    assert press(by, EDIT, "publish", page).status_code == 303


def test_an_earlier_version_comes_back(desk: Desk, clock: Clock) -> None:
    """E1: it is looked at as any change, and published as a version of its own."""
    give_policy(desk, NEAR, LYING)
    ueda, first = desk.visit("ueda"), steps(desk)
    without_the_first(ueda)
    said = words(ueda.get("/rules/usual"))
    assert said.count("Go back to this") == 1
    assert "Go back to this" not in words(desk.visit("ito").get("/rules/usual"))
    page = ueda.post(EDIT, version="1")
    assert page.status_code == 200
    assert "New near When 75 % of the target" in words(page)
    assert steps(desk) == first[1:]
    assert press(ueda, EDIT, "publish", page).status_code == 303
    assert (steps(desk), versions(desk)) == (first, 3)
    assert "Nothing: it says this already." in words(ueda.post(EDIT, version="3"))


@pytest.mark.backends("sqlite")
def test_an_earlier_version_that_no_longer_loads_says_why(desk: Desk, clock: Clock) -> None:
    """E1: it named a partner company that is gone."""
    give_policy(desk, NEAR.replace("tell", "hand_off: printco, tell"))
    ueda = desk.visit("ueda")
    without_the_first(ueda)
    without_printco(desk)
    page = ueda.post(EDIT, version="1")
    assert page.status_code == 422
    assert "near there is no group or partner &#34;printco&#34;" in words(page)
    assert versions(desk) == 2


# New, and out of use

BAD_NAMES = (
    ("usual", "There is a policy of this name already."),
    ("", "Please name it with small letters"),
    *((name, "A page is called so: please choose another name.") for name in PAGES),
)


def test_a_policy_is_made_given_to_a_service_and_taken_out_of_use(desk: Desk, clock: Clock) -> None:
    """E1: a service names its policy."""
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    page = ueda.get("/rules/new?like=usual")
    for name, sentence in BAD_NAMES:
        refused = press(ueda, "/rules/new", "preview", page, policy=name)
        assert (refused.status_code, words(refused).count(sentence)) == (422, 1)
    page = press(ueda, "/rules/new", "preview", page, policy="other", services=["internet"])
    assert "Internet access goes by it, no longer by usual." in words(page)
    assert press(ueda, "/rules/new", "publish", page).status_code == 303
    assert steps(desk, "other") == steps(desk)
    assert {it.key: it.policy for it in desk.setup().services.values()}["internet"] == "other"
    assert ueda.post("/rules/other/retire").status_code == 409
    assert ueda.post("/rules/usual/retire").status_code == 303
    assert "usual" not in desk.setup().policies
    said = words(ueda.get("/rules"))
    assert "No longer in use usual" in said
    assert ueda.get(EDIT).status_code == 404
    assert "No longer in use." in words(ueda.get("/rules/usual"))


@pytest.mark.backends("sqlite")
def test_what_no_page_wrote_is_refused(desk: Desk, clock: Clock) -> None:
    give_policy(desk, NEAR)
    ueda = desk.visit("ueda")
    for said in ('[{"key": "x", "when": {"untouched": -1}}]', "nonsense", "{}"):
        assert ueda.post(EDIT, steps=said, base="1", act="preview").status_code == 400
    for act in ("step:999", "up:999", "remove:77", "keep:x", "", "publish:1"):
        assert ueda.post(EDIT, steps="[]", base="1", act=act).status_code < 500
    assert ueda.get("/rules/nothing").status_code == 404
    assert ueda.get("/rules/nothing/edit").status_code == 404
