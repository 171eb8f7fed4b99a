"""What goes on beside the incidents: companies' people, meetings, mails that nobody expected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from servicedesk import times
from servicedesk.bridge import deciding
from servicedesk.demo import letterbox, looking_back, on_call, webhooks
from servicedesk.demo.case import Script
from servicedesk.demo.going_on import Affair
from servicedesk.demo.work_cases import KOYO
from servicedesk.partners.company import commands as company
from servicedesk.partners.company.commands import New
from servicedesk.partners.meetings import commands as meetings
from servicedesk.partners.meetings import queries
from servicedesk.partners.meetings.commands import Changes, Resolved, Said
from servicedesk.partners.meetings.models import THEM, US

INBOX = letterbox.INBOX


def _partner(it: Affair, key: str) -> int:
    return int(it.stage.party(key).ref.partition(":")[2])


def colleagues(it: Affair) -> Script:
    """Companies look after their own people: one has added somebody, one let somebody go."""
    yield it.stage.ago(days=24)
    new = New("Wada Ken", "wada@tsukuba-erp.example", language="en")
    wada = it.do(company.add, "tsukuba", new, by="tsukuba-oda")
    yield it.stage.ago(days=11)
    new = New("水野 空", "mizuno@hoshino-networks.example", "03-5550-0148", "ja")
    it.do(company.add, "hoshino", new, by="hoshino-nohara")
    yield it.stage.ago(days=6)
    it.do(company.disable, "tsukuba", wada, by="tsukuba-oda")


# What is talked over with partner companies


def meeting_by_mail_partner(it: Affair) -> Script:
    """Held last month with two decisions and the next actions; the next one is prepared."""
    id = _partner(it, "koyo")
    yield it.stage.ago(days=1, before=it.stage.meeting)
    n = it.do(meetings.open_meeting, id, _after(it, 0), by="ito")
    yield it.stage.meeting + timedelta(minutes=20)
    cable, camera = it.told("answered_by_mail"), it.told("with_a_partner_by_mail_for_long")
    _save(it, id, n, {
        ("handoff", cable.incident.id, 2): Said("施工と測定結果の提出", _after(it, 3), THEM),
        ("handoff", camera.incident.id, 2): Said("交換部材の納期を確認", _after(it, 5), THEM),
    }, [
        Resolved("屋外ケーブルの予備品を倉庫に常備する(20m×2本)", KOYO[0], _after(it, 10)),
        Resolved("測定結果の様式を統一し、回答メールに添付する", "伊藤", _after(it, 2), done=True),
    ])  # fmt: skip
    yield it.stage.meeting + timedelta(minutes=55)
    it.do(meetings.hold, id, n, by="ito", version=_version(it, id, n))
    yield it.stage.ago(days=1.4)
    n = it.do(meetings.open_meeting, id, it.stage.working_day(4).day, by="ito")
    yield it.stage.ago(days=1.3)
    key = ("handoff", camera.incident.id, 2)
    _save(it, id, n, {key: Said("納品日の回答。遅れる場合は仮配線を検討", _ahead(it, 4), THEM)}, [])


def meeting_of_network_partner(it: Affair) -> Script:
    """The first one with a company that signs in; its sheet is being prepared."""
    id = _partner(it, "hoshino")
    yield it.stage.ago(days=1)
    n = it.do(meetings.open_meeting, id, it.stage.working_day(3).day, by="ito")
    yield it.stage.ago(days=0.9)
    dock = it.told("with_a_partner_for_long")
    floor = it.told("question_of_a_partner")
    _save(it, id, n, {
        ("handoff", dock.incident.id, 2): Said(
            "Bring the measurement of the outdoor cable", _ahead(it, 3), THEM),
        ("handoff", floor.incident.id, 2): Said(
            "Send the riser plan of Osaka 9F", _ahead(it, 1), US),
    }, [Resolved("Night shifts get a named contact at the NOC", "Nohara Hina", _ahead(it, 10))],
        "Asagiri: Ito, Ono\nHoshino Networks: Nohara, Kase")  # fmt: skip


def _save(
    it: Affair, id: int, n: int, items: Mapping[queries.Key, Said], new: list[Resolved],
    who: str = "朝霧精機: 伊藤、小野\n光洋電機 工事課: 大久保様、平田様",
) -> None:  # fmt: skip
    """Keep what is typed into a draft."""
    row = queries.find(it.stage.session, id, n)
    if row is None:
        raise LookupError("meeting")
    changes = Changes(row.day, row.since, row.participants or who, items, {}, new)
    it.do(meetings.save, id, n, changes, by="ito", version=row.version)


def _version(it: Affair, id: int, n: int) -> int:
    row = queries.find(it.stage.session, id, n)
    return row.version if row else 0


def _after(it: Affair, days: int) -> date:
    """Give a day some working days after last month's meeting."""
    at = it.stage.calendar().reach(it.stage.meeting, days * 8 * 3600)
    return times.local_day(at, it.stage.setup.zone)


def _ahead(it: Affair, days: int) -> date | None:
    return it.stage.working_day(days).day


# Mails


def mail_from_a_private_address(it: Affair) -> Script:
    """To the right address, but from an address that was not given it."""
    yield it.stage.ago(days=1.6)
    camera = it.told("with_a_partner_by_mail_for_long")
    to = letterbox.reply_address(it.stage.session, camera.incident.id)
    text = (
        "お世話になっております。光洋電機の平田です。\n"
        "部材は来週水曜に入荷予定です。外出先のため個人の携帯から失礼します。"
    )
    sender = ("平田", "hirata.kozo@mobile-mail.example")
    letterbox.write(it.stage, it.at, sender, to, f"Re: {camera.story.title}", text)


def mail_after_the_end(it: Affair) -> Script:
    """About a hand-off that was answered and has ended."""
    yield max(it.stage.ago(days=3), it.stage.calendar().reach(it.stage.meeting, 2 * 8 * 3600))
    cable = it.told("answered_by_mail")
    to = letterbox.reply_address(it.stage.session, cable.incident.id)
    text = "測定結果の2枚目を添付し忘れておりました。お手数ですが差し替えをお願いいたします。"
    letterbox.write(
        it.stage, it.at, KOYO, to, f"Re: {cable.story.title}", text, "delivery-note"
    )  # fmt: skip


def mail_of_somebody_unknown(it: Affair) -> Script:
    """From a customer whom nobody here knows."""
    yield it.stage.ago(hours=3)
    text = (
        "Dear IT team,\n\nsince this morning our EDI orders to your Plant 2 are refused with "
        "“certificate expired”. Ms Okada in logistics gave us this address. Could somebody look "
        "at it today? 38 orders are waiting.\n\nBest regards\nJonas Weber, Miyuki Logistics"
    )
    sender = ("Jonas Weber", "edi@miyuki-logistics.example")
    letterbox.write(it.stage, it.at, sender, INBOX, "EDI orders refused since 06:40", text)


def mail_that_nobody_vouches_for(it: Affair) -> Script:
    """An employee's own address, but nothing says that it is theirs."""
    yield it.stage.ago(hours=5)
    text = "出張先からです。経費精算の画面が開けません。本日中に申請が必要です。"
    sender = ("山本 大輔", "yamamoto@asagiri.example")
    letterbox.write(it.stage, it.at, sender, INBOX, "経費精算の画面が開けません", text)


def mail_that_was_decided(it: Affair) -> Script:
    """Of no use: thrown away."""
    yield it.stage.ago(days=6)
    sender = ("TonerDirect", "offers@toner-direct.example")
    text = "Original toner for all makes, minus 40 % this week only. Answer this mail to order."
    taken = letterbox.write(it.stage, it.at, sender, INBOX, "Toner minus 40 %", text)
    yield it.stage.ago(days=5.5)
    it.do(deciding.throw_away, taken.id, by="mori")


def automatic_answer(it: Affair) -> Script:
    """Dropped by itself: an absence note to a message of the desk's."""
    yield it.stage.ago(days=1.9)
    camera = it.told("with_a_partner_by_mail_for_long")
    to = letterbox.reply_address(it.stage.session, camera.incident.id)
    text = "本日は現場作業のため不在にしております。お急ぎの場合はお電話ください。"
    letterbox.write(
        it.stage, it.at, KOYO, to, "自動応答: 不在のお知らせ", text, Auto_Submitted="auto-replied"
    )  # fmt: skip


AFFAIRS = (
    colleagues,
    meeting_by_mail_partner,
    meeting_of_network_partner,
    mail_from_a_private_address,
    mail_after_the_end,
    mail_of_somebody_unknown,
    mail_that_nobody_vouches_for,
    mail_that_was_decided,
    automatic_answer,
    *on_call.COURSES,
    *webhooks.COURSES,
    *looking_back.COURSES,
)
