"""What people do with a page, in the page's own words."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.people.signing import PASSWORD

DESKTOP: ViewportSize = {"width": 1440, "height": 900}  # shows the workbench's preview
PATIENCE = 15_000  # milliseconds, on a busy machine

SignIn = Callable[..., Page]


def come_in(page: Page, key: str) -> None:
    """Fill in the sign-in page."""
    page.goto("/sign-in")
    page.get_by_label("Sign-in name").fill(key)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("banner")).to_be_visible()
    page.wait_for_load_state()


def choose(page: Page, question: str, answer: str) -> None:
    """Choose one of the answers to a question of a form."""
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def fact(page: Page, label: str) -> Locator:
    """Find what stands under a label of the requester's page."""
    return page.locator(".facts > div", has=page.get_by_text(label, exact=True)).locator("dd")


def state(page: Page) -> Locator:
    """Find the line of an incident's head: its state, who holds it, who works on it."""
    return page.locator(".incident-state")


def press(page: Page, name: str) -> None:
    """Press one of an incident's buttons."""
    page.locator(".incident-line").get_by_role("button", name=name).click()


def dialog(page: Page) -> Locator:
    """Find the dialog that is open."""
    return page.get_by_role("dialog")


def open_dialog(page: Page, name: str) -> None:
    """Open the dialog of one of an incident's acts."""
    page.wait_for_load_state()  # before its scripts run, the link leads to a page instead
    page.locator(".incident-line").get_by_role("link", name=name).click()
    expect(dialog(page)).to_be_visible()


def send(page: Page, name: str) -> None:
    """Send the dialog; it has gone once the desk has taken it."""
    dialog(page).get_by_role("button", name=name, exact=True).click()
    expect(dialog(page)).to_have_count(0)


def write(page: Page, kind: str, text: str, button: str) -> None:
    """Write into one of an incident's threads."""
    composer = page.get_by_role("region", name="Write")
    composer.locator(".composer-tabs").get_by_text(kind).click()
    composer.get_by_role("textbox", name=kind).fill(text)
    composer.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".thread")).to_contain_text(text)
