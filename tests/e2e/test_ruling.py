"""E1: a rule is found, read, changed, tried, published and taken back, scripts or not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Desk
from tests.e2e.hands import SignIn
from tests.escalation.ruled import give_policy
from tests.escalation.test_repeats import urgent
from tests.rulebook.test_editing import NEAR, steps

SAID = "% of the target “Resolution” is used, for P1 or P2: tell the manager and the assignee."
PUBLISH = "Publish: in force from now on"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def go_to_the_rules(page: Page) -> None:
    """Find them in the top bar, which folds what has no room."""
    link = page.get_by_role("banner").get_by_role("link", name="Rules", exact=True)
    page.wait_for_load_state()
    if not link.is_visible():
        page.get_by_role("banner").get_by_text("More", exact=True).click()
    link.click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_manager_changes_a_rule_without_help(desk: Desk, sign_in: SignIn, scripts: bool) -> None:
    give_policy(desk, NEAR)
    urgent(desk)
    before = steps(desk)
    page = sign_in("ueda", java_script_enabled=scripts)
    go_to_the_rules(page)
    expect(page.get_by_text(f"When 75 {SAID}")).to_be_visible()
    page.get_by_role("link", name="usual", exact=True).click()
    page.get_by_role("link", name="Edit").click()
    press(page, "Change: near")
    page.get_by_label("Per cent").fill("50")
    press(page, "Keep the change")
    press(page, "Preview")
    changes = page.locator(".rule-changes")
    expect(changes).to_contain_text(f"When 50 {SAID}")
    expect(changes).to_contain_text(f"Before: When 75 {SAID}")
    press(page, "Try it on the last 90 days")
    rules = page.get_by_role("table", name="Rule by rule")
    expect(rules.get_by_role("rowheader")).to_contain_text(f"Changed When 50 {SAID}")
    expect(page.get_by_role("table", name="Who would be told")).to_contain_text("Ueda Rin")
    press(page, "Back to the preview")
    press(page, PUBLISH)
    expect(page.get_by_role("status").or_(page.get_by_role("alert"))).to_contain_text("Published")
    expect(page.get_by_text("Version 2, since").first).to_be_visible()
    assert steps(desk)[0]["when"] == {"clock": "resolution", "at": 50}
    press(page, "Go back to version 1")
    expect(changes).to_contain_text(f"When 75 {SAID}")
    press(page, PUBLISH)
    expect(page.get_by_text("Version 3, since").first).to_be_visible()
    assert steps(desk) == before
