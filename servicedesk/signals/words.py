"""What kinds of event, formats and deliveries are called."""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import formats
from servicedesk.incidents.telling import clock_name
from servicedesk.setup.directory import Directory
from servicedesk.setup.signals import KINDS, Hook
from servicedesk.setup.steps import WAITS
from servicedesk.signals.payload import TEST, Rule, Signal

DATES = ("requested", "promised")


def kind(value: str) -> str:
    """Name what happened; a kind of a newer version is named as it is."""
    words: dict[str, Callable[[], str]] = {
        TEST: lambda: _("Test of a webhook"),
        "incident.logged": lambda: _("Logged"),
        "incident.assigned": lambda: pgettext("signal", "Assigned"),
        "incident.held": lambda: _("On hold"),
        "incident.prioritised": lambda: pgettext("signal", "Priority changed"),
        "incident.reclassified": lambda: pgettext("signal", "Service changed"),
        "incident.resolved": lambda: _("Resolved"),
        "incident.reopened": lambda: _("Reopened"),
        "incident.closed": lambda: _("Closed"),
        "incident.cancelled": lambda: _("Cancelled"),
        "handoff.sent": lambda: _("Handed off"),
        "handoff.accepted": lambda: pgettext("signal", "Hand-off accepted"),
        "handoff.answered": lambda: pgettext("signal", "Hand-off answered"),
        "handoff.sent_back": lambda: _("Sent back"),
        "handoff.recalled": lambda: pgettext("signal", "Hand-off recalled"),
        "wish.set": lambda: pgettext("signal", "Another date is asked for"),
        "promise.set": lambda: pgettext("signal", "A date is promised"),
        "step.fired": lambda: pgettext("signal", "A rule has fired"),
        "step.acknowledged": lambda: pgettext("signal", "Somebody has taken responsibility"),
        "major.proposed": lambda: pgettext("signal", "Proposed as major"),
        "major.confirmed": lambda: pgettext("signal", "Major incident"),
        "major.refused": lambda: pgettext("signal", "Not a major incident"),
        "major.updated": lambda: pgettext("signal", "Major incident: news"),
        "major.update_missed": lambda: pgettext("signal", "Major incident: news is overdue"),
        "major.stood_down": lambda: pgettext("signal", "Major incident is over"),
    }
    return words[value]() if value in words else value


def groups() -> list[tuple[str, list[str]]]:
    """Arrange the kinds as they are offered, each group with its title."""
    titles = {
        ("incident",): pgettext("signal", "The incident"),
        ("handoff",): _("Hand-offs"),
        ("wish", "promise"): _("Dates"),
        ("step",): _("Escalation rules"),
        ("major",): _("Major incidents"),
    }
    return [
        (title, [kind for kind in KINDS if kind.partition(".")[0] in heads])
        for heads, title in titles.items()
    ]


def tells(hook: Hook, setup: Directory) -> list[tuple[str, str]]:
    """Say what a webhook tells, and of what: labels and values."""
    return [
        (_("Format"), format(hook.format)),
        (_("What happens"), _named(hook.kinds) or _("Only what escalation rules call it for")),
        (_("Of which incidents"), scope(hook, setup) or _("All incidents but confidential ones")),
        (_("Titles"), _("Go out too") if hook.titles else _("Stay here")),
    ]


def scope(hook: Hook, setup: Directory) -> str:
    """Say of which incidents a webhook tells; nothing where of all."""
    services = {service.key: service.name for service in setup.services.values()}
    parties = {party.key: party.name for party in setup.parties.values()}
    types = {"incident": _("Incidents"), "request": _("Service requests")}
    parts = [
        sorted(hook.priorities),
        [name for type, name in types.items() if type in hook.types],
        sorted(services.get(key, key) for key in hook.services),
        sorted(parties.get(key, key) for key in hook.parties),
    ]
    return " · ".join(", ".join(part) for part in parts if part)


def differences(before: Hook, after: Hook, setup: Directory) -> list[str]:
    """Say what differs between two forms of a webhook, a sentence each."""
    every = pgettext("signal", "all incidents")
    scopes = {"before": scope(before, setup) or every, "after": scope(after, setup) or every}
    values = [
        (_("Name"), {"before": before.name, "after": after.name}),
        (_("Format"), {"before": format(before.format), "after": format(after.format)}),
        (_("Of which incidents"), scopes),
    ]
    found = [
        _("%(what)s: from %(before)s to %(after)s.", what=what, **said)
        for what, said in values
        if said["before"] != said["after"]
    ]
    if more := _named(after.kinds - before.kinds):
        found.append(_("It tells besides: %(kinds)s.", kinds=more))
    if less := _named(before.kinds - after.kinds):
        found.append(_("It no longer tells: %(kinds)s.", kinds=less))
    if after.titles and not before.titles:
        found.append(_("Titles go out too from now on."))
    if before.titles and not after.titles:
        found.append(_("Titles stay here from now on."))
    return found


def _named(kinds: Collection[str]) -> str:
    return ", ".join(kind(each) for each in KINDS if each in kinds)


def headline(signal: Signal) -> str:
    """Say what happened: of a rule that fired, why."""
    if signal.kind == "step.fired" and signal.rule and signal.rule.when:
        holder = (signal.holder and signal.holder.name) or ""
        return _warning(signal.rule, holder)
    return kind(signal.kind)


def _warning(rule: Rule, holder: str) -> str:
    words: dict[str, Callable[[], str]] = {
        "unaccepted": lambda: _("Not accepted"),
        "unassigned": lambda: _("Not assigned"),
        "untouched": lambda: _("Not touched"),
        "wish": lambda: _("Requested date is near"),
        "promise": lambda: _("Promised date is near"),
    }
    when = str(rule.when)
    if when in WAITS:
        return f"{words[when]()}: {formats.left(rule.seconds or 0)}"
    dates = {"requested": _("Requested date"), "promised": _("Promised date")}
    clock = dates[when] if when in DATES else clock_name(when, holder).strip()
    return str(_("%(clock)s: %(percent)d %% used", clock=clock, percent=rule.percent or 0))


def format(value: str) -> str:
    """Name a format."""
    words: dict[str, str] = {
        "desk": _("JSON for programs"),
        "slack": _("Message in Slack"),
        "teams": _("Message in Teams"),
    }
    return words.get(value, value)


def became(value: str) -> str:
    """Name what became of a delivery."""
    words: dict[str, str] = {
        "sent": pgettext("delivery", "Sent"),
        "waits": pgettext("delivery", "Waits"),
        "again": pgettext("delivery", "Tried again"),
        "failed": _("Given up"),
    }
    return words[value]


def why(error: str | None) -> str:
    """Say a reason in a sentence; what this version does not know stands as it is."""
    said = error or ""
    head, _colon, rest = said.partition(": ")
    found = _reasons(rest).get(said) or _reasons(rest).get(head)
    return found or said


def _reasons(rest: str) -> dict[str, str]:
    return {
        "address: not one": _("The address is not one that can be called."),
        "address: not https": _("The address does not begin with https://."),
        "address: port": _("Below 1024 only the ports 80 and 443 are called."),
        "address: no such host": _("There is no such host."),
        "address: internal": _("The address leads inside; HOOK_NETWORKS names what may be called."),
        "certificate": _("The certificate is not good (%(code)s).", code=rest),
        "time: too slow": _("It did not answer in time."),
        "line": _("There is no connection (%(code)s).", code=rest),
        "answer": _("It answered %(code)s.", code=rest),
        "signal": _("It could not be written (%(code)s).", code=rest),
        "off": _("The webhook is switched off."),
        "no address": _("The webhook has no address."),
        "not in use": _("The webhook is no longer in use."),
        "confidential": _("The incident is confidential."),
    }
