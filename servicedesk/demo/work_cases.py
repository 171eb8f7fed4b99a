"""Cases for work requests: asked of groups and partners side by side, while one keeps it."""

from __future__ import annotations

from functools import partial

from servicedesk.demo import letterbox
from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands as incidents

CASES: list[Featured] = []
case = partial(featured, CASES)
KOYO = ("光洋電機 工事課", "koji@koyo-denki.example")


@case("osaka-move", days=7, by="onishi", with_="nakao", n="9")
def work_side_by_side(t: Case) -> Script:
    """H6: done, late, sent back and asked again, one to be done first; by portal and by mail."""
    t.opened(wait=90, wish=t.day(4), with_file=True)
    t.promise(t.worker(t.holder), t.day(4))
    yield t.before(days=5.5)
    t.do(
        work.request, "network", "ポートの設定変更(9席分)",
        "座席表の9席について、移設先のポートを業務用VLANに変更してください。",
        by="nakao", due=t.stage.ago(days=3),
    )  # fmt: skip
    t.do(
        work.request, "koyo", "床下のLAN配線と電源の増設(9席分)",
        "7階の窓側に9席分のLANと電源をお願いします。作業は18時以降、立ち会いは松田です。",
        by="nakao", mailed=True, due=t.stage.ahead(hours=20), must_finish=True,
    )  # fmt: skip
    t.do(
        work.request, "hoshino", "代表番号の着信先の変更",
        "移設日の18時に、代表番号の着信先を新しい席の電話機に変更してください。",
        by="nakao", due=t.stage.ago(days=1),
    )  # fmt: skip
    t.do(
        work.request, "workplace", "ドッキングステーション9台の準備",
        "移設日の前日までにお願いします。",
        by="nakao", due=t.stage.ago(days=2),
    )  # fmt: skip
    yield t.before(days=5.2)
    t.do(work.accept, 1, by="ono")
    t.do(work.accept, 3, by="hoshino-kase")
    t.do(work.note_ticket, 3, "HN-88340", by="hoshino-kase")
    yield t.before(days=4.6)
    mail = "#ticket KY-2231\n#accept\n現場を確認しました。部材は手配済みです。"
    to = letterbox.reply_address(t.stage.session, t.incident.id, "work_requested", n=2)
    letterbox.write(t.stage, t.at, KOYO, to, "Re: 床下のLAN配線と電源の増設", mail)
    yield t.before(days=4)
    reason = "在庫は5台です。残り4台は来月の入荷になります。5台での依頼に変更をお願いします。"
    t.do(work.send_back, 4, reason, by="ogawa")
    yield t.before(days=3.8)
    t.do(
        work.request, "workplace", "ドッキングステーション5台の準備",
        "5台で結構です。残りは来月の入荷後に改めて依頼します。",
        by="nakao", due=t.stage.ahead(hours=12),
    )  # fmt: skip
    yield t.before(days=3.4)
    t.do(work.finish, 1, "9席分のポートを変更し、全ポートで疎通を確認しました。", by="ono")
    yield t.before(hours=6)
    text = "代表番号の着信先変更の期日を過ぎています。状況をお知らせください。"
    t.do(work.write, 3, text, by="nakao")


@case("new-joiner", days=4, by="abe", with_="kawai", day="sixteenth", app="CAD", n="07")
def work_to_be_done_first(t: Case) -> Script:
    """H6: it can't be resolved before the licence is there."""
    t.opened(wait=40, wish=t.day(5))
    yield t.before(days=3.5)
    t.do(
        work.request, "platform", "Account, mailbox and VPN for the new joiner",
        by="kawai", due=t.stage.ago(days=1.5),
    )  # fmt: skip
    t.do(
        work.request, "apps", "CAD licence and the drawing template",
        "One more named licence is needed; the pool was full last week.",
        by="kawai", due=t.stage.ahead(hours=16), must_finish=True,
    )  # fmt: skip
    yield t.before(days=3)
    t.do(work.accept, 1, by="maeda")
    t.do(work.accept, 2, by="fujita")
    yield t.before(days=2)
    text = "Account and mailbox are there, the VPN certificate is in the envelope at the desk."
    t.do(work.finish, 1, text, by="maeda")
    yield t.before(days=1.5)
    t.do(incidents.comment, "reply", t.say("progress"), by="kawai")
