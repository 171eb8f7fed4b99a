"""What the demo's manager has to say beside the figures: remarks, and actions month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox, times
from servicedesk.demo.case import Script
from servicedesk.demo.going_on import Affair
from servicedesk.people.models import Person
from servicedesk.reports import actions, approvals, commands, queries, remarks
from servicedesk.reports.actions import Said
from servicedesk.reports.approvals import Answer
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.remarks import Remarks
from servicedesk.reports.seals import DONE, DROPPED
from servicedesk.setup.snapshot import directory

WAITING = "partner:hoshino"  # the edition that nobody has approved yet
MANAGER, DIRECTOR, EVERYTHING = "kubota", "mizushima", "all"
EARLIER = Remarks(
    "Answers of partner companies are what takes longest. Their times are looked at in the "
    "monthly meetings from now on.\n"
    "協力会社の回答待ちが最も長い。今後、毎月の定例会議で回答時間を確認する。"
)
LAST = Remarks(
    "The groups and the partner companies now look at the same three dates: wished for, promised, "
    "target. Where a wished day was missed, the causes by party say in whose hands the time was.\n"
    "各グループと協力会社が、希望・約束・目標の三つの日付を共有した。"
    "希望納期の未達は、担当別の要因に内訳を示す。",
    "A second line for Osaka in next year's budget: quotes of two carriers will be compared.\n"
    "大阪拠点の回線二重化を来期予算に計上すること(2社の見積を比較する)。",
)
RUNNING = Remarks("Plant 1: the line terminals, and what is done so that they do not fail again.")


@dataclass(frozen=True)
class Action:
    """What is to be done, by when (working days after the month), and what became of it."""

    what: str
    who: str
    days: int
    state: str = ""
    note: str = ""


OF_EARLIER = (
    Action("Answer times for print faults with Minato Print / 印刷障害の回答時間の取り決め",
           "Shibata", 12, DONE, "Agreed in the monthly meeting / 定例会議で合意"),
    Action("ERP month-end checks for the Osaka desk / 大阪窓口のERP月末確認手順",
           "Nakao", 15, DONE, "Held twice / 2回実施"),
    Action("A VPN gateway of our own / 自社VPN装置の導入",
           "Ito", 18, DROPPED, "Comes with the new data centre / データセンター更改に含める"),
    Action("Spare switches for Plant 2 / 第2工場の予備スイッチ", "Ito", 45),
)  # fmt: skip
OF_LAST = (
    Action("Compare two quotes for a second line in Osaka / 大阪の回線二重化の見積比較", "Ito", 14),
    Action("Requests after 17:00: who answers at Hoshino / 星野の17時以降の連絡先", "Ono", 9),
    Action("Templates for the five most frequent purchases / 購入申請の定型文5種", "Kawai", 22),
)  # fmt: skip


def month_before_last(it: Affair) -> Script:
    """Said early last month, with four actions; since then two are done and one is dropped."""
    last = month_of(it.stage.now, it.stage.setup.zone).before
    yield _by_now(it, last.first, 3)
    ids = _say(it, last.before, EARLIER, OF_EARLIER)
    yield _by_now(it, last.after, 1)
    for id, action in zip(ids, OF_EARLIER, strict=True):
        if action.state:
            how = {"version": 1, "day": _day(it)}
            it.do(actions.change, id, _said(it, last.before, action), by=MANAGER, **how)


def last_month(it: Affair) -> Script:
    """Said early this month, with three actions."""
    last = month_of(it.stage.now, it.stage.setup.zone).before
    yield _by_now(it, last.after, 2)
    _say(it, last, LAST, OF_LAST)


def running_month(it: Affair) -> Script:
    """One sentence so far."""
    yield it.stage.now - timedelta(minutes=50)
    _say(it, month_of(it.stage.now, it.stage.setup.zone), RUNNING, ())


def seal(session: Session, languages: Sequence[str], now: datetime) -> tuple[str, list[bytes]]:
    """Seal last month's report in some languages and have it approved; gives month and files."""
    by = {person.key: person for person in session.scalars(sa.select(Person))}
    setup = directory(session)
    month = month_of(now, setup.zone).before.name
    asked = [commands.read(setup, month, language=language) for language in languages]
    with outbox.quiet(session):
        for one in asked:
            commands.make(one, now=now, author=by[MANAGER])
        waiting = approvals.waiting_for(session, by[DIRECTOR], now)
        for id in [it.id for it in waiting if it.period == month]:
            approvals.decide(id, Answer(approved=True), actor=by[DIRECTOR], now=now)
            commands.stamp(id)
        partners = commands.read(setup, month, WAITING)
        commands.make(partners, now=now, author=by[MANAGER])
    newest = [queries.sealed(session, *commands.place(one)) for one in asked]
    return month, [
        commands.read_newest(next(row for row in rows if row.language == one.language))
        for one, rows in zip(asked, newest, strict=True)
    ]


COURSES = (month_before_last, last_month, running_month)


def _say(it: Affair, month: Period, said: Remarks, todo: Sequence[Action]) -> list[int]:
    it.do(remarks.save, month.name, EVERYTHING, said, by=MANAGER, version=0)
    return [
        it.do(actions.add, month, EVERYTHING, _said(it, month, one, new=True), by=MANAGER,
              day=_day(it))
        for one in todo
    ]  # fmt: skip


def _said(it: Affair, month: Period, action: Action, *, new: bool = False) -> Said:
    until = times.local_day(_at(it, month.after, action.days), it.stage.setup.zone)
    if new:
        return Said(action.what, action.who, until)
    return Said(action.what, action.who, until, action.state, action.note)


def _day(it: Affair) -> date:
    return times.local_day(it.at, it.stage.setup.zone)


def _at(it: Affair, first: date, days: int) -> datetime:
    """Give an instant so many working days into a month."""
    begun = times.midnight(first, it.stage.setup.zone)
    return it.stage.calendar().reach(begun, days * 8 * 3600 - 3600)


def _by_now(it: Affair, first: date, days: int) -> datetime:
    """Give the same, but early in the month what was done just now."""
    return min(_at(it, first, days), it.stage.now - timedelta(hours=1))
