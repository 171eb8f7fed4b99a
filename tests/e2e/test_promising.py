"""A wish answered with one key, and the answer to it with one click, scripts or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import DateChange
from tests.cast import Desk, page_of
from tests.e2e.hands import PATIENCE, SignIn, dialog
from tests.incidents.approving import tokens
from tests.support.browser import accessibility_faults
from tests.support.server import LiveServer

FRIDAY, LATER = Due(day=date(2026, 11, 27)), Due(day=date(2026, 12, 1))


@pytest.fixture(autouse=True)
def _wished(desk: Desk) -> None:
    """Something is asked for by Friday; by the targets Tuesday is safe."""
    desk.log(wish=FRIDAY)


def promised(desk: Desk) -> date | None:
    return desk.incident(1).promised_day


def open_it(page: Page) -> None:
    page.goto(page_of(1))
    page.wait_for_load_state()
    page.keyboard.press("p")
    expect(dialog(page)).to_contain_text("Offer the earliest date: Tue 1")


@pytest.mark.parametrize(
    ("key", "day"), [("a", FRIDAY.day), ("e", LATER.day), ("Enter", LATER.day)]
)
def test_one_key_answers_the_wish(desk: Desk, sign_in: SignIn, key: str, day: date) -> None:
    """§5: `p`, then agree or offer; Enter takes what is recommended."""
    page = sign_in("ito")
    open_it(page)
    expect(page.locator("dialog :focus")).to_contain_text("Offer the earliest date")
    page.keyboard.press(key)
    expect(page.get_by_role("status")).to_contain_text("Done.")
    assert promised(desk) == day


def test_keys_of_the_page_below_are_not_those_of_the_dialog(desk: Desk, sign_in: SignIn) -> None:
    """`s` would resolve it."""
    page = sign_in("ito")
    open_it(page)
    page.keyboard.press("s")
    expect(dialog(page)).to_have_count(1)
    expect(dialog(page)).to_contain_text("Offer the earliest date")


def test_enter_in_the_day_promises_that_day(desk: Desk, sign_in: SignIn) -> None:
    """What was typed counts, not the first button."""
    page = sign_in("ito")
    open_it(page)
    dialog(page).get_by_label("Why another date than the one asked for").fill("The part comes then")
    day = dialog(page).get_by_label("Day", exact=True)
    day.fill("2026-12-08")
    day.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Done.")
    assert promised(desk) == date(2026, 12, 8)


def test_without_scripts_the_buttons_do_the_same(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ito", java_script_enabled=False)
    page.goto(page_of(1, "promise"))
    reason = page.get_by_label("Why, as the requester will read it")
    expect(reason).to_have_value(
        "More than one team may have to work on this, one after the other. By their working hours "
        "1 Dec is the earliest day that we can be sure of."
    )
    reason.fill("Three teams, one after the other.")
    page.get_by_role("button", name="Offer the earliest date: Tue 1").click()
    expect(page.get_by_role("status")).to_contain_text("Done.")
    assert desk.rows(DateChange, 1)[-1].reason == "Three teams, one after the other."


@pytest.mark.parametrize("answer", ["Accept", "Decline"])
@pytest.mark.parametrize("scripts", [True, False])
def test_the_mails_page_answers_with_one_click(
    desk: Desk,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    clock: object,
    answer: str,
    scripts: bool,
) -> None:
    desk.do(commands.promise, 1, LATER, by="ito", when="10:00", reason="The part comes then")
    page = new_context(java_script_enabled=scripts).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"/date/{tokens(desk, 1, 'promise')[-1]}")
    page.get_by_role("button", name=answer).click()
    said = {"Accept": "accepted", "Decline": "declined"}[answer]
    expect(page.get_by_role("heading", level=2)).to_contain_text(f"You {said} this date: Today")
    assert desk.rows(DateChange, 1)[-1].answer == said


def test_the_pages_are_accessible(desk: Desk, sign_in: SignIn) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = sign_in("ito")
    open_it(page)
    assert accessibility_faults(page, "dialog[open]") == []
    desk.do(commands.promise, 1, LATER, by="ito", when="10:00", reason="The part comes then")
    page.goto(f"/date/{tokens(desk, 1, 'promise')[-1]}")
    assert accessibility_faults(page) == []
