"""The same pages by other ways: with the keys, without scripts, in Japanese, under axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from tests.cast import Desk, at, page_of
from tests.e2e.hands import DESKTOP, SignIn, choose, dialog, fact, open_dialog, state, write
from tests.support.browser import accessibility_faults

FIRST, SECOND = "No network on floor 3", "The printer jams"
PARTNER_THREAD, OFFER, QUESTION = "Any news?", "A part has to be ordered.", "Which tray is it?"


@pytest.fixture(autouse=True)
def _busy(desk: Desk) -> None:
    """One is with the partner and has another date offered, one waits for the requester."""
    wish = Due(day=at("Fri 00:00").date())
    one = desk.log(title=FIRST, description="All of us.", wish=wish, impact=2)
    desk.do(commands.take, one, by="sato", when="09:05")
    desk.do(commands.comment, one, "note", "Cabling?", by="sato", when="09:10")
    desk.do(commands.comment, one, "reply", "We look into it.", by="sato", when="09:15")
    desk.do(escalation.hand_off, one, "network", by="sato", when="09:30", note="No link.")
    desk.do(escalation.accept, one, 1, by="abe", when="09:40")
    desk.do(escalation.hand_off, one, "netone", by="abe", when="10:00", note="Line card?")
    desk.do(escalation.accept, one, 2, by="kim", when="10:10")
    desk.do(escalation.write, one, 2, PARTNER_THREAD, by="abe", when="11:00")
    later = Due(day=at("Mon 00:00").date())
    desk.do(commands.promise, one, later, by="abe", when="11:30", reason=OFFER)
    two = desk.log(title=SECOND, service="printing", when="09:45")
    desk.do(commands.hold, two, "requester", by="ito", when="10:30", question=QUESTION)
    three = desk.log(title="Mail is slow", when="2026-11-24 10:00")
    desk.do(commands.resolve, three, by="ito", when="13:00", code="solved", text="Rebuilt.")


# Keys


@pytest.mark.parametrize("width", [DESKTOP["width"], 1280])
def test_the_workbench_needs_no_mouse(sign_in: SignIn, width: int) -> None:
    """With the preview beside the list, and without it."""
    page = sign_in("sato", viewport={"width": width, "height": 900})
    page.goto("/incidents?view=all")
    titles = page.locator(".row-title a").all_inner_texts()
    assert sorted(titles) == [FIRST, SECOND]
    for key, chosen in (("j", 0), ("j", 1), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(current(page)).to_contain_text(titles[chosen])
    if width == DESKTOP["width"]:
        expect(page.locator("#preview h2")).to_have_text(titles[0])
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[0])
    page.wait_for_load_state()
    page.keyboard.press("h")
    expect(dialog(page)).to_contain_text("Hand off INC-")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_contain_text("Promise a date")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


def test_a_number_is_found_with_the_keys(sign_in: SignIn) -> None:
    page = sign_in("sato")
    page.keyboard.press("/")
    page.keyboard.type("INC-00000002")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(SECOND)


def current(page: Page) -> Locator:
    return page.locator("tr[aria-current]")


# No scripts


def test_people_report_and_reply_without_scripts(sign_in: SignIn) -> None:
    page = sign_in("emi", java_script_enabled=False)
    page.get_by_role("textbox", name="What is wrong, or what do you need?").fill("No sound")
    page.get_by_role("button", name="Report").click()
    page.get_by_label("What is it about?").select_option("Internet access")
    choose(page, "Needed by", "Tomorrow")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No sound")
    expect(fact(page, "Requested")).to_have_text("Fri 27")
    page.goto(page_of(2))
    page.get_by_role("textbox", name="Reply").fill("The lower one.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".thread")).to_contain_text("The lower one.")
    expect(page.locator(".thread")).to_contain_text(QUESTION)


def test_the_desk_replies_and_hands_off_without_scripts(sign_in: SignIn) -> None:
    page = sign_in("ito", java_script_enabled=False)
    page.get_by_role("link", name="All open").click()
    page.get_by_label("Service", exact=True).select_option("Printing")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text(FIRST)).to_have_count(0)
    page.get_by_role("link", name=SECOND).click()
    write(page, "Note", "Looks like the lower tray.", "Keep the note")
    write(page, "Reply", "Somebody comes at three.", "Send reply")
    page.locator(".incident-actions").get_by_role("link", name="Hand off").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand off INC-00000002")
    page.get_by_role("textbox", name="Why").fill("The tray is worn out.")
    page.get_by_role("button", name="Hand off to PrintCo Ltd.").click()
    expect(page.get_by_role("status")).to_contain_text("Handed off.")
    expect(page.get_by_label("About this incident")).to_contain_text("PrintCo Ltd.")


# Japanese


@pytest.mark.usefixtures("japanese")
def test_the_requesters_pages_are_japanese(sign_in: SignIn) -> None:
    page = sign_in("emi")
    to_japanese(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("お困りごと、必要なものは何ですか？")
    card = page.get_by_role("article").filter(has_text=FIRST)
    for words in ("受付", "対応中", "希望納期", "回答納期", "27日(金)"):
        expect(card).to_contain_text(words)
    page.goto("/incidents/new")
    expect(page.get_by_role("group", name="希望納期")).to_be_visible()
    page.goto(page_of(1))
    expect(page.get_by_text("現在の状況")).to_be_visible()
    expect(fact(page, "希望納期")).to_have_text("27日(金)")
    expect(page.locator(".notice-bar")).to_contain_text("30日(月)")


@pytest.mark.usefixtures("japanese")
def test_the_agents_pages_are_japanese(sign_in: SignIn) -> None:
    page = sign_in("sato")
    to_japanese(page)
    expect(page.get_by_role("navigation", name="メイン")).to_contain_text("対応一覧")
    for words in ("インシデント", "希望納期", "回答納期", "次の期限", "担当"):
        expect(page.get_by_role("columnheader", name=words).first).to_be_visible()
    page.goto(page_of(1))
    expect(state(page)).to_contain_text("対応中")
    for words in ("希望納期", "担当者", "エスカレーション", "サービス"):
        expect(page.get_by_role("complementary")).to_contain_text(words)
    expect(page.get_by_role("link", name="解決", exact=True)).to_be_visible()


def to_japanese(page: Page) -> None:
    """Switch the language in the menu of the person."""
    page.get_by_role("button", name="language, theme, sign out").click()
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")


# Accessibility

PLACES = {
    "emi": ("/home", "/incidents/new", page_of(1), page_of(2)),
    "sato": ("/incidents", "/incidents?view=done", page_of(1), page_of(1, "hand-off")),
    "kim": ("/inbox", "/inbox?box=in-work", "/hand-offs/INC-00000001/2"),
    "ueda": ("/reports", "/reports/2026-11"),
}


@pytest.mark.usefixtures("live_server", "desk")
def test_signing_in_is_accessible(page: Page) -> None:
    page.goto("/sign-in")
    assert accessibility_faults(page) == []


@pytest.mark.parametrize("key", PLACES)
def test_the_main_pages_are_accessible(sign_in: SignIn, key: str) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = sign_in(key)
    found = {path: faults(page, path) for path in PLACES[key]}
    assert found == {path: [] for path in PLACES[key]}


def faults(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    return accessibility_faults(page)


def test_what_opens_over_a_page_is_accessible(sign_in: SignIn) -> None:
    page = sign_in("sato")
    page.keyboard.press("j")
    expect(page.locator("#preview h2")).to_be_visible()
    assert accessibility_faults(page, "#preview") == []
    page.goto(page_of(1))
    open_dialog(page, "Promise")
    assert accessibility_faults(page, "dialog[open]") == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(dialog(page)).to_be_visible()
    assert accessibility_faults(page, "dialog[open]") == []


# Guessing


@pytest.mark.parametrize(("chosen", "then"), [("?service=internet", "internet"), ("", "printing")])
def test_the_service_is_guessed_only_where_none_was_chosen(
    sign_in: SignIn, chosen: str, then: str
) -> None:
    page = sign_in("emi")
    page.goto(f"/incidents/new{chosen}")
    page.locator("input[name=title]").fill("The printer jams again")
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")
    expect(page.locator("select[name=service]")).to_have_value(then)
