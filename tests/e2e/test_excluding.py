"""C11: time is asked to be excluded on one page and decided on another, scripts or not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from servicedesk.incidents import commands
from servicedesk.incidents.models import Exclusion
from tests.cast import Desk, page_of
from tests.e2e.hands import SignIn
from tests.support.browser import accessibility_faults


@pytest.fixture(autouse=True)
def _resolved(desk: Desk) -> None:
    """Nine to one, three hours of work, of which two can be said to be somebody else's."""
    desk.log(when="09:00")
    desk.do(commands.resolve, 1, "solved", "Done.", by="ito", when="13:30")


def fill(page: Page) -> None:
    page.goto(page_of(1))
    page.wait_for_load_state()
    section = page.locator("section", has=page.get_by_role("heading", name="Exclusions"))
    section.get_by_role("link", name="Ask").click()
    page.get_by_label("Beginning").fill("2026-11-26T10:00")
    page.get_by_label("End").fill("2026-11-26T12:00")
    page.get_by_label("Service desk (all clocks)").check()
    page.get_by_label("Why this time shall not count").fill("The power was cut")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.get_by_role("status").first).to_contain_text("Resolution: 3 h 30 of")
    expect(page.get_by_role("status").first).to_contain_text("→ net 1 h 30: met")


@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_asked_seen_and_decided(desk: Desk, sign_in: SignIn, scripts: bool) -> None:
    page = sign_in("ito", java_script_enabled=scripts)
    fill(page)
    assert desk.rows(Exclusion, 1) == []
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator("#exclusions")).to_contain_text("to be decided")
    page = sign_in("ueda", java_script_enabled=scripts)
    page.goto("/board")
    page.get_by_role("link", name="Exclusions (1)").click()
    page.get_by_role("link", name="No network").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("No exclusion waits for you.")).to_be_visible()
    page.goto(page_of(1))
    expect(page.locator(".clocks").first).to_contain_text("net met, 1 h 30 (2 h 00 excluded)")


def test_the_pages_are_accessible(desk: Desk, sign_in: SignIn) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = sign_in("ito")
    fill(page)
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator("#exclusions")).to_contain_text("to be decided")
    assert accessibility_faults(page) == []
    page = sign_in("ueda")
    for path in ("/exclusions", f"/exclusions/INC-00000001/{desk.rows(Exclusion, 1)[0].n}"):
        page.goto(path)
        assert accessibility_faults(page) == []
