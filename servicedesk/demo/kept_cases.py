"""Cases of which those who work half the day hear when their quiet hours are over (E5)."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.demo.tale import soon
from servicedesk.escalation.work import commands as work
from servicedesk.mail import holding
from servicedesk.outbox import Notification

CASES: list[Featured] = []
case = partial(featured, CASES)


def finish(t: Case, n: int, text: str, *, by: str) -> None:
    """Finish what was asked; who has asked hears of it when their quiet hours end."""
    work.finish(t.number, n, text, actor=t.person(by), now=t.at)
    made = Notification.incident_id == t.incident.id, Notification.made_at == t.at
    with transaction() as session:
        notes = session.scalars(sa.select(Notification).where(*made)).all()
        kept = holding.gate(session, notes, t.stage.now)
        for note in notes:
            if note.id not in kept:
                session.delete(note)  # it went out long ago, as all that is past


@case("ja-erp-master", days=3, by="hayashi", with_="okamoto nagai", series="PM-20", n="210")
def done_in_the_afternoon(t: Case) -> Script:
    """Who has asked works mornings: both messages wait."""
    t.opened(wait=30)
    t.hand_off(t.worker(t.holder), "erp", t.story.up or "", reason="skill")
    t.wait(30, t.holder)
    t.accept()
    yield t.before(days=1.6)
    text = "保管場所が空欄の12件について、正しい棚番を生産管理部に確認してください。"
    t.do(work.request, "desk", "棚番の確認（12件）", text, by="nagai", due=t.stage.ahead(hours=6))
    text = "検証環境に、昨夜の本番データを写してください。"
    t.do(work.request, "platform", "検証環境の更新", text, by="nagai", due=t.stage.ahead(hours=9))
    yield t.before(hours=0.5)
    finish(t, 1, "12件の棚番を確認し、一覧に書き込みました。", by="okamoto")
    yield soon(t.at, 7)
    finish(t, 2, "検証環境を昨夜の本番データに更新しました。", by="maeda")


@case("monitor", days=2, hours=4, by="kondo", with_="hara ogawa", desk="1-22")
def done_in_the_morning(t: Case) -> Script:
    """Who has asked works afternoons."""
    t.opened(wait=30)
    t.hand_off(t.worker(t.holder), "workplace", t.story.up or "", reason="on_site")
    t.wait(30, t.holder)
    t.accept()
    yield t.before(days=1.4)
    text = "入荷したモニターのアームを、設置前に点検してください。"
    t.do(work.request, "minato", "モニターアームの点検", text, by="ogawa")
    text = "Please ask the requester when nobody works at the desk."
    t.do(work.request, "desk", "When can we come to desk 1-22?", text, by="ogawa")
    yield t.before(hours=0.6)
    finish(t, 1, "点検しました。耐荷重に問題ありません。", by="minato-hayama")
    yield soon(t.at, 9)
    finish(t, 2, "Any day after 16:00, says Ms Kondo.", by="hara")
