"""Cases for dates: wishes and promises of every kind, priorities and services that change."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured
from servicedesk.incidents.acts import Due

CASES: list[Featured] = []
case = partial(featured, CASES)

# Wishes


@case("ja-mfa", hours=5, by="miura", with_="okamoto", when="今朝")
def wish_missed_an_hour_ago(t: Case) -> None:
    """An instant that has passed."""
    t.opened(wait=12, wish=Due(at=t.stage.ago(hours=1)))


@case("locked-out", hours=3, by="onodera", with_="hara", day="Friday")
def wish_in_two_hours(t: Case) -> None:
    """Due soon."""
    t.promise(t.opened(wait=12, wish=t.hour(2)), t.hour(2))


@case("ja-files-restore", hours=3.5, by="kikuchi", with_="mori", file="金型台帳")
def wish_for_today(t: Case) -> None:
    """A day: any time today is in time."""
    t.opened(wait=10, wish=t.day(0))


@case("ja-erp-master", days=4, by="harada", with_="hara ishikawa", series="VX-300", n="120")
def revised_by_the_requester(t: Case) -> None:
    """The requester needs it later now."""
    t.opened(wait=100, wish=t.day(1))
    who = t.up(t.story.up)
    t.promise(who, t.day(1))
    t.ago(days=2)
    t.wish(t.requester, t.day(6), t.say("wish_later"))
    t.ago(days=1.5)
    t.promise(who, t.day(6))


@case("ja-erp-slow", days=5, by="yamaguchi", with_="kawai fujita nagai", n="3")
def revised_after_it_was_missed(t: Case) -> None:
    """Late for the first wish, not for the present one."""
    t.opened(urgency=3, wish=t.day(-2))
    t.up(t.story.up)
    t.ago(days=4)
    t.up(t.story.deeper, step=2)
    t.ago(days=0.5)
    t.wish(t.requester, t.day(2), t.say("wish_later"))


@case("leaver", days=2, by="kaneko", with_="hara aoki", dept="Purchasing")
def revised_by_the_desk(t: Case) -> None:
    """Said on the phone; it counts once the requester has confirmed it."""
    who = t.opened(wait=60, wish=t.day(2))
    t.ago(hours=2)
    t.wish(who, t.day(5), t.say("wish_by_phone"))


@case("ja-access-folder", days=3, by="matsui", with_="okamoto", folder="品質会議", n="3")
def revised_by_the_desk_and_declined(t: Case) -> None:
    """The requester did not mean it."""
    who = t.opened(wait=50, wish=t.day(1))
    t.ago(days=2)
    event = t.wish(who, t.day(5), t.say("wish_by_phone"))
    t.ago(days=1)
    t.confirm_wish(event, accept=False)
    t.ago(hours=4)
    t.resolve(who)


@case("ja-new-account", days=4, by="ikeda", with_="hara aoki", kind="派遣社員", n="2")
def revised_by_the_desk_and_confirmed(t: Case) -> None:
    """The new date counts."""
    who = t.opened(wait=90, wish=t.day(1))
    t.answer("名簿を添付します。", "名簿")
    t.ago(days=2)
    event = t.wish(who, t.day(3), t.say("wish_by_phone"))
    t.ago(days=1)
    t.confirm_wish(event, accept=True)
    t.promise(t.up(t.story.up), t.day(3))


# Promises


@case("bounce-pdf", days=2, by="abe", with_="mori aoki kawasaki-doi", n="12")
def promised_as_wished(t: Case) -> None:
    """The desk agreed."""
    t.opened(wish=t.day(1))
    who = t.up(t.story.up)
    t.promise(who, t.day(1))
    t.ago(days=1)
    t.out(ticket="KD-4502")


@case("ja-pc-slow", days=2, by="kinoshita", with_="okamoto shibata", n="15")
def another_date_not_answered(t: Case) -> None:
    """The requester has not said yet whether the date offered will do."""
    t.opened(wish=t.day(1))
    who = t.up(t.story.up)
    t.ago(days=1)
    t.promise(who, t.day(3))


@case("ja-cad-crash", days=1, hours=5, by="miyazaki", with_="hara fujita", n="3,500")
def another_date_declined(t: Case) -> None:
    """The date offered is too late."""
    t.opened(wish=t.hour(6))
    who = t.up(t.story.up)
    t.ago(days=1.5)
    event = t.promise(who, t.day(4))
    t.ago(days=1)
    t.answer_promise(event, accept=False)
    t.answer("この日では間に合いません。もう少し早くできないでしょうか。")


@case("cad-export", days=3, by="fukuda", with_="mori ishikawa", what="the bending lines")
def another_date_accepted(t: Case) -> None:
    """The date offered will do."""
    t.opened(wish=t.day(0))
    who = t.up(t.story.up)
    t.ago(days=2)
    event = t.promise(who, t.day(3))
    t.ago(days=1.8)
    t.answer_promise(event, accept=True)


@case("ja-print-jam", days=2, by="saito", with_="hara ogawa", floor="4")
def promise_missed(t: Case) -> None:
    """The promise has passed, the wish has not."""
    t.opened(wait=40, wish=t.day(2))
    who = t.up(t.story.up)
    t.promise(who, Due(at=t.stage.ago(hours=3)))


# Priority and service


@case("phishing", days=1, hours=5, by="shimizu", with_="kawai aoki", subject="Your mailbox is full")
def lowered_late_by_the_lead(t: Case) -> None:
    """C9: more than half of the target was used; the lead gives a reason."""
    t.opened(wait=6, channel="phone")
    who = t.up(t.story.up, accepted=8)
    t.note(who, t.story.note)
    t.ago(hours=3)
    t.prioritise(who, 2, 3, t.say("lowered"))


@case("ja-warehouse-terminal", days=2, by="hayashi", with_="mori ito", zone="高層ラック")
def raised(t: Case) -> None:
    """It got worse."""
    t.opened(urgency=3, wish=t.day(1))
    who = t.up(t.story.up)
    t.ago(days=1)
    t.prioritise(who, 2, 2, t.say("raised"))
    t.reply(who, t.say("progress"))


@case("ja-mail-list", days=2, by="watabe", with_="okamoto", list="osaka-sales")
def moved_to_another_service(t: Case) -> None:
    """Logged for the wrong service."""
    right, wrong = t.service, t.stage.setup.services_by_key["workplace"]
    t.service = wrong
    who = t.opened(wait=100, wish=t.day(3))
    t.reclassify(who, right.key)
    t.service = right
    t.ago(hours=6)
    t.resolve(who)
    t.wait(90)
    t.confirm()
