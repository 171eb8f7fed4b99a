"""Cases for what comes by itself: reminders, a closing, rules that are due in a minute."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured

CASES: list[Featured] = []
case = partial(featured, CASES)

P2 = 16.0  # working hours until an incident of that priority is to be solved


@case("excel-licence", days=5, by="matsumoto", with_="mori", time="hour")
def requester_reminded(t: Case) -> None:
    """Asked four working days ago, reminded once."""
    who = t.opened()
    t.ago(days=4)
    t.ask(who, t.story.ask)


@case("ja-pc-app", days=6, by="hasebe", with_="okamoto", app="電子辞書")
def requester_reminded_in_japanese(t: Case) -> None:
    """The same in Japanese."""
    who = t.opened()
    t.ago(days=4.5)
    t.ask(who, t.story.ask)


@case("toner-labels", days=8, by="sato", with_="mori", n="22")
def closed_by_itself(t: Case) -> None:
    """Solved more than a week ago; nobody said anything, and so it is closed."""
    who = t.opened()
    t.ago(days=6.5)
    t.resolve(who)


@case(
    "vpn-hotel",
    days=3,
    hours=4,
    by="kimura",
    with_="mori sugiyama",
    customer="our plant in Fukuoka",
)
def left_by_who_is_away(t: Case) -> None:
    """Whoever works on it is away since yesterday."""
    t.opened(wish=t.day(1))
    who = t.up(t.story.up)
    t.promise(who, t.day(1))
    t.ago(days=2.5)
    t.note(who, t.story.note)


@case("ja-access-folder", minutes=7, by="takahashi", folder="監査資料", n="2")
def new_a_moment_ago(t: Case) -> None:
    """The mail with its number goes out with the first ones."""
    t.log(wish=t.day(3))


@case("ja-files-slow", hours=0.75 * P2 - 0.03, by="yamaguchi", with_="okamoto maeda", dept="経理")
def three_quarters_in_a_minute(t: Case) -> None:
    """Three quarters of its target are over soon after the start."""
    t.opened(impact=1, urgency=2, wait=15)
    t.note(t.up(t.story.up), t.story.note)


@case("drive-full", hours=P2 - 0.05, by="fukuda", with_="mori aoki", drive="K", n="8")
def late_in_some_minutes(t: Case) -> None:
    """Its target is over soon after the start."""
    t.opened(impact=1, urgency=2, wait=15)
    who = t.up(t.story.up)
    t.promise(who, t.day(1))
    t.note(who, t.story.note)
