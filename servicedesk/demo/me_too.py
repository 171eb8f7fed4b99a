"""What the demo's people do about major incidents: report the same, confirm, link, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from servicedesk.demo.case import Case, Featured
from servicedesk.demo.letterbox import telling
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import stories
from servicedesk.demo.tale import soon
from servicedesk.incidents import majoring
from servicedesk.incidents.models import MajorIncident
from servicedesk.major import commands as majors


@dataclass(frozen=True, kw_only=True)
class MeToo(Featured):
    """Somebody reports the same from the page of a major incident, some minutes after it began."""

    of: Featured  # the case that is the major incident
    headline: str
    said: str = ""

    def logged_at(self, stage: Stage) -> datetime:
        """Give when it was logged."""
        return soon(self.of.logged_at(stage), self.minutes)

    def play(self, stage: Stage) -> Case:
        """Tell it: it belongs to the major incident from its first moment."""
        story = replace(stories()[self.story], title=self.headline, text=self.said)
        t = Case(stage, story, stage.people[self.requester or ""], self.logged_at(stage))
        t.left_alone = True
        t.log(impact=2, urgency=2)
        majoring.link(t.by(t.requester), stage.told[self.of.name].incident.id)
        stage.told[self.name] = t
        t.follow(iter([t.at]))
        return t


def me_too(of: Featured, headline: str, *those: tuple[float, str, str]) -> list[Featured]:
    """List some who report the same: after how many minutes, who, and in their words."""
    return [
        MeToo(
            f"{of.name} {who}", of.story, 0, 0, minutes, who, (), {}, of.how,
            of=of, headline=headline, said=said,
        )
        for minutes, who, said in those
    ]  # fmt: skip


def proposal(t: Case) -> int:
    """Give the number of the event by which a case was proposed last."""
    query = sa.select(MajorIncident.n).where(MajorIncident.incident_id == t.incident.id)
    return t.stage.session.scalars(query.order_by(MajorIncident.n.desc())).all()[0]


def confirm(t: Case, headline: str, *, by: str, coordinator: str) -> None:
    """Confirm that it is a major incident, with an update each half hour."""
    who = t.person(coordinator).id
    t.do(majors.confirm, proposal(t), by=by, headline=headline, coordinator=who, minutes=30)


def link(t: Case, names: Sequence[str], *, by: str) -> None:
    """Let what others have reported belong to it."""
    numbers = [t.stage.told[name].number for name in names]
    with telling(t.stage, t.at):
        refused = majors.link_some(numbers, t.number, actor=t.person(by), now=t.at)
    if refused:
        raise RuntimeError(f"the demo's incidents could not be linked: {refused}")
