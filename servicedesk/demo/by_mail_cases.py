"""Cases of a partner that nobody signs in for: everything it does it writes by mail (H7)."""

from __future__ import annotations

from functools import partial

from servicedesk.demo import letterbox
from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.demo.work_cases import KOYO
from servicedesk.escalation import commands as hands
from servicedesk.incidents import commands as incidents

CASES: list[Featured] = []
case = partial(featured, CASES)


def mail(t: Case, text: str, *files: str) -> None:
    """Let the company answer the last message about its hand-off."""
    to = letterbox.reply_address(t.stage.session, t.incident.id)
    letterbox.write(t.stage, t.at, KOYO, to, f"Re: {t.story.title}", text, *files)


def hand_to_koyo(t: Case, note: str, by: str, reason: str = "on_site") -> None:
    """Hand it to the company: the message with the address for answers goes out."""
    t.give(
        "koyo", note, by=by, mailed=True, reason=reason, share_requester=True
    )  # fmt: skip


@case(
    "plc-vlan", before_meeting=9, by="hirano", with_="mori ono", hall="A", line="9", col="B12",
)  # fmt: skip
def answered_by_mail(t: Case) -> Script:
    """Accepted, done and answered by mail, and closed; open at last month's meeting."""
    t.opened(wait=60)
    t.up(t.story.up)
    yield t.around(-7)
    note = "Please lay 40 m of Cat 6A from cabinet H-2 to column B12, and send us the test report."
    hand_to_koyo(t, note, "ono")
    yield t.around(-6)
    mail(t, "#ticket KY-2207\n#accept\n承知しました。来週、現地調査に伺います。")
    yield t.around(-2)
    mail(t, "現地調査が完了しました。天井裏の経路で施工できます。\n施工は次回の休日に行います。")
    yield t.around(1)
    done = "#answer\n施工が完了しました。H-2盤からB12柱まで42m、測定結果は合格です。"
    mail(t, done, "delivery-note")
    yield t.around(1.4)
    t.do(incidents.resolve, "solved", t.story.done, by="ono")
    yield t.around(1.8)
    t.do(incidents.close, by="hirano")


@case("camera-dock", before_meeting=5, by="matsumoto", with_="hara ono", n="5")
def with_a_partner_by_mail_for_long(t: Case) -> Script:
    """It waits for a part: a line of both meetings."""
    t.opened(wait=40)
    t.up(t.story.up)
    yield t.around(-3.5)
    hand_to_koyo(t, t.story.partner or t.story.note, "ono")
    yield t.around(-3)
    mail(t, "#ticket KY-2211\n#accept\n屋外ケーブルの浸水と思われます。明日測定に伺います。")
    yield t.around(-1)
    mail(t, "測定の結果、ケーブルの不良でした。交換部材は取り寄せで3週間ほどかかります。")
    yield t.around(-0.6)
    t.do(incidents.comment, "reply", t.say("delivery"), by="ono")
    yield t.before(days=2)
    t.do(hands.nudge, 2, by="ono", mailed=True)
    t.do(hands.write, 2, t.say("chase"), by="ono", mailed=True)


@case("ja-wifi-meeting", days=5, by="watabe", with_="okamoto ono", floor="5", room="応接室")
def asked_and_answered_by_mail(t: Case) -> Script:
    """A question by mail, the desk's answer to it, and the answer, with which it was solved."""
    t.opened(wish=t.day(1))
    t.up(t.story.up)
    yield t.before(days=4)
    note = "応接室の天井にアクセスポイントを1台増設したいため、配線をお願いします。"
    hand_to_koyo(t, note, "ono")
    yield t.before(days=3.7)
    mail(t, "#ticket KY-2240\n#ask\n天井の点検口はありますか。また、作業は何時以降なら可能ですか。")
    yield t.before(days=3.4)
    t.do(
        hands.reply,
        2,
        "点検口は入口側に1か所あります。作業は18時以降にお願いします。",
        by="ono",
        mailed=True,
    )
    yield t.before(days=1.2)
    mail(t, "#answer\n配線が完了しました。点検口から応接室中央まで、導通と測定は合格です。")
    yield t.before(days=1)
    t.do(incidents.comment, "note", "配線完了。今朝APを取り付けた。", by="ono")
    yield t.before(hours=4)
    t.do(incidents.resolve, "solved", "アクセスポイントを増設しました。", by="ono")


@case("ja-warehouse-terminal", hours=5, by="harada", with_="okamoto ito", zone="返品")
def handed_off_by_mail_a_moment_ago(t: Case) -> Script:
    """The mail to the company goes out with the first ones; an answer to it can be tried."""
    t.opened(wish=t.day(4))
    t.up(t.story.up)
    yield t.stage.now - letterbox.A_MINUTE * 3
    hand_to_koyo(
        t, "返品ゾーンにアクセスポイントを1台増設します。配線の見積をお願いします。", "ito"
    )
