"""Cases for each state: new, in progress, each kind of hold, resolved, reopened, cancelled."""

from __future__ import annotations

from functools import partial

from servicedesk.demo.case import Case, Featured, featured

CASES: list[Featured] = []
case = partial(featured, CASES)

# New


@case("new-joiner", hours=0.75, by="okada", day="second Monday", app="the quality database")
def new_unassigned(t: Case) -> None:
    """Nobody has taken it yet."""
    t.log(wish=t.day(5))


@case("toner-labels", hours=0.25, n="14")
def new_without_hurry(t: Case) -> None:
    """P5, just logged."""
    t.log(wish=t.day(7), with_file=True)


@case("osaka-projector", hours=0.6, by="hori")
def new_in_osaka(t: Case) -> None:
    """New at the other desk."""
    t.log(channel="phone", wish=t.day(2))


@case("ja-pc-app", hours=1.8, app="図面ビューア")
def new_without_wish(t: Case) -> None:
    """Nobody said by when."""
    t.log()


@case("excel-licence", hours=2.5, by="kaneko", time="ten minutes")
def assigned_by_the_lead(t: Case) -> None:
    """Given to somebody who has not answered yet."""
    t.log(wish=t.day(3))
    t.wait(30)
    t.assign(t.person("kawai"), t.person("mori"))


# In progress at each tier


@case("meeting-sound", days=1, hours=4, by="sato", with_="mori", room="4F")
def desk_works(t: Case) -> None:
    """First tier."""
    who = t.opened()
    t.wait(90)
    t.promise(who, t.hour(9))
    t.note(who, t.story.note)


@case("ja-print-driver", hours=5, with_="hara", place="経理部")
def desk_works_on_a_request(t: Case) -> None:
    """A request at the first tier."""
    t.promise(t.opened(wish=t.day(1)), t.day(1))


@case("ja-meeting-cam", hours=6, by="murakami", with_="okamoto", tried="別のヘッドセット")
def desk_works_today(t: Case) -> None:
    """Wished for today."""
    who = t.opened(wish=t.day(0), channel="phone")
    t.promise(who, t.day(0))


@case("clock-gate", days=7, by="nishida", with_="hara tanaka", gate="B", n="4")
def second_tier_works(t: Case) -> None:
    """Second tier, for days, with a date promised though none was wished for."""
    t.opened(wait=60)
    t.ago(days=6.5)
    who = t.up(t.story.up)
    t.note(who, t.story.note)
    t.ago(days=3)
    t.promise(who, t.day(4))


@case("cad-41", days=1, hours=2, by="endo", with_="kawai ishikawa aoki", n="41st", m="38")
def third_tier_works(t: Case) -> None:
    """Third tier, through the second."""
    t.opened(wait=12, wish=t.hour(6.5))
    t.up(t.story.up)
    t.ago(hours=3.5)
    who = t.up(t.story.deeper, step=2, accepted=10)
    t.promise(who, t.hour(6.5))
    t.wait(30)
    t.note(who, t.story.note)


@case("kaizen-readonly", days=2, hours=3, by="kato", with_="mori maeda", folder="kaizen")
def platform_works(t: Case) -> None:
    """Third tier, directly after the first."""
    t.opened(wish=t.hour(18))
    who = t.up(t.story.up)
    t.promise(who, t.hour(18))
    t.ago(days=1)
    t.reply(who, t.say("progress"))
    t.note(who, t.story.note)


@case("payroll-bank", days=1, hours=1, by="imai", with_="kawai fujita yamada", n="318")
def erp_core_works_confidentially(t: Case) -> None:
    """P2, confidential by its service."""
    t.opened(wait=15, wish=t.hour(5))
    t.up(t.story.up)
    t.ago(hours=6)
    who = t.up(t.story.deeper, step=2, accepted=25)
    t.promise(who, t.hour(5))
    t.note(who, t.story.note)


@case(
    "ja-pc-lost", hours=7, by="hasebe", with_="okamoto shibata", thing="ノートPC", place="羽田空港"
)
def marked_confidential(t: Case) -> None:
    """Confidential by its own mark."""
    t.opened(wait=8, channel="phone", confidential=True)
    t.up(t.story.up, accepted=8)


@case("ja-line-plc", hours=1, by="shibasaki", with_="kawai ito hoshino-kase", n="2", time="9時20分")
def most_urgent(t: Case) -> None:
    """P1 with a partner, round the clock."""
    t.opened(wait=3, channel="phone", wish=t.hour(1.5))
    who = t.up(t.story.up, accepted=4)
    t.promise(who, t.hour(2.5))
    t.wait(15, t.holder)
    t.note(who, t.story.note)
    t.out(accepted=9, ticket="HN-88341", share_requester=True)


# On hold, for each reason


@case("ja-night-account", days=2, hours=2, by="takahashi", with_="okamoto", n="2")
def waiting_for_the_requester(t: Case) -> None:
    """The requester has a question to answer."""
    who = t.opened(wish=t.day(1))
    t.ago(days=1)
    t.ask(who, t.story.ask)


@case("reset-mail", days=1, hours=6, by="watanabe", with_="mori maeda", shift="night shift")
def waiting_for_the_requester_above(t: Case) -> None:
    """A question of the third tier."""
    t.opened(wish=t.day(1))
    who = t.up(t.story.up)
    t.ago(hours=7)
    t.ask(who, t.story.ask)


@case("erp-role", days=1, hours=3, by="ishii", with_="hara", role="MM buyer")
def waiting_for_approval(t: Case) -> None:
    """The head of department has to agree."""
    who = t.opened(wish=t.day(4))
    t.ago(days=1)
    t.hold(who, "approval", t.stage.ahead(hours=16))


@case("monitor", days=4, by="ueda", with_="hara shibata", desk="2-14")
def waiting_for_delivery(t: Case) -> None:
    """Ordered."""
    t.opened(wish=t.day(4))
    who = t.up(t.story.up)
    t.ago(days=2)
    t.reply(who, t.say("delivery"))
    t.hold(who, "delivery", t.stage.ahead(hours=20))


@case("plc-vlan", days=5, by="hirano", with_="mori ono", hall="B", line="7", col="C3")
def waiting_for_a_change(t: Case) -> None:
    """For the next change window."""
    t.opened(wish=t.day(3))
    who = t.up(t.story.up)
    t.ago(days=4)
    t.ask(who, t.story.ask)
    t.ago(days=3.5)
    t.answer(t.story.answer, "delivery-note")
    t.ago(days=3)
    t.reply(who, t.say("change"))
    t.promise(who, t.day(3))
    t.hold(who, "change", t.stage.ahead(hours=14))


@case("shared-box", days=3, hours=4, by="fujii", with_="mori maeda", box="export")
def waiting_for_something_else(t: Case) -> None:
    """Watched for some days before it is called solved."""
    t.opened(impact=3)
    who = t.up(t.story.up)
    t.ago(days=1)
    t.reply(who, t.say("other"))
    t.hold(who, "other", t.stage.ahead(hours=12))


# Resolved, reopened, cancelled


@case("stripes", days=2, by="sato", with_="mori ogawa minato-segawa", place="3F")
def waiting_for_confirmation(t: Case) -> None:
    """Resolved yesterday; the requester has not said anything yet."""
    t.log(wish=t.day(0), with_file=True)
    t.wait(12)
    t.accept(t.worker(t.holder))
    t.reply(t.worker(t.holder), t.story.reply)
    who = t.up(t.story.up)
    t.note(who, t.story.note)
    t.out(ticket="MP-20718")
    t.ago(hours=5)
    t.hand_back(t.story.found or "")
    t.resolve(who)


@case("ja-print-color", days=3, by="takahashi", with_="okamoto ogawa minato-segawa", floor="3")
def waiting_for_confirmation_in_japanese(t: Case) -> None:
    """The same, for the employee who reads Japanese."""
    t.log(wish=t.day(0), with_file=True)
    t.wait(25)
    t.accept(t.worker(t.holder))
    t.reply(t.worker(t.holder), t.story.reply)
    who = t.up(t.story.up)
    t.out(ticket="MP-20699")
    t.ago(hours=6)
    t.hand_back(t.story.found or "")
    t.ago(hours=4)
    t.resolve(who)


@case("ja-mail-delay", days=3, by="ota", with_="hara aoki", n="2")
def reopened_and_open(t: Case) -> None:
    """Not solved, said the requester."""
    t.opened(wait=10)
    who = t.up(t.story.up)
    t.ago(days=2)
    t.resolve(who)
    t.ago(hours=3)
    t.reopen(t.say("not_solved"))


@case("blue-screen", days=9, by="garcia", with_="mori shibata", when="it wakes up")
def reopened_and_solved_again(t: Case) -> None:
    """Solved for good the second time."""
    t.opened(wait=10)
    who = t.up(t.story.up)
    t.ago(days=7)
    t.resolve(who, "workaround")
    t.ago(days=6)
    t.reopen(t.say("not_solved"))
    t.ago(days=4)
    t.resolve(who, "solved", t.say("solved_again"))
    t.ago(days=3)
    t.confirm()


@case("ja-guest-wifi", days=2, by="suzuki", with_="hara", company="監査法人", people="5")
def cancelled_by_the_requester(t: Case) -> None:
    """Not needed any more."""
    t.opened(wait=60, wish=t.day(2))
    t.ago(days=1)
    t.answer(t.say("withdrawn"))
    t.cancel(t.requester)


# Long and stagnant ones


@case("drive-full", days=9, by="hasegawa", with_="mori maeda kawasaki-doi", drive="S", n="11")
def stagnant_with_a_partner(t: Case) -> None:
    """Nobody has touched it for more than a week."""
    t.opened(wait=60, wish=t.day(6))
    t.up(t.story.up)
    t.ago(days=8)
    t.out(ticket="KD-4471")


@case("osaka-move", days=11, by="nishimura", with_="nakao", n="6")
def stagnant_at_the_desk(t: Case) -> None:
    """Waits for nothing, and yet nothing happens."""
    who = t.opened(wait=200, wish=t.day(-2), with_file=True)
    t.ago(days=10)
    t.promise(who, t.day(-2))


@case("invoice-pdf", days=33, by="nguyen", with_="kawai fujita yamada", country="Poland")
def long_running(t: Case) -> None:
    """Open for more than six weeks, with a promise that moved three times."""
    t.opened(impact=2, urgency=3, wish=t.day(-14))
    second = t.up(t.story.up)
    t.ago(days=31)
    t.ask(second, t.story.ask)
    t.ago(days=29)
    t.answer(t.story.answer)
    t.promise(second, t.day(-14))
    t.ago(days=24)
    who = t.up(t.story.deeper, step=2, accepted=200)
    t.ago(days=16)
    t.promise(who, t.day(-5))
    t.hold(who, "change", t.stage.ago(days=12))
    t.end_hold()
    t.note(who, t.story.note)
    t.ago(days=6)
    event = t.promise(who, t.day(3))
    t.reply(who, t.say("chased"))
    t.ago(days=5)
    t.answer_promise(event, accept=True)
