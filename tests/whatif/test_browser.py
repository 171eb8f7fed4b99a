"""What if in a browser: with and without script, no fault under axe, no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.incidents import commands
from tests.cast import Desk
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults, too_wide
from tests.support.clock import Clock
from tests.support.server import LiveServer

LONG = "The barcode scanners of the whole warehouse lose their connection while moving " * 3
TARGETS = "/what-if?try=targets&of=sla:standard&P3-resolution=60&P1-response=-&compare=1"
PAGES = (
    "/what-if",
    "/what-if?try=calendar&of=group:desk&calendar=always&compare=1",
    TARGETS,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def as_ueda(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the manager's browser, in December, when two were resolved in November."""
    for title in (LONG, "W" * 200):
        number = desk.log(when="Thu 09:00", title=title)
        desk.do(commands.resolve, number, by="ito", when="Fri 12:00", code="solved", text="Done.")
    clock.advance(days=10)
    client = app.test_client()
    come_in(client, "ueda")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def test_targets_are_typed_compared_and_shared_by_the_address(
    as_ueda: Callable[..., Page],
) -> None:
    page = as_ueda()
    page.goto("/what-if?try=targets")
    page.get_by_label("Whose targets").select_option("group:network")
    expect(page.get_by_label("P3 Holding")).to_have_value("480")
    page.wait_for_load_state()
    page.get_by_label("Whose targets").select_option("sla:standard")
    expect(page.get_by_label("P3 Resolution")).to_have_value("2d")
    page.get_by_label("P3 Resolution").fill("60")
    page.get_by_label("P1 First answer").fill("")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("2 verdicts worse")).to_be_visible()
    other = as_ueda()
    other.goto(page.url)
    expect(other.get_by_text("2 verdicts worse")).to_be_visible()
    other.get_by_label("Scope").select_option("service:printing")
    expect(other.get_by_text("0 verdicts worse")).to_be_visible()
    expect(other.get_by_label("P1 First answer")).to_have_value("")
    expect(other.get_by_label("P3 Resolution")).to_have_value("60")


def test_all_of_it_works_without_a_script(as_ueda: Callable[..., Page]) -> None:
    page = as_ueda(java_script_enabled=False)
    page.goto("/what-if")
    page.get_by_role("link", name="Other targets").click()
    page.get_by_label("Whose targets").select_option("sla:standard")
    page.get_by_role("button", name="Show its targets").click()
    page.get_by_label("P3 Resolution").fill("60")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("2 verdicts worse")).to_be_visible()


def test_the_page_is_accessible(as_ueda: Callable[..., Page]) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = as_ueda()
    faults = {}
    for address in PAGES:
        page.goto(address)
        faults[address] = accessibility_faults(page)
    assert faults == {address: [] for address in faults}


def test_the_page_does_not_scroll_sideways(as_ueda: Callable[..., Page]) -> None:
    """Long titles wrap; tables scroll in themselves."""
    page = as_ueda()
    wide = {address: too_wide(page, address) for address in PAGES}
    assert wide == {address: [] for address in PAGES}
