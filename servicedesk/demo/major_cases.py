"""Major incidents: one that is over and reviewed, one that goes on, one proposed, one refused."""

from __future__ import annotations

from datetime import date
from functools import partial

from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.demo.letterbox import telling
from servicedesk.demo.me_too import confirm, link, me_too, proposal
from servicedesk.escalation import commands as hands
from servicedesk.incidents import commands as incidents
from servicedesk.major import commands as majors
from servicedesk.major import resolving
from servicedesk.major.commands import Action
from servicedesk.selection import commands as selection

CASES: list[Featured] = []
case = partial(featured, CASES)

ORDERS = "Orders cannot be saved in the ERP / 受注が登録できません（ERP）"
WIRELESS = "Wireless network of Plant 2 is down / 第2工場の無線LANが使えません"


# Over, and reviewed


@case(
    "order-500", before_meeting=3, by="fujii", with_="mori fujita nagai", place="the export team",
    time="10:05",
)  # fmt: skip
def orders_of_all(t: Case) -> Script:
    """Last month no order could be saved for two hours."""
    t.left_alone = True
    t.opened(wait=4)
    yield t.after(9)
    t.do(hands.hand_off, "apps", by="mori", note=t.story.up, reason="skill")
    yield t.after(13)
    t.do(incidents.take, by="fujita")
    yield t.after(15)
    why = "Tokyo, Osaka and Export call: nobody can save an order. The last truck leaves at 15:00."
    t.do(majors.propose, why, by="mori")
    yield t.after(19)
    confirm(t, ORDERS, by="kubota", coordinator="nagai")
    yield t.after(24)
    link(t, ["orders_of_tokyo", "orders_of_osaka"], by="mori")
    yield t.after(47)
    t.do(majors.update, ORDERS_AT_47, by="nagai")
    yield t.after(52)
    t.do(hands.hand_off, "erp", by="fujita", note=t.story.deeper, reason="skill")
    yield t.after(57)
    t.do(incidents.take, by="nagai")
    yield t.after(74)
    t.do(majors.update, ORDERS_AT_74, by="nagai")
    yield t.after(118)  # half an hour later would have been 104: one is missed
    t.do(majors.update, ORDERS_AT_118, by="nagai")
    yield t.after(141)
    t.do(majors.stand_down, ORDERS_OVER, by="kubota")
    yield t.after(144)
    with telling(t.stage, t.at):
        nagai = t.person("nagai")
        done = resolving.resolve_all(
            t.number, "solved", t.story.done, actor=nagai, now=t.at, root_cause=t.story.cause or ""
        )
        selection.go_on(done, t.at)
    yield t.after(175)
    t.do(incidents.close, by="fujii")
    yield t.stage.calendar().reach(t.at, 9 * 3600)
    t.do(majors.review, REVIEW, _actions(t), by="nagai")


ORDERS_AT_47 = (
    "原因は昨夜取り込まれた価格表とみて調査しています。受注は紙で控え、復旧後に登録してください。\n"
    "We suspect the price list that was loaded last night. Please keep orders on paper for now."
)
ORDERS_AT_74 = (
    "通貨コードのない価格データが14件見つかりました。削除の影響を確認しています。\n"
    "14 price rows have no currency. We are checking that they can be removed safely."
)
ORDERS_AT_118 = (
    "該当データを削除し、東京営業部で登録できることを確認しました。全拠点への反映を進めています。\n"
    "The rows are removed, and Tokyo sales can save orders again. The other sites follow."
)
ORDERS_OVER = (
    "全拠点で受注を登録できるようになりました。紙で控えた受注は本日中に登録をお願いします。\n"
    "All sites can save orders again. Please enter what you have on paper today."
)
REVIEW = {
    "what": (
        "午前中の約2時間、すべての拠点で受注を登録できなかった。紙で控えた受注は42件で、当日中に登録した。"
        "15時の最終便は30分遅らせて出荷できた。"
    ),
    "cause": (
        "前夜に取り込んだ価格表に通貨コードのない行が14件あり、保存時の価格計算がすべて失敗した。"
        "取り込み時の検査に必須項目の確認がなかった。"
    ),
    "better": (
        "・取り込み時に必須項目を検査する\n・価格表は営業日の朝に取り込まない\n"
        "・情報の更新が一度遅れたため、次回は調査担当と連絡担当を分ける"
    ),
}


def _actions(t: Case) -> list[Action]:
    def day(days: int) -> date | None:
        return t.stage.working_day(days).day

    return [
        Action("取り込み時に通貨コードなどの必須項目を検査する", "永井", day(5)),
        Action(
            "Move the loading of price lists to the evening, with a test order", "Fujita", day(8)
        ),
        Action("紙の受注票を各拠点に50枚ずつ備える", "堀", day(-4)),
    ]


@case(
    "order-500", before_meeting=2.99, by="yamamoto", with_="hara", place="Tokyo sales",
    time="10:05",
)  # fmt: skip
def orders_of_tokyo(t: Case) -> Script:
    """Reported by phone before it was known that it is the same for all."""
    t.left_alone = True
    t.log(channel="phone")
    yield t.at


@case("order-500", before_meeting=2.98, by="yoshida", place="Osaka", time="10:05")
def orders_of_osaka(t: Case) -> Script:
    """Reported before it was known, too."""
    t.left_alone = True
    t.log()
    yield t.at


CASES += me_too(
    CASES[0], ORDERS,
    (22, "onishi", "大阪でも登録できません。お客様をお待たせしています。"),
    (26, "watabe", "東京営業部です。見積からの変換でも同じエラーになります。"),
    (31, "takeda", ""),
    (38, "nishimura", "本日締めの受注が8件あります。"),
)  # fmt: skip


# Going on


@case("scanners", minutes=98, by="iwasaki", with_="mori", place="hall D of Plant 2", a="4", b="8")
def wireless_of_plant_2(t: Case) -> Script:
    """The shipping of a plant stands still; the next update is due in some minutes."""
    t.left_alone = True
    t.log(impact=1, urgency=1)
    yield t.after(5)
    t.do(incidents.take, by="mori")
    t.do(incidents.comment, "reply", t.story.reply, by="mori")
    yield t.after(8)
    t.do(hands.hand_off, "network", by="mori", note=t.story.up, reason="skill")
    yield t.after(12)
    t.do(incidents.take, by="ono")
    yield t.after(14)
    why = "Scanners, tablets and the forklift terminals of the whole plant are offline."
    t.do(majors.propose, why, by="mori")
    yield t.after(18)
    confirm(t, WIRELESS, by="kawai", coordinator="ito")
    yield t.after(23)
    link(t, ["labels_of_plant_2"], by="mori")
    yield t.after(46)
    t.do(majors.update, WIRELESS_AT_46, by="ito")
    yield t.after(52)
    t.do(hands.hand_off, "hoshino", by="ono", note=t.story.partner, reason="vendor")
    yield t.after(58)
    t.do(hands.accept, 2, by="hoshino-nohara")
    t.do(hands.note_ticket, 2, "HN-88371", by="hoshino-nohara")
    yield t.after(75)
    t.do(majors.update, WIRELESS_AT_75, by="ito")


WIRELESS_AT_46 = (
    "第2工場の無線制御装置が再起動を繰り返しています。出荷は紙のピッキングリストで続けてください。\n"
    "The wireless controller of Plant 2 keeps restarting. Please go on with printed picking lists."
)
WIRELESS_AT_75 = (
    "予備機への切り替えをHoshino Networksと進めています。南側の棟は復旧しました。\n"
    "We are moving to the spare controller together with Hoshino Networks. The south hall is back."
)


@case("ja-warehouse-terminal", minutes=91, by="harada", zone="北側")
def labels_of_plant_2(t: Case) -> Script:
    """Reported a little later, before it was known that it is the same."""
    t.left_alone = True
    t.log()
    yield t.at


CASES += me_too(
    next(each for each in CASES if each.name == "wireless_of_plant_2"), WIRELESS,
    (21, "noda", "Goods issue stands still, two trucks are waiting at dock 3."),
    (27, "ueno", "生産管理部のタブレットもつながりません。"),
    (34, "matsumoto", ""),
    (57, "takeuchi", "フォークリフト端末で出庫指示を受け取れません。"),
)  # fmt: skip


# Proposed, and refused


@case("ja-mail-delay", minutes=41, by="murakami", with_="okamoto", n="3")
def proposed_as_major(t: Case) -> Script:
    """Somebody has to decide whether this is a major incident."""
    t.left_alone = True
    t.log(impact=1, urgency=2)
    yield t.after(6)
    t.do(incidents.take, by="okamoto")
    t.do(incidents.comment, "reply", t.story.reply, by="okamoto")
    yield t.after(24)
    why = (
        "営業、購買、経理の三部署から同じ連絡がありました。見積の回答期限が本日中の案件もあります。"
    )
    t.do(majors.propose, why, by="okamoto")


@case("plotter", days=2, hours=5, by="kato", with_="hara ogawa", n="4")
def refused_as_major(t: Case) -> Script:
    """It was proposed as major, and is none."""
    t.opened(wait=25, wish=t.day(2))
    t.up(t.story.up)
    yield t.before(days=1.8)
    t.do(majors.propose, "The whole drawing office cannot print its large drawings.", by="hara")
    yield t.before(days=1.7)
    why = (
        "It is one printer, and the plotter of Plant 1 can take the drawings until it is repaired."
    )
    t.do(majors.refuse, proposal(t), why, by="kawai")
