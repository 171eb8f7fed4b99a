"""Cases of rules that come again until somebody takes responsibility (E1)."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.demo.case import Case, Featured, Script, featured
from servicedesk.demo.letterbox import telling
from servicedesk.demo.tale import soon
from servicedesk.escalation.acknowledging import LASTS, PURPOSE, acknowledge
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.models import Firing
from servicedesk.people import links
from servicedesk.rulebook import by_link

CASES: list[Featured] = []
case = partial(featured, CASES)


def acknowledge_by_mail(t: Case) -> None:
    """Follow the link of the rule's mail, as who was told of it last."""
    query = sa.select(Firing).where(Firing.incident_id == t.incident.id, Firing.step == "late")
    fired = t.stage.session.scalar(query.order_by(Firing.id.desc()).limit(1))
    if fired is None or not fired.told or fired.fired_at is None:
        return
    rule = {"policy": fired.policy, "step": fired.step, "cycle": fired.cycle}
    with transaction() as session:
        link = links.make(
            session, PURPOSE, now=fired.fired_at, lasts=LASTS,
            person=fired.told[-1], incident=t.incident.id, **rule,
        )  # fmt: skip
        token = links.token(link)
    with telling(t.stage, t.at):
        by_link.acknowledge(token, now=t.at)


@case("scanners", minutes=78, by="hirano", with_="mori", place="the spare parts store")
def nobody_answers(t: Case) -> Script:
    """A partner has not accepted it: the rule climbs, and comes again in some minutes."""
    t.left_alone = True
    t.log(impact=2, urgency=1)
    yield soon(t.at, 6)
    t.do(incidents.take, by="mori")
    t.do(incidents.comment, "reply", t.story.reply, by="mori")
    yield soon(t.at, 15)
    t.give("hoshino", t.story.partner, by="mori", reason="vendor", share_requester=True)


@case(
    "order-500", days=2, clock="15:25", by="kaneko", with_="hara fujita nagai",
    place="Purchasing", time="13:20",
)  # fmt: skip
def told_outside_of_hours(t: Case) -> Script:
    """The rule finds the holder closed: who is on call is told, and answers from the mail."""
    t.left_alone = True
    t.opened(wait=5)
    t.up(t.story.up, accepted=10)
    t.up(t.story.deeper, step=2, accepted=20)
    yield t.after(191)
    acknowledge_by_mail(t)
    yield t.after(222)
    t.do(incidents.resolve, "solved", t.story.done, by="nagai", root_cause=t.story.cause)
    yield t.before(days=1)
    t.do(incidents.comment, "reply", t.story.thanks, by="kaneko")
    t.do(incidents.close, by="kaneko")


@case(
    "ja-line-plc", days=1, hours=0.5, by="shibasaki", with_="okamoto", n="3", time="13時10分",
)  # fmt: skip
def taken_on_from_the_page(t: Case) -> Script:
    """The lead takes responsibility on the page, and gives it to somebody."""
    t.left_alone = True
    t.opened(wait=6)
    t.up(t.story.up, accepted=None)
    hours = t.stage.calendar(t.holder.ref)
    yield hours.reach(t.at, 27 * 60)
    t.do(acknowledge, None, by="ito")
    t.do(incidents.comment, "note", "伊藤が引き受けました。小野が現場に向かっています。", by="ito")
    yield hours.reach(t.at, 12 * 60)
    t.do(incidents.take, by="ono")
    yield hours.reach(t.at, 50 * 60)
    t.do(incidents.resolve, "solved", t.story.done, by="ono", root_cause=t.story.cause)
    yield t.before(hours=5)
    t.do(incidents.close, by="shibasaki")


@case("scanners", days=3, by="sakai", with_="hara ono", place="Plant 1", a="3", b="9")
def taken_on_by_taking_it(t: Case) -> Script:
    """Late for a P1: the lead who was told takes it, and that is enough."""
    t.left_alone = True
    t.opened(wait=8, wish=t.day(-1), impact=1, urgency=1)
    t.up(t.story.up, accepted=10)
    hours = t.stage.calendar(t.holder.ref)
    yield hours.reach(t.act.story.logged_at, 187 * 60)
    t.do(incidents.take, by="ito")
    t.do(incidents.comment, "note", t.story.note, by="ito")
    yield hours.reach(t.at, 35 * 60)
    t.do(incidents.resolve, "solved", t.story.done, by="ito", root_cause=t.story.cause)
