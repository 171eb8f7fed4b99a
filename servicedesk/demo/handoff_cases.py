"""Cases for hand-offs: to each tier and partner, in every outcome, and back and forth."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured
from servicedesk.incidents.acts import Due

CASES: list[Featured] = []
case = partial(featured, CASES)


@case(
    "order-500",
    hours=2.4,
    by="kimura",
    with_="kawai fujita yamada tsukuba-oda",
    place="Osaka",
    time="08:50",
)
def urgent_with_a_partner(t: Case) -> None:
    """P1, past the wish, promised for soon; up the whole path."""
    t.opened(wait=6, channel="phone", wish=Due(at=t.stage.ago(hours=0.8)), with_file=True)
    who = t.up(t.story.up, accepted=8)
    t.note(who, t.story.note)
    third = t.up(t.story.deeper, step=2, accepted=12)
    t.ago(hours=1.6)
    t.out(accepted=None, share_files=True, answer_by=t.stage.ahead(hours=1))
    t.ago(hours=1)
    t.accept()
    t.ticket("TE-71902")
    t.to_partner(t.worker(t.holder), t.say("partner_took"))
    t.ago(hours=0.7)
    t.promise(third, t.hour(0.75))
    t.to_partner(third, t.say("chase"))
    t.ago(hours=0.4)
    t.to_partner(t.worker(t.holder), t.say("chased"))


@case("order-500", hours=2.1, by="yoshida", with_="nakao", place="Osaka", time="08:50")
def duplicate_of_the_urgent_one(t: Case) -> None:
    """The same outage, reported twice."""
    t.log(channel="mail")
    t.wait(9)
    who = t.worker(t.holder)
    t.accept(who)
    t.reply(who, t.say("duplicate"))
    t.cancel(who, duplicate_of=t.stage.told["urgent_with_a_partner"])


@case(
    "scanners",
    days=5,
    by="sato",
    with_="mori ito hoshino-nohara",
    place="Plant 2",
    a="4",
    b="9",
)
def answered_and_back(t: Case) -> None:
    """Up, to the requester, to the partner and back: late for its target, wished for today."""
    t.log(impact=2, urgency=1, wish=t.day(0), channel="phone")
    desk = t.worker(t.holder)
    t.accept(desk)
    t.wait(19)
    t.reply(desk, t.story.reply)
    t.ago(days=4.8)
    who = t.up(t.story.up)
    t.ago(days=4.4)
    t.ask(who, t.story.ask)
    t.watch(who, t.person("goto"))
    t.ago(days=4)
    t.answer(t.story.answer)
    t.note(who, t.story.note)
    t.promise(who, t.day(-1))
    t.ago(days=3.6)
    t.out(accepted=25, ticket="HN-88213", answer_by=t.stage.ago(days=2), share_requester=True)
    partner = t.worker(t.holder)
    t.to_partner(who, "The controller log of this morning is attached.", "log")
    t.to_partner(partner, t.say("partner_took"))
    t.ago(days=2.2)
    t.hand_back(t.story.found or "")
    t.wait(30)
    t.reply(
        who,
        "We know the cause and have the fix. Aisles 4 to 6 get it first, the others by the date we "
        "promise you now. Does that work for the night shift?",
    )
    event = t.promise(who, t.hour(6))
    t.ago(days=1.4)
    t.answer_promise(event, accept=True)
    t.hold(who, "change", t.stage.ago(days=0.9))
    t.end_hold()
    t.ago(hours=2.3)
    t.answer(
        "Aisles 4 to 6 are better since this morning, but aisle 9 still drops twice an hour. "
        "The night shift starts at 20:00 and needs all scanners."
    )
    t.ago(hours=0.6)
    t.note(who, "AP-2-09 still runs 8.08. Rolling it out next, rollback ready.")


@case("customs-export", days=1, hours=1, by="shimizu", with_="kawai fujita nagai", country="Taiwan")
def sent_not_accepted(t: Case) -> None:
    """The partner has not taken it yet, and should have."""
    t.opened(wait=10, wish=t.hour(7))
    t.up(t.story.up)
    who = t.up(t.story.deeper, step=2, accepted=20)
    t.ago(hours=3)
    t.promise(who, t.hour(7))
    t.out(accepted=None, answer_by=t.stage.ahead(hours=5))


@case("ja-wifi-meeting", hours=5, by="noguchi", with_="hara ono", floor="4", room="第1会議室")
def sent_just_now(t: Case) -> None:
    """Sent to a partner minutes ago."""
    t.opened(wish=t.day(3))
    who = t.up(t.story.up)
    t.note(who, t.story.note)
    t.ago(hours=0.3)
    t.out(accepted=None)


@case("ja-erp-lot", hours=4, by="takeuchi", with_="okamoto", lot="A-4471", n="24")
def sent_to_a_group(t: Case) -> None:
    """The second tier has not taken it yet."""
    t.opened(wish=t.day(2))
    t.ago(hours=1.2)
    t.up(t.story.up, accepted=None)


@case("ja-print-secure", days=1, by="nakamura", with_="hara ogawa minato-segawa")
def accepted_by_a_partner(t: Case) -> None:
    """The partner works on it."""
    t.opened(wait=14, wish=t.hour(10), channel="phone")
    who = t.up(t.story.up)
    t.promise(who, t.hour(10))
    t.ago(hours=6)
    t.out(accepted=22, ticket="MP-20731", answer_by=t.stage.ahead(hours=6))


@case("plotter", days=2, hours=3, by="endo", with_="mori shibata minato-segawa", n="2")
def accepted_and_due_today(t: Case) -> None:
    """With a partner, wished for today and promised for soon."""
    t.opened(wish=t.day(0))
    who = t.up(t.story.up)
    t.ago(days=1.2)
    t.out(accepted=30, ticket="MP-20725")
    t.ago(days=1)
    t.promise(who, t.hour(3))


@case("camera-dock", days=12, by="goto", with_="mori sugiyama hoshino-kase", n="3")
def with_a_partner_for_long(t: Case) -> None:
    """The wish passed days ago."""
    t.opened(wish=t.day(-4))
    who = t.up(t.story.up)
    t.note(who, t.story.note)
    t.ago(days=8)
    t.out(accepted=300, ticket="HN-87990")
    t.ago(days=5)
    t.promise(who, t.day(2))
    t.hold(who, "change", t.stage.ahead(hours=15))


@case("ja-attendance-approve", days=3, by="kobayashi", with_="okamoto ishikawa tsukuba-lin", n="11")
def answered_just_now(t: Case) -> None:
    """The partner has answered; the group has it again."""
    t.opened(wish=t.hour(4))
    t.up(t.story.up)
    t.ago(days=2)
    t.out(accepted=45, ticket="TE-71866")
    t.ago(hours=1)
    t.hand_back(t.story.found or "")


@case(
    "restore-file", days=1, hours=5, by="abe", with_="mori maeda kawasaki-katayama",
    file="Cost sheet VX-300.xlsx", when="last Friday",
)  # fmt: skip
def sent_back_by_a_partner(t: Case) -> None:
    """The partner wants to know more first."""
    t.opened(wait=12, wish=t.hour(8))
    t.up(t.story.up)
    t.ago(hours=7)
    t.out(accepted=None)
    t.ago(hours=5)
    t.hand_back(t.say("send_back"), answered=False)


@case(
    "ja-files-slow", days=3, hours=2, by="shibasaki", with_="okamoto aoki kawasaki-doi",
    dept="生産管理",
)  # fmt: skip
def recalled_from_a_partner(t: Case) -> None:
    """The desk found the cause itself."""
    t.opened(wish=t.day(2))
    who = t.up(t.story.up)
    t.ago(days=2)
    t.out()
    t.ago(days=1)
    t.recall(who, t.say("recall"))
    t.note(who, t.story.note)
    t.ago(hours=5)
    t.resolve(who)


@case("ja-erp-mrp", days=1, hours=1, by="ueno", with_="hara fujita nagai", part="電磁弁")
def passed_on(t: Case) -> None:
    """The second tier handed it further."""
    t.opened(wait=10, wish=t.hour(3))
    t.up(t.story.up)
    t.ago(hours=6)
    who = t.up(t.say("pass_on"), step=2)
    t.note(who, t.story.note)


@case("delivery-note", days=4, by="iwasaki", with_="mori tanaka yamada tsukuba-oda", n="3")
def resolved_there(t: Case) -> None:
    """Resolved by the third tier while the partner still had it."""
    t.opened(wait=9, wish=t.day(-1))
    t.up(t.story.up, accepted=10)
    who = t.up(t.story.deeper, step=2)
    t.ago(days=3)
    t.out(accepted=50)
    t.ago(days=2)
    t.resolve(who)


@case("vpn-hotel", days=2, by="takeda", with_="mori ono", customer="a customer in Nagoya")
def answered_by_the_second_tier(t: Case) -> None:
    """The second tier told the desk what to do, and that was it."""
    who = t.opened(wait=10, wish=t.day(1))
    t.up(t.story.up)
    t.ago(days=1)
    t.hand_back(t.say("own_found"))
    t.wait(30)
    t.resolve(who)
    t.wait(60)
    t.answer(t.story.thanks)
    t.confirm()


@case("stock-yesterday", days=16, by="noda", with_="mori fujita nagai tsukuba-lin", place="Plant 2")
def back_and_forth(t: Case) -> None:
    """Handed on more than ten times, and some parties have it for the third time."""
    t.opened(wish=t.day(-6))
    t.up(t.story.up)
    t.ago(days=15)
    t.ask(t.worker(t.holder), t.story.ask)
    t.ago(days=14)
    t.answer(t.story.answer)
    t.up(t.story.deeper, step=2)
    t.ago(days=12.5)
    t.out(accepted=60, ticket="TE-71544")
    t.ago(days=11)
    t.hand_back(t.story.found or "")
    t.ago(days=10)
    t.hand_off(t.worker(t.holder), "apps", t.say("return"), reason="other")
    t.ago(days=9.8)
    t.accept()
    t.promise(t.worker(t.holder), t.day(-6))
    t.ago(days=8)
    t.hand_off(t.worker(t.holder), "desk", t.say("return"), reason="other")
    t.wait(30)
    t.accept()
    t.ask(t.worker(t.holder), "Was this morning's list right for the night's picks?")
    t.ago(days=7)
    t.answer(t.say("not_solved"))
    t.up(t.say("again"))
    t.ago(days=5)
    t.up(t.say("again"), step=2, accepted=90)
    t.ago(days=4)
    t.out(accepted=200, ticket="TE-71799")
    t.ago(days=2)
    t.hand_back(t.say("own_found"))
    t.promise(t.worker(t.holder), t.day(1))


@case("osaka-floor", days=2, hours=1, by="arai", with_="matsuda ono hoshino-nohara", floor="7")
def from_osaka_to_a_partner(t: Case) -> None:
    """The other desk's path."""
    t.opened(wish=t.day(1))
    who = t.up(t.story.up)
    t.note(who, t.story.note)
    t.ago(days=1)
    t.out(accepted=30, ticket="HN-88305")


@case("osaka-ja-phone", days=2, hours=3, by="onishi", with_="matsuda ono hoshino-kase aoki")
def handed_on_from_a_partner(t: Case) -> None:
    """The partner had it; the cause is on our side."""
    t.opened(wish=t.day(2))
    who = t.up(t.story.up)
    t.ago(days=1, hours=6)
    t.out(ticket="HN-88297")
    t.ago(days=1)
    t.to_partner(t.worker(t.holder), t.say("partner_took"))
    t.ago(hours=6)
    t.hand_off(who, "platform", t.say("pass_on"), reason="wrong_group")
    t.wait(25)
    t.accept()
