"""Cases for exclusions: time that nobody could use, asked for and decided."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured

CASES: list[Featured] = []
case = partial(featured, CASES)


@case(
    "scanners", days=6, by="kimura", with_="mori ito hoshino-nohara", place="Plant 1", a="2", b="3"
)
def excluded_after_a_breach(t: Case) -> None:
    """Over its target, and net of the power cut within it."""
    t.opened(impact=2, urgency=1)
    who = t.up(t.story.up)
    t.ago(days=5.5)
    start = t.at
    t.note(who, t.say("power_cut"))
    t.ago(days=3.5)
    end = t.at
    t.ago(days=3.2)
    t.resolve(who)
    t.wait(40)
    n = t.exclude(who, start, end, ("resolution",), t.say("cut_excluded"))
    t.wait(120)
    t.decide_exclusion(t.person("kubota"), n, approved=True)


@case("ja-print-secure", days=5, by="nakamura", with_="hara ogawa")
def exclusion_not_granted(t: Case) -> None:
    """The reason did not convince."""
    t.opened(impact=2, urgency=2)
    who = t.up(t.story.up)
    start = t.at
    t.ago(days=4)
    n = t.exclude(who, start, t.at, ("resolution",), t.say("cut_excluded"))
    t.ago(days=3.5)
    t.decide_exclusion(t.person("kubota"), n, approved=False, text=t.say("exclusion_refused"))


@case("ja-erp-lot", days=4, by="takeuchi", with_="okamoto fujita", lot="B-2210", n="6")
def exclusion_to_decide(t: Case) -> None:
    """Somebody outside of the group still has to decide."""
    t.opened(impact=2, urgency=1)
    who = t.up(t.story.up)
    start = t.at
    t.ago(days=2)
    end = t.at
    t.note(who, t.say("power_cut"))
    t.ago(hours=3)
    t.exclude(who, start, end, ("resolution", t.holder.ref), t.say("cut_excluded"))
