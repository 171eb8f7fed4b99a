"""Who is told what of an act, as a pure decision over its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from servicedesk.event import Event
from servicedesk.incidents.story import REQUESTER, Story

WATCHERS, DESK = "watchers", "desk"
DECIDER, ASKER = "decider", "asker"  # of an exclusion
SENDERS_LEAD, MANAGER = "senders-lead", "manager"  # of a return (H5)
CONCERNED, LINKED = "concerned", "linked"  # by a major incident
MAJOR_DECIDERS, MAJOR_ABOVE = "major-deciders", "major-above"
OF_MAJOR = (CONCERNED, LINKED, MAJOR_DECIDERS, MAJOR_ABOVE)
BOTH = (REQUESTER, WATCHERS)
AGAIN = 2  # H5: from the second return on; as many updates missed in a row


@dataclass(frozen=True, slots=True)
class News:
    """Something that somebody is to be told."""

    kind: str
    to: str  # "requester", "desk" (who works on it), "partner:1", "group:3" (its lead) …
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
    given = {news.to for news in found if news.kind in ("handed_off", "work_requested")}
    wrote = ("partner_wrote", "work_wrote")  # with what it was given
    found = [news for news in found if news.kind not in wrote or news.to not in given]
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
    if event.data["kind"] == "partner":
        return _wrote_to_partner(event, story)
    if event.data["kind"] != "reply" or not event.data.get("response"):
        return []
    return _all("reply", event, *BOTH, comment=event.data.get("id"))


def _wrote_to_partner(event: Event, story: Story) -> list[News]:
    """H7: a partner is told of each line of the desk's in its thread: mail alone has to do."""
    handoff, request = event.data.get("handoff"), event.data.get("request")
    if handoff:
        to, kind = story.handoffs[handoff - 1].receiver, "partner_wrote"
    elif request:
        to, kind = story.requests[request - 1].receiver, "work_wrote"
    else:
        return []
    if event.data.get("company") == to:
        return []
    return _all(kind, event, to, n=handoff or request, comment=event.data.get("id"))


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
    told = _all(kind, event, *BOTH, cycle=story.reopened)
    return [*told, *_over(event, story), *_major_ended(event, story)]


def _cancelled(event: Event, story: Story) -> list[News]:
    told = _all("cancelled", event, *BOTH)
    return [*told, *_over(event, story), *_major_ended(event, story)]


def _granted(event: Event, story: Story) -> list[News]:
    return _all("approved", event, REQUESTER)


def _refused(event: Event, story: Story) -> list[News]:
    return _all("not_approved", event, REQUESTER, comment=event.data.get("comment"))


def _exclusion_asked(event: Event, story: Story) -> list[News]:
    return _all("exclusion_asked", event, DECIDER, n=event.seq)


def _exclusion_decided(event: Event, story: Story) -> list[News]:
    return _all("exclusion_decided", event, ASKER, n=event.data["n"])


def _sent(event: Event, story: Story) -> list[News]:
    return [*_all("handed_off", event, event.data["to"]), *_sent_back_again(event, story)]


def _asked_back(event: Event, story: Story) -> list[News]:
    """H2: who sent it has it again, with a question or an answer, or as sent back."""
    return _all(event.kind.replace(".", "_"), event, DESK, n=event.data["n"])


def _nudged(event: Event, story: Story) -> list[News]:
    return _all("nudged", event, story.handoffs[event.data["n"] - 1].receiver, n=event.data["n"])


def _return_asked(event: Event, story: Story) -> list[News]:
    """H5: the sender's lead is asked, the receiver's told."""
    return [
        *_all("return_asked", event, SENDERS_LEAD, n=event.seq),
        *_all("return_told", event, event.data["to"], n=event.seq),
    ]


def _return_refused(event: Event, story: Story) -> list[News]:
    asked = next(one for one in story.proposals if one.n == event.data["n"])
    return _all("return_refused", event, f"person:{asked.asked_by}", n=asked.n)


def _return_lapsed(event: Event, story: Story) -> list[News]:
    return _all("return_lapsed", event, MANAGER, n=event.data["n"])


def _sent_back_again(event: Event, story: Story) -> list[News]:
    """H5: of a return that asked nobody both leads are told."""
    sent = (h for h in reversed(story.handoffs) if h.sent_at == event.at)
    handoff = next(sent, None)
    asked = any(one.decided_at == event.at and one.state != "withdrawn" for one in story.proposals)
    if handoff is None or not handoff.is_return or story.returns < AGAIN or asked:
        return []
    leads = [ref for ref in (handoff.sender, handoff.receiver) if ref.startswith("group:")]
    return _all("return_told", event, *leads)


def _work(event: Event, story: Story) -> list[News]:
    """H6: who is asked is told of it, and who asked of what came of it."""
    n = event.data.get("n", len(story.requests))
    one = story.requests[n - 1]
    kind = event.kind.replace(".", "_")
    own = kind in ("work_requested", "work_withdrawn")
    return _all(kind, event, one.receiver if own else f"person:{one.asked_by}", n=n)


def _recalled(event: Event, story: Story) -> list[News]:
    """H4: a partner is told that it has nothing more to do."""
    to = story.handoffs[event.data["n"] - 1].receiver
    return _all("handoff_over", event, to, n=event.data["n"]) if to.startswith("partner:") else []


def _over(event: Event, story: Story) -> list[News]:
    """H2: the same where the desk ends the incident while a partner has it."""
    ended = [h for h in story.handoffs if h.to_partner and h.ended_at == event.at]
    last = [h for h in ended if h.state == "recalled"][-1:]
    return [News("handoff_over", h.receiver, event.actor, {"n": h.n}) for h in last]


def _major_proposed(event: Event, story: Story) -> list[News]:
    return _all("major_proposed", event, MAJOR_DECIDERS, major=event.seq)


def _major_refused(event: Event, story: Story) -> list[News]:
    major = story.majors[-1]
    to = [f"person:{major.proposed_by}"] if major.proposed_by else []
    return _all("major_refused", event, *to, major=major.n)


def _major_confirmed(event: Event, story: Story) -> list[News]:
    told = _all("major_confirmed", event, CONCERNED, major=story.majors[-1].n)
    return [*_major_coordinated(event, story), *told]


def _major_coordinated(event: Event, story: Story) -> list[News]:
    chosen = event.data["coordinator"]
    said = {"coordinator": chosen, "major": story.majors[-1].n}
    return _all("major_coordinates", event, f"person:{chosen}", **said)


def _major_updated(event: Event, story: Story) -> list[News]:
    kind = "major_update" if event.kind == "major.updated" else "major_over"
    return _all(kind, event, CONCERNED, n=event.seq, major=story.majors[-1].n)


def _major_missed(event: Event, story: Story) -> list[News]:
    """Tell who coordinates; from the second in a row also who leads the desk, and the manager."""
    major = story.majors[-1]
    heard = major.updates[-1] if major.updates else major.decided_at or major.proposed_at
    missed = sum(at > heard for at in major.missed)
    to = [f"person:{major.coordinator}", *([MAJOR_ABOVE] if missed >= AGAIN else [])]
    return _all("major_missed", event, *to, missed=missed, seq=event.seq, major=major.n)


def _major_ended(event: Event, story: Story) -> list[News]:
    """Tell those of what belongs to it; its own requester and watchers are told anyhow."""
    major = story.majors[-1] if story.majors else None
    if major is None or not (major.is_running or major.over_at == event.at):
        return []
    return _all("major_ended", event, LINKED, major=major.n)


_TELLS: dict[str, Tells] = {
    "major.proposed": _major_proposed,
    "major.refused": _major_refused,
    "major.confirmed": _major_confirmed,
    "major.coordinated": _major_coordinated,
    "major.updated": _major_updated,
    "major.stood_down": _major_updated,
    "major.update_missed": _major_missed,
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
    "handoff.recalled": _recalled,
    "handoff.asked": _asked_back,
    "handoff.answered": _asked_back,
    "handoff.sent_back": _asked_back,
    "handoff.nudged": _nudged,
    "return.asked": _return_asked,
    "return.refused": _return_refused,
    "return.lapsed": _return_lapsed,
    "work.requested": _work,
    "work.done": _work,
    "work.sent_back": _work,
    "work.withdrawn": _work,
}
