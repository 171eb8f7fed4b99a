"""Cases for approval: asked a moment ago, asked again, approved and not approved."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured

CASES: list[Featured] = []
case = partial(featured, CASES)


@case("purchase-tablet", minutes=4, by="sato", n="2", place="Plant 2")
def approval_asked_a_moment_ago(t: Case) -> None:
    """The mail that asks for it goes out with the first ones."""
    t.log(wish=t.day(8))


@case("purchase-licence", days=4, hours=2, by="aoki", with_="kawai", app="PacketScope")
def approval_asked_again(t: Case) -> None:
    """The manager has not said anything for days, and was reminded."""
    t.log(wish=t.day(3))
    t.wait(50)
    t.reply(t.worker(t.holder), t.story.reply)


@case("purchase-licence", days=6, by="nguyen", with_="mori", app="TradeForms")
def approved_and_ordered(t: Case) -> None:
    """Approved the next day; the supplier takes a week."""
    t.log(wish=t.day(4))
    t.wait(35)
    who = t.worker(t.holder)
    t.reply(who, t.story.reply)
    t.ago(days=5)
    t.decide()
    t.wait(60)
    t.accept(who)
    t.promise(who, t.day(4))
    t.hold(who, "delivery", t.stage.ahead(hours=18))


@case("ja-purchase-monitor", days=3, by="takahashi", with_="okamoto", size="27", n="2")
def not_approved(t: Case) -> None:
    """Not approved, with a reason that the requester reads."""
    t.log(wish=t.day(6))
    t.wait(40)
    t.reply(t.worker(t.holder), t.story.reply)
    t.ago(days=1.5)
    t.decide(
        "今期の予算では難しいため、今回は見送ります。"
        "倉庫に予備のモニターが1台あるので、まずはそちらを使ってください。"
    )
