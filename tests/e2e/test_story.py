"""One incident's whole life in a real browser: five people, from the report to the PDF."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.cast import Desk, page_of
from tests.e2e.hands import SignIn, choose, dialog, fact, open_dialog, press, send, state, write
from tests.support.clock import Clock

TITLE = "No network on floor 3"
NUMBER = "INC-00000001"
NOTE = "All ports of the switch are dark; the power supply was swapped."
SECRET = "The cabling was never written down."
ANSWER = "The line card was replaced; the uplink is back."
SOLVED = "The carrier replaced a line card. All ports are up."


def test_an_incident_is_reported_handed_on_solved_and_counted(
    desk: Desk, sign_in: SignIn, clock: Clock
) -> None:
    """Issue 2: the five roles, each signing in at a browser of its own."""
    _report(sign_in("emi"))
    clock.advance(minutes=10)
    _take_answer_and_hand_up(sign_in("sato"))
    clock.advance(minutes=5)
    _accept_and_hand_to_the_partner(sign_in("abe"))
    clock.advance(minutes=20)
    _answer_as_the_partner(sign_in("kim"))
    clock.advance(minutes=15)
    _resolve(sign_in("abe"))
    clock.advance(days=1)
    _confirm(sign_in("emi"))
    clock.advance(days=3)  # Monday: the day wished for has passed, November has not
    _look_back(sign_in("ueda"))
    assert desk.incident(1).state == "closed"
    assert desk.holders(1) == ["desk", "network", "netone", "network"]


# What each does


def _report(page: Page) -> None:
    """Report it on the home page, with a day by which it is needed."""
    page.get_by_role("textbox", name="What is wrong, or what do you need?").fill(TITLE)
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_label("What is wrong, or what do you need?")).to_have_value(TITLE)
    page.get_by_label("Tell us more").fill("Since nine o'clock nobody here has a connection.")
    page.get_by_label("What is it about?").select_option("Internet access")
    choose(page, "Who is affected?", "A team")
    choose(page, "Needed by", "Another day")
    page.get_by_label("Day", exact=True).fill("2026-11-27")
    page.get_by_role("button", name="Report").click()
    page.wait_for_url(f"**{page_of(1)}")
    expect(page.get_by_role("status")).to_contain_text(f"Received as {NUMBER}. First answer by")
    expect(fact(page, "Requested")).to_have_text("Fri 27")
    expect(fact(page, "With")).to_contain_text("Service desk")


def _take_answer_and_hand_up(page: Page) -> None:
    """Find it in the workbench, take it, reply, promise a date, hand it up with the dialog."""
    page.get_by_role("link", name="Unassigned").click()
    page.wait_for_url("**view=unassigned")
    page.get_by_role("link", name=TITLE).click()  # beside the list
    page.locator("#preview").get_by_role("link", name=TITLE).click()
    page.wait_for_url(f"**{page_of(1)}*")
    press(page, "Take")
    expect(state(page)).to_contain_text("In progress")
    expect(state(page)).to_contain_text("Sato Yui")
    write(page, "Note", SECRET, "Keep the note")
    write(page, "Reply", "We are looking at the switch.", "Send reply")
    open_dialog(page, "Promise")
    expect(dialog(page).get_by_label("Day", exact=True)).to_have_value("2026-11-27")  # agreeing
    send(page, "Promise")
    open_dialog(page, "Hand off")
    expect(dialog(page).get_by_role("radio", name="Network team")).to_be_checked()  # H3
    dialog(page).get_by_label("Reason").select_option("Needs special knowledge")
    dialog(page).get_by_label("Why").fill("Link lights are off, cables are in.")
    send(page, "Hand off to Network team")
    expect(state(page)).to_contain_text("Network team")


def _accept_and_hand_to_the_partner(page: Page) -> None:
    """Accept what came from the first tier, and hand it to the partner company."""
    page.goto(page_of(1))
    waiting = page.locator("form", has_text="Handed off to Network team, not accepted yet.")
    waiting.get_by_role("button", name="Accept").click()
    expect(waiting).to_have_count(0)
    open_dialog(page, "Hand off")
    expect(dialog(page).get_by_role("radio", name="NetOne Inc.")).to_be_checked()
    expect(dialog(page).get_by_text("NetOne Inc. will see", exact=True)).to_be_visible()
    dialog(page).get_by_label("Why").fill(NOTE)
    dialog(page).get_by_label("Show the requester's name and contact").check()
    expect(dialog(page).get_by_text("emi@kita.example")).to_be_visible()
    send(page, "Hand off to NetOne Inc.")
    expect(state(page)).to_contain_text("NetOne Inc.")


def _answer_as_the_partner(page: Page) -> None:
    """H8: see it in the inbox, and what was shared of it; accept, write, answer."""
    page.wait_for_url("**/inbox")
    page.get_by_role("row", name=TITLE).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_text(NOTE)).to_be_visible()
    expect(page.get_by_text("emi@kita.example")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    expect(page.get_by_text("We are looking at the switch.")).to_have_count(0)
    assert page.request.get(page_of(1)).status == 404
    assert page.request.get("/incidents").status == 404
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("in work", exact=True)).to_be_visible()
    page.get_by_label("Message").fill("Our engineer is on the way.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".thread")).to_contain_text("Our engineer is on the way.")
    open_dialog(page, "Answer")
    dialog(page).get_by_label("Your answer").fill(ANSWER)
    send(page, "Send the answer")
    page.wait_for_url("**/inbox")
    page.get_by_role("link", name="Answered and ended").click()
    expect(page.get_by_role("row", name=TITLE)).to_be_visible()


def _resolve(page: Page) -> None:
    """Read the partner's answer, and resolve."""
    page.goto(page_of(1))
    expect(page.locator(".thread")).to_contain_text("Our engineer is on the way.")
    expect(page.locator(".thread")).to_contain_text(ANSWER)
    expect(state(page)).to_contain_text("Network team")
    open_dialog(page, "Resolve")
    dialog(page).get_by_label("What was done, as the requester will read it").fill(SOLVED)
    send(page, "Resolve")
    expect(state(page)).to_contain_text("Resolved")


def _confirm(page: Page) -> None:
    """See on the home page that it is solved, and confirm it."""
    page.wait_for_url("**/home")
    card = page.get_by_role("article").filter(has_text=TITLE)
    expect(card).to_contain_text(SOLVED)
    card.get_by_role("button", name="It is solved").click()
    page.wait_for_url(f"**{page_of(1)}")
    expect(page.get_by_text("Where it stands")).to_be_visible()
    expect(page.get_by_text("We are looking at the switch.")).to_be_visible()
    for hidden in (SECRET, NOTE, ANSWER):
        expect(page.get_by_text(hidden)).to_have_count(0)
    expect(page.get_by_role("button", name="It is solved")).to_have_count(0)
    page.goto("/home")
    expect(page.get_by_text(TITLE)).to_have_count(0)


def _look_back(page: Page) -> None:
    """Begin at the running month; find it among what is done; take the month's report along."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.get_by_role("navigation").get_by_role("link", name="Workbench").click()
    page.get_by_role("link", name="Resolved and closed").click()
    expect(page.get_by_role("row", name=TITLE)).to_contain_text("Closed")
    page.get_by_role("link", name="Reports").click()
    page.wait_for_url("**/reports")
    page.get_by_role("link", name="November 2026").click()
    expect(page.get_by_text("Running: a draft")).to_be_visible()
    _compare(page)
    _remark(page)
    with page.expect_download() as begun:
        page.get_by_role("link", name="PDF in English").click()
    assert begun.value.suggested_filename == "report-2026-11-en-draft.pdf"
    assert begun.value.path().read_bytes().startswith(b"%PDF")


def _remark(page: Page) -> None:
    """What is typed beside the figures survives a reload, until it is saved."""
    comment = page.get_by_label("Manager's comment")
    comment.fill("A quiet month.")
    page.reload()
    expect(comment).to_have_value("A quiet month.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("by Ueda Rin")).to_be_visible()


def _compare(page: Page) -> None:
    """F1: what the page shows is what the JSON says."""
    link = page.locator("a[href*='report.json']").get_attribute("href")
    figures = page.request.get(str(link)).json()["figures"]
    shown = _shown(page)
    assert shown
    assert shown == {id: _written(figures[id]) for id in shown}
    assert shown["requested_due.first"] == "1 of 1"
    assert (shown["intake"], shown["resolved"], shown["backlog"]) == ("1", "1", "0")


def _shown(page: Page) -> dict[str, str]:
    """Read the figures' table: under each identity what is the actual value."""
    rows = page.get_by_role("table", name="Figures").locator("tbody tr:not(.group)").all()
    links = [str(row.get_by_role("link").first.get_attribute("href")) for row in rows]
    return {
        re.findall(r"/figures/([^?]+)", link)[0]: row.locator("b").first.inner_text()
        for link, row in zip(links, rows, strict=True)
    }


def _written(figure: dict[str, int | str | None]) -> str:
    """Write a figure as a reader does: a share of few cases by its count, minutes and hours."""
    if figure["unit"] == "share":
        return f"{figure['numerator']} of {figure['denominator']}" if figure["denominator"] else "–"
    value = figure["value"]
    if value is None or figure["unit"] != "seconds":
        return "–" if value is None else str(value)
    hours, minutes = divmod(-(-int(value) // 60), 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min")) if n)
