"""Cases between hands: questions, answers refused, nudges, and what goes back and forth."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.escalation import commands as hands
from servicedesk.escalation import returns
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.models import Incident, ReturnProposal

CASES: list[Featured] = []
case = partial(featured, CASES)

# Questions


@case("osaka-floor", days=2, by="yoshida", with_="nakao ono hoshino-nohara", floor="9")
def question_of_a_partner(t: Case) -> Script:
    """H2: the partner waits for an answer of the second tier."""
    t.opened(wish=t.day(1))
    t.up(t.story.up)
    yield t.before(days=1.3)
    t.give(
        "hoshino", t.story.partner, by="ono", reason="vendor",
        answer_by=t.stage.ahead(hours=8), share_requester=True,
    )  # fmt: skip
    yield t.before(days=1.2)
    t.do(hands.accept, 2, by="hoshino-nohara")
    t.do(hands.note_ticket, 2, "HN-88352", by="hoshino-nohara")
    yield t.before(hours=2.2)
    question = (
        "Two risers go up to the 9th floor, labelled R9-E and R9-W. Which of them feeds the desks "
        "by the window, and may we unplug it for ten minutes during office hours?"
    )
    t.do(hands.ask, 2, question, by="hoshino-nohara")


@case("clock-gate", days=5, by="sakai", with_="hara fujita tsukuba-lin", gate="A", n="6")
def question_of_a_partner_answered(t: Case) -> Script:
    """H2: asked and answered; the partner goes on."""
    t.opened(wait=50, wish=t.day(3))
    t.up(t.story.up, accepted=60)
    yield t.before(days=3.6)
    t.give("tsukuba", t.story.partner, by="fujita", reason="vendor")
    yield t.before(days=3.2)
    t.do(hands.accept, 2, by="tsukuba-lin")
    t.do(hands.note_ticket, 2, "TE-71841", by="tsukuba-lin")
    yield t.before(days=2.8)
    question = "Is the terminal of gate A the old model KT-2 or already the KT-5? The menus differ."
    t.do(hands.ask, 2, question, by="tsukuba-lin")
    yield t.before(days=2.5)
    answer = "It is a KT-2, serial number 20-1183. Gates B and C have the KT-5."
    t.do(hands.reply, 2, answer, by="fujita")
    yield t.before(days=1)
    text = "Found the setting for the KT-2. We send the firmware file tomorrow."
    t.do(hands.write, 2, text, by="tsukuba-lin")


@case("ja-pc-slow", days=3, by="kikuchi", with_="okamoto ogawa", n="20")
def question_of_a_group_answered(t: Case) -> Script:
    """H2: the second tier asks the desk, and has its answer."""
    t.opened(wait=35, wish=t.day(2))
    t.up(t.story.up)
    yield t.before(days=2.2)
    t.do(hands.ask, 1, "対象の5台の管理番号を教えてください。機種は同じでしょうか。", by="ogawa")
    yield t.before(days=1.9)
    answer = "AS-2190からAS-2194までの5台です。いずれも同じ機種、同時期の導入です。"
    t.do(hands.reply, 1, answer, by="okamoto")
    yield t.before(days=1)
    text = "5台とも同じ更新で失敗しています。明朝、更新ファイルを差し替えます。"
    t.do(incidents.comment, "note", text, by="ogawa")
    yield t.before(hours=3)
    t.do(incidents.resolve, "solved", t.story.done, by="ogawa", root_cause=t.story.cause)


# Answers that were not enough


@case(
    "stripes", days=5, by="uchida", with_="mori ogawa minato-segawa", place="gate office"
)  # fmt: skip
def answer_refused_and_given_again(t: Case) -> Script:
    """H2: what came back first did not do; the second time it did."""
    t.opened(wait=15, wish=t.day(0))
    t.up(t.story.up)
    yield t.before(days=4.5)
    t.give("minato", t.story.partner, by="ogawa", reason="vendor")
    yield t.before(days=4.3)
    t.do(hands.accept, 2, by="minato-segawa")
    t.do(hands.note_ticket, 2, "MP-20640", by="minato-segawa")
    yield t.before(days=3.4)
    t.do(hands.answer, 2, "Drum cleaned. The test page is fine.", by="minato-segawa")
    yield t.before(days=3)
    refused = (
        "Copies are clean, but prints from tray 2 have the stripe again after thirty pages. "
        "The counter still says 214 %: please replace the drum, as we had asked."
    )
    t.do(hands.refuse_answer, 2, refused, by="ogawa")
    yield t.before(days=1.8)
    t.do(hands.answer, 2, t.story.found, by="minato-segawa")
    yield t.before(days=1.5)
    t.do(incidents.resolve, "solved", t.story.done, by="ogawa", root_cause=t.story.cause)
    yield t.before(days=1)
    t.do(incidents.close, by="uchida")


@case("ja-print-jam", days=4, by="inoue", with_="hara ogawa minato-hayama", floor="6")
def answer_refused(t: Case) -> Script:
    """H2: the partner has it again, and its clocks go on."""
    t.opened(wait=30, wish=t.day(1))
    t.up(t.story.up)
    yield t.before(days=3.2)
    t.give("minato", t.story.partner, by="ogawa", reason="vendor")
    yield t.before(days=2.9)
    t.do(hands.accept, 2, by="minato-hayama")
    t.do(hands.note_ticket, 2, "MP-20712", by="minato-hayama")
    yield t.before(days=1.5)
    t.do(hands.answer, 2, "センサーを清掃しました。ご確認ください。", by="minato-hayama")
    yield t.before(hours=5)
    refused = (
        "清掃後も30枚ほどでJ-27が再発しました。清掃では改善しないため、"
        "センサーの交換をお願いします。交換予定日もあわせてご回答ください。"
    )
    t.do(hands.refuse_answer, 2, refused, by="ogawa")


# Pressed for an answer


@case("bounce-pdf", days=7, by="ishii", with_="mori maeda kawasaki-doi", n="8")
def partner_was_nudged(t: Case) -> Script:
    """Pressed on three days; the date asked for has passed."""
    t.opened(wait=50, wish=t.day(-1))
    t.up(t.story.up)
    yield t.before(days=5.5)
    by = t.stage.ago(days=2)
    t.give("kawasaki", t.story.partner, by="maeda", reason="contract", answer_by=by)
    yield t.before(days=5)
    t.do(hands.accept, 2, by="kawasaki-doi")
    t.do(hands.note_ticket, 2, "KD-4496", by="kawasaki-doi")
    for days in (3, 2):
        yield t.before(days=days)
        t.do(hands.nudge, 2, by="maeda")
    yield t.before(days=1.6)
    t.do(hands.write, 2, t.say("chased"), by="kawasaki-doi")
    yield t.before(days=1)
    t.do(hands.nudge, 2, by="maeda")


# Past a partner, and back again


@case(
    "kaizen-readonly", days=4, by="kato", with_="mori maeda kawasaki-katayama", folder="tooling"
)  # fmt: skip
def returned_past_a_partner(t: Case) -> Script:
    """H2: handed on from the partner; sent back it returns to who had given it to the partner."""
    t.opened(wish=t.day(1))
    t.up(t.story.up)
    yield t.before(days=3.3)
    t.give("kawasaki", t.story.partner, by="maeda", reason="contract")
    yield t.before(days=3.1)
    t.do(hands.accept, 2, by="kawasaki-katayama")
    yield t.before(days=2)
    t.give(
        "network", "The partner sees its volume as writable. Please check whether "
        "the file server is reached by its second address.", by="maeda", reason="wrong_group",
    )  # fmt: skip
    yield t.before(days=1.4)
    t.do(
        hands.send_back, 3, "Both addresses answer, and nothing is filtered between. The share "
        "itself says read-only: this is not the network.", by="ito",
    )  # fmt: skip
    yield t.before(hours=3)
    t.do(incidents.comment, "note", t.story.note, by="maeda")


@case("cad-export", days=4, by="fukuda", with_="mori fujita", what="the weld signs")
def return_waits_for_the_lead(t: Case) -> Script:
    """H5: the desk wants to hand it back a second time, and its lead is asked."""
    t.opened(wait=40, wish=t.day(2))
    t.up(t.story.up)
    yield t.before(days=2.5)
    t.give("desk", t.say("return"), by="fujita", reason="other")
    yield t.before(days=2.2)
    t.do(incidents.take, by="mori")
    t.do(incidents.comment, "reply", t.say("progress"), by="mori")
    yield t.before(hours=0.4)
    t.give(
        "apps", "The converter of last week's release loses them again. The desk "
        "cannot roll it back; please look at it once more.", by="mori", reason="again",
    )  # fmt: skip


@case("osaka-ja-phone", days=5, by="hori", with_="matsuda ono", n="3")
def return_allowed(t: Case) -> Script:
    """H5: the lead has let it go back."""
    t.opened(wait=40, wish=t.day(1))
    t.up(t.story.up)
    yield t.before(days=4)
    note = "設定に異常はありません。電話機側の確認をお願いします。"
    t.give("osaka", note, by="ono", reason="other")
    yield t.before(days=3.6)
    t.do(incidents.take, by="matsuda")
    yield t.before(days=2.5)
    note = "電話機を交換しましたが改善しません。同じ時刻に全席で発生するため、再度お願いします。"
    t.give("network", note, by="matsuda", reason="again")
    yield t.before(days=2.45)
    t.do(returns.allow, _asked(t), by="nakao")
    yield t.before(days=2.2)
    t.do(incidents.take, by="ono")
    yield t.before(days=1)
    t.do(incidents.resolve, "solved", t.story.done, by="ono", root_cause=t.story.cause)


@case("meeting-sound", days=3, by="kaneko", with_="hara ogawa", room="B1")
def return_refused(t: Case) -> Script:
    """H5: the lead has decided that it stays at the desk."""
    t.opened(wait=30, wish=t.day(1))
    t.up(t.say("pass_on"))
    yield t.before(days=2.3)
    t.give("desk", t.say("return"), by="ogawa", reason="other")
    yield t.before(days=2.1)
    t.do(incidents.take, by="hara")
    yield t.before(days=1.2)
    t.give(
        "workplace", "Tried all inputs, still no sound. I cannot think of "
        "anything else.", by="hara", reason="again",
    )  # fmt: skip
    yield t.before(days=1.15)
    why = (
        "Workplace has looked twice and the admin code is known to you since yesterday. "
        "Please set the input with it, and call me when it does not work."
    )
    t.do(returns.refuse, _asked(t), why, by="kawai")


def _asked(t: Case) -> int:
    """Give the number of the return that waits."""
    query = sa.select(ReturnProposal.n).join(Incident)
    query = query.where(Incident.number == t.number, ReturnProposal.state == "asked")
    return t.stage.session.scalars(query).one()
