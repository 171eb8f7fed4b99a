"""The courses of requests that somebody has to approve first."""

from __future__ import annotations

from collections.abc import Iterator

from servicedesk.demo.courses import Everyday, Way
from servicedesk.demo.paced import HOUR
from servicedesk.people.models import Person

BEFORE_DECIDING = (20, 60, 150, 300, 480, 960)  # working minutes


def _asked(t: Everyday) -> Person:
    """The desk says who is asked, and that person takes a while."""
    who = t.first_answer()
    t.reply(who, t.story.reply)
    t.wait(t.rng.choice(BEFORE_DECIDING))
    return who


def approved(t: Everyday) -> None:
    """Approved, ordered and handed over."""
    who = _asked(t)
    t.decide()
    t.wait(t.rng.uniform(10, 90), t.holder)
    t.accept(who)
    t.reply(who, t.say("delivery"))
    until = t.calendar.reach(t.at, t.rng.randint(8, 36) * HOUR)
    t.hold(who, "delivery", until)
    t.to(until)
    t.finish(t.go(1))


def approved_at_once(t: Everyday) -> None:
    """Approved, and there is one in stock."""
    who = _asked(t)
    t.decide()
    t.accept(t.go(0.5))
    t.note(who, t.story.note)
    t.finish(t.go(1))


def not_approved(t: Everyday) -> None:
    """Not approved, and so it ends."""
    _asked(t)
    t.decide(t.say("not_approved"))


def ways() -> Iterator[Way]:
    """List the courses with how often each is taken."""
    yield Way(approved, 55, 2)
    yield Way(approved_at_once, 27, 1)
    yield Way(not_approved, 18, 0)
