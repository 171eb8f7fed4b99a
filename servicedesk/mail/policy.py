"""Who is told what of an act, as a pure decision over its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from servicedesk.event import Event
from servicedesk.incidents.story import REQUESTER, Story

WATCHERS, DESK = "watchers", "desk"
DECIDER, ASKER = "decider", "asker"  # of an exclusion
BOTH = (REQUESTER, WATCHERS)


@dataclass(frozen=True, slots=True)
class News:
    """Something that somebody is to be told."""

    kind: str
    to: str  # "requester", "watchers", "desk" (who works on it), … or a partner as "partner:1"
    by: int | None = None  # who did it, and so knows
    data: Mapping[str, Any] = field(default_factory=dict)


Tells = Callable[[Event, Story], list[News]]


def told(events: Sequence[Event], story: Story) -> list[News]:
    """Give what is to be told of the events of one act; `story` is what they led to."""
    found: list[News] = []
    for event in events:
        tells = _TELLS.get(event.kind)
        if tells and not event.data.get("imported"):
            found += tells(event, story)
    return _once(_handed_off(found, story))


def _once(found: list[News]) -> list[News]:
    """Let one message say what two would: a question and its text, a refusal and its end."""
    kinds = {(news.kind, news.to) for news in found}
    if ("question", REQUESTER) in kinds:
        found = _asked(found)
    if ("not_approved", REQUESTER) in kinds:
        ends = ("cancelled", "solved", "no_answer")
        found = [news for news in found if news.to != REQUESTER or news.kind not in ends]
    return found


def _asked(found: list[News]) -> list[News]:
    texts = [news for news in found if (news.kind, news.to) == ("reply", REQUESTER)]
    kept = [news for news in found if news not in texts[-1:]]
    said = texts[-1].data if texts else {}
    return [replace(n, data={**said, **n.data}) if n.kind == "question" else n for n in kept]


def _handed_off(found: list[News], story: Story) -> list[News]:
    """Number the hand-offs of the act: they are the story's last; partners are told of theirs."""
    sent = [news for news in found if news.kind == "handed_off"]
    first = len(story.handoffs) - len(sent) + 1
    numbers = {id(news): n for n, news in enumerate(sent, first)}
    numbered = [
        replace(news, data={"n": numbers[id(news)]}) if id(news) in numbers else news
        for news in found
    ]
    return [n for n in numbered if n.kind != "handed_off" or n.to.startswith("partner:")]


def _all(kind: str, event: Event, *to: str, **data: Any) -> list[News]:
    said = {name: value for name, value in data.items() if value is not None}
    return [News(kind, each, event.actor, said) for each in to]


def _logged(event: Event, story: Story) -> list[News]:
    """Whoever logged it: the requester gets the number in writing."""
    return [News("received", REQUESTER)]


def _commented(event: Event, story: Story) -> list[News]:
    if event.data["kind"] != "reply" or not event.data.get("response"):
        return []
    return _all("reply", event, *BOTH, comment=event.data.get("id"))


def _held(event: Event, story: Story) -> list[News]:
    return _all("question", event, REQUESTER) if event.data["reason"] == REQUESTER else []


def _promised(event: Event, story: Story) -> list[News]:
    return _all("promised", event, *BOTH, n=event.seq) if event.data.get("due") else []


def _wished(event: Event, story: Story) -> list[News]:
    """D3: a date that the desk has noted counts once the requester has confirmed it."""
    return _all("wish", event, REQUESTER, n=event.seq) if event.data.get("proposed") else []


def _declined(event: Event, story: Story) -> list[News]:
    """Whoever works on it: the requester did not agree."""
    kind = "promise_declined" if event.kind == "promise.declined" else "wish_declined"
    return _all(kind, event, DESK, n=event.data["n"], comment=event.data.get("comment"))


def _resolved(event: Event, story: Story) -> list[News]:
    kind = "no_answer" if event.data.get("code") == "no_answer" else "solved"
    return _all(kind, event, *BOTH, cycle=story.reopened)


def _cancelled(event: Event, story: Story) -> list[News]:
    return _all("cancelled", event, *BOTH)


def _granted(event: Event, story: Story) -> list[News]:
    return _all("approved", event, REQUESTER)


def _refused(event: Event, story: Story) -> list[News]:
    return _all("not_approved", event, REQUESTER, comment=event.data.get("comment"))


def _exclusion_asked(event: Event, story: Story) -> list[News]:
    return _all("exclusion_asked", event, DECIDER, n=event.seq)


def _exclusion_decided(event: Event, story: Story) -> list[News]:
    return _all("exclusion_decided", event, ASKER, n=event.data["n"])


def _sent(event: Event, story: Story) -> list[News]:
    return _all("handed_off", event, event.data["to"])


_TELLS: dict[str, Tells] = {
    "incident.logged": _logged,
    "comment.added": _commented,
    "incident.held": _held,
    "promise.set": _promised,
    "promise.declined": _declined,
    "wish.set": _wished,
    "wish.declined": _declined,
    "incident.resolved": _resolved,
    "incident.cancelled": _cancelled,
    "approval.granted": _granted,
    "approval.refused": _refused,
    "exclusion.asked": _exclusion_asked,
    "exclusion.approved": _exclusion_decided,
    "exclusion.refused": _exclusion_decided,
    "handoff.sent": _sent,
}
