"""E1: a step of a policy as a sentence that somebody who never saw DESK.yaml understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from servicedesk.incidents import timetable
from servicedesk.mail import calm
from servicedesk.outbox import SUMMARY
from servicedesk.setup.directory import Directory
from servicedesk.setup.steps import Step, read_steps
from servicedesk.setup.values import NEXT

HOUR = 60  # minutes
OF_DATES = ("requested", "promised")
CLOCKS = ("response", "resolution", "acceptance", "answer", "holding", *OF_DATES)
RECIPIENTS = (
    "assignee", "holder-lead", "desk-lead", "manager", "senior-manager", "owner", "on-call",
    "members", "requester",
)  # fmt: skip
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
TYPES = ("incident", "request")


def step(said: Mapping[str, Any], setup: Directory) -> str:
    """Write a step, as it is stored, as one sentence."""
    return sentence(read_steps([said])[0], setup)


def sentence(it: Step, setup: Directory) -> str:
    """Write a step as one sentence: when, for what, what is done."""
    said = {"when": when(it), "what": _semicolon().join(deeds(it, setup))}
    if scope := only(it, setup):
        return _("%(when)s, for %(scope)s: %(what)s.", scope=scope, **said)
    return _("%(when)s: %(what)s.", **said)


# When


def when(it: Step) -> str:
    """Say when a step is due."""
    if it.is_share:
        return _share(it.kind, it.amount)
    time = minutes(it.amount // 60)
    words: dict[str, str] = {
        "unaccepted": _("When a hand-off was not accepted for %(time)s of work", time=time),
        "unassigned": _("When nobody has taken it for %(time)s of work", time=time),
        "untouched": _("When nobody has touched it for %(time)s of work", time=time),
        "wish": _("When %(time)s of work are left to the requested date", time=time),
        "promise": _("When %(time)s of work are left to the promised date", time=time),
    }
    return words[it.kind]


def _share(kind: str, percent: int) -> str:
    said = {"clock": clock(kind), "percent": percent}
    if kind in OF_DATES:
        if percent == 100:
            return _("When the %(clock)s is reached", **said)
        return _("When %(percent)d %% of the time to the %(clock)s has passed", **said)
    if percent == 100:
        return _("When the target “%(clock)s” is used up", **said)
    return _("When %(percent)d %% of the target “%(clock)s” is used", **said)


def clock(kind: str) -> str:
    """Name a clock."""
    words: dict[str, str] = {
        "response": _("First answer"),
        "resolution": _("Resolution"),
        "acceptance": _("Acceptance"),
        "answer": _("Answer to a hand-off"),
        "holding": _("Holding time"),
        "requested": _("requested date"),
        "promised": _("promised date"),
    }
    return words[kind]


def minutes(count: int) -> str:
    """Write working minutes: `30 min`, `4 h`, `4 h 30`; never in days, which are another thing."""
    hours, rest = divmod(count, HOUR)
    if not hours:
        return _("%(n)d min", n=rest)
    return _("%(h)d h %(m)02d", h=hours, m=rest) if rest else _("%(n)d h", n=hours)


# For what


def only(it: Step, setup: Directory) -> str:
    """Say what a step is for; nothing where it is for everything."""
    services = {service.key: service.name for service in setup.services.values()}
    parties = sorted(_party(key, setup) for key in it.parties)
    found = [
        _listed(sorted(it.priorities), _or()),
        _listed([kind(name) for name in TYPES if name in it.types], _or()),
        _listed(sorted(services.get(key, key) for key in it.services), _or()),
        _("what %(names)s has", names=_listed(parties, _or())) if parties else "",
    ]
    return _semicolon().join(text for text in found if text)


def kind(name: str) -> str:
    """Name a type of incidents, as several."""
    words: dict[str, str] = {"incident": _("incidents"), "request": _("service requests")}
    return words[name]


def _party(key: str, setup: Directory) -> str:
    found = (party.name for party in setup.parties.values() if party.key == key)
    return next(found, key)


def _or() -> str:
    return pgettext("between the last two", "or")


def _and() -> str:
    return pgettext("between the last two", "and")


def _listed(names: Iterable[str], last: str) -> str:
    """Write a list: `P1`, `P1 or P2`, `P1, P2 or P3`."""
    *before, end = list(names) or [""]
    if not before:
        return end
    return _("%(names)s %(word)s %(last)s", names=_comma().join(before), word=last, last=end)


def _comma() -> str:
    return pgettext("between names", ", ")


def _semicolon() -> str:
    return pgettext("between parts of a sentence", "; ")


# What


def deeds(it: Step, setup: Directory) -> list[str]:
    """Say what a step does, each as a part of a sentence."""
    found = [_told(it)]
    if it.outside:
        people = everybody(it.outside)
        found.append(_("while who has it is closed tell %(people)s instead", people=people))
    if it.hand_off == NEXT:
        found.append(_("hand it off to the next step of the path"))
    elif it.hand_off:
        found.append(_("hand it off to %(name)s", name=_party(it.hand_off, setup)))
    if it.deeds.get("priority"):
        found.append(_("raise the priority"))
    if it.deeds.get("major"):
        found.append(_("propose a major incident"))
    if it.signals:
        names = _listed((hook_names(setup).get(key, key) for key in it.signals), _and())
        found.append(ngettext("call the webhook %(names)s", "call the webhooks %(names)s",
                              len(it.signals), names=names))  # fmt: skip
    return [text for text in found if text] or [_("note it, and tell nobody")]


def _told(it: Step) -> str:
    people = everybody(it.tell)
    if not it.repeats:
        return _("tell %(people)s", people=people) if people else ""
    said = {"time": minutes(it.every // 60), "n": it.most, "people": people}
    if not it.chain:
        if not people:
            return ""
        return _(
            "tell %(people)s, again every %(time)s of work until somebody takes responsibility, "
            "%(n)d times at most",
            **said,
        )
    first, *others = (recipient(word) for word in it.chain)
    said |= {"first": first, "others": _comma().join(others) or first}
    if people:
        return _(
            "tell %(people)s each time, and %(first)s first, then every %(time)s of work "
            "%(others)s, until somebody takes responsibility, %(n)d times at most",
            **said,
        )
    return _(
        "tell %(first)s, then every %(time)s of work %(others)s, until somebody takes "
        "responsibility, %(n)d times at most",
        **said,
    )


def everybody(words: Iterable[str]) -> str:
    """Write who is told."""
    return _listed((recipient(word) for word in words), _and())


def recipient(word: str) -> str:
    """Say who is meant by a recipient."""
    words: dict[str, str] = {
        "assignee": _("the assignee"),
        "holder-lead": _("the lead of the group that has it"),
        "desk-lead": _("the lead of the desk"),
        "manager": _("the manager"),
        "senior-manager": _("the manager’s manager"),
        "owner": _("the owner of the service"),
        "on-call": _("who is on call"),
        "members": _("all of the group that has it"),
        "requester": _("the requester"),
    }
    return words[word]


def hook_names(setup: Directory) -> Mapping[str, str]:
    """Name the webhooks that can be called, by key."""
    return {key: hook.name for key, hook in setup.hooks.items()}


# What else the board says


def held(why: str, others: int) -> str:
    """Say why a message is kept back."""
    words: dict[str, Callable[[], str]] = {
        calm.SETTLES: lambda: _("waits a moment for others"),
        calm.QUIET: lambda: _("quiet hours of who gets it"),
        calm.LIMIT: lambda: _("many mails within an hour"),
        SUMMARY: lambda: _("goes into the summary"),
    }
    if why in words:
        return words[why]()
    if not others:
        return _("waits for others")
    return ngettext("in one mail with %(num)s other", "in one mail with %(num)s others", others)


def duty(kind: str | None) -> str:
    """Say what comes by itself without a rule."""
    words: dict[str, Callable[[], str]] = {
        timetable.HOLD_ENDS: lambda: _("The hold ends"),
        timetable.REMIND_REQUESTER: lambda: _("The requester is reminded"),
        timetable.NO_ANSWER: lambda: _("Resolved, because the requester did not answer"),
        timetable.REMIND_APPROVER: lambda: _("Whoever is to approve is reminded"),
        timetable.CLOSE: lambda: _("Closed, because nobody objected"),
        timetable.RETURN_LAPSES: lambda: _("Goes back, because nobody decided"),
        timetable.UPDATE_MISSED: lambda: _("An update of the major incident is due"),
    }
    return words[kind]() if kind in words else (kind or "–")
