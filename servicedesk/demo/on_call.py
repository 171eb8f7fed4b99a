"""What the demo's people have changed of their rotas: swaps, and who takes over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from servicedesk import times
from servicedesk.demo.case import Script
from servicedesk.demo.going_on import Affair
from servicedesk.demo.tale import soon
from servicedesk.oncall import commands as oncall
from servicedesk.oncall import queries
from servicedesk.oncall.rota import Turn

A_DAY = timedelta(days=1)


def _turn(it: Affair, group: str, is_it: Callable[[Turn], bool]) -> Turn:
    """Give the first turn of a group like that which begins tomorrow or later."""
    stage, party = it.stage, it.stage.party(group)
    now = stage.now + A_DAY
    found = queries.book(stage.session, stage.setup, [party], now, now + queries.AHEAD - A_DAY)
    return next(turn for turn in found.turns(party) if turn.start > now and is_it(turn))


def _turn_of(it: Affair, group: str, key: str) -> Turn:
    id = it.person(key).id
    return _turn(it, group, lambda turn: turn.person == id)


def swap_agreed(it: Affair) -> Script:
    """A week for a week, asked before somebody goes away, and agreed."""
    yield it.stage.ago(days=4)
    mine, theirs = (_turn_of(it, "network", key) for key in ("sugiyama", "ono"))
    note = "I have a family matter in that week. Would you take it for mine?"
    said = (mine.start, it.person("ono").id, theirs.start, note)
    id = it.do(oncall.ask_swap, "network", *said, by="sugiyama")
    yield it.stage.ago(days=3.7)
    it.do(oncall.answer_swap, id, True, by="ono")


def swap_asked(it: Affair) -> Script:
    """A turn that somebody would like to give away; it waits for an answer."""
    yield it.stage.ago(hours=5)
    mine = _turn_of(it, "erp", "nagai")
    note = "この週は研修で不在がちのため、夜間の待機を代わっていただけないでしょうか。"
    it.do(oncall.ask_swap, "erp", mine.start, it.person("yamada").id, None, note, by="nagai")


def cover_now(it: Affair) -> Script:
    """Somebody else has the duty: for who is away, or for a night with work of their own."""
    yield it.stage.ago(hours=3)
    stage, party = it.stage, it.stage.party("network")
    found = queries.book(stage.session, stage.setup, [party], stage.now, stage.now + A_DAY)
    turn = found.turns(party)[0]
    day = stage.working_day(1).day or stage.today
    end = times.midnight(day, stage.setup.zone) + timedelta(hours=9)
    why = "New firmware on the core switches tonight / 基幹スイッチの更新作業のため"
    if turn.person == it.person("sugiyama").id:
        end, why = turn.end, "Sugiyama is away / 杉山が不在のため"
    who = next(it.person(key).id for key in ("ono", "ito") if it.person(key).id != turn.person)
    it.do(oncall.take_over, "network", who, it.at, end, why, by="ito")


def cover_ahead(it: Affair) -> Script:
    """The lead takes a day of somebody's week."""
    yield it.stage.ago(days=1.5)
    turn = _turn_of(it, "platform", "maeda")
    end = min(turn.end, soon(turn.start, 24 * 60))
    aoki = it.person("aoki").id
    why = "Maeda moves house that day"
    it.do(oncall.take_over, "platform", aoki, turn.start, end, why, by="aoki")


COURSES = (swap_agreed, swap_asked, cover_now, cover_ahead)
