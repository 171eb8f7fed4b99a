"""An explained clock as JSON: codes and figures, and the same words as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from servicedesk.incidents.episodes import DateEntry, Exclusion
from servicedesk.incidents.explained.by_day import Writer
from servicedesk.incidents.explained.page import Shown
from servicedesk.incidents.explained.rule_titles import rule_title
from servicedesk.incidents.explained.verdicts import say
from servicedesk.incidents.explained.words import Eye
from servicedesk.incidents.models import label
from servicedesk.incidents.why import Kind, Section, Step, Stretch, Verdict
from servicedesk.times import iso

Json = dict[str, Any]


def as_json(it: Shown) -> Json:
    """C15: write a clock's explanation."""
    why, state, writer = it.why, it.why.state, Writer()
    return {
        "incident": label(it.of.incident.number),
        "clock": it.slug,
        "kind": state.kind,
        "party": it.setup.party(state.party).key if state.party else None,
        "handoff": state.handoff,
        "name": it.title,
        "as_of": iso(it.of.now),
        "calendar": state.calendar,
        "priority": state.priority if state.calendar and it.of.eye != Eye.REQUESTER else None,
        "target_seconds": state.target,
        "started_at": iso(why.start),
        "ended_at": iso(why.end) if state.stopped_at else None,
        "elapsed_seconds": why.elapsed,
        "sums": _sums(why.sums),
        "verdict": _verdict(why.verdict, it),
        "net": _net(it),
        "first_wish": _verdict(why.first, it) if why.first else None,
        "exclusions": [_exclusion(one) for one in why.exclusions],
        "sections": [_section(section, it, writer) for section in why.sections],
        "rules": {rule: rule_title(rule) for rule in why.rules},
    }


def _net(it: Shown) -> Json | None:
    """C11: the same without what is excluded."""
    if it.why.net is None:
        return None
    return {"sums": _sums(it.why.net_sums), "verdict": _verdict(it.why.net, it)}


def _sums(found: Mapping[Kind, int]) -> Json:
    return {kind.value: found[kind] for kind in Kind if kind in found}


def _verdict(verdict: Verdict, it: Shown) -> Json:
    return {
        "state": verdict.state,
        "counted_seconds": verdict.counted,
        "target_seconds": verdict.target,
        "left_seconds": _left(verdict),
        "due_at": iso(verdict.due_at),
        "breached_at": iso(verdict.breached_at),
        "breached_target_seconds": verdict.target_then,
        "breached_by_new_target": verdict.at_once,
        "date": _date(verdict.date),
        "judged_at": iso(verdict.judged_at),
        "rules": list(verdict.rules),
        "text": say(verdict, it.narrator),
    }


def _left(verdict: Verdict) -> int | None:
    if verdict.target is None or verdict.counted is None:
        return None
    return verdict.target - verdict.counted


def _date(date: DateEntry | None) -> Json | None:
    if date is None:
        return None
    return {"day": date.day.isoformat() if date.day else None, "due_at": iso(date.due)}


def _exclusion(one: Exclusion) -> Json:
    return {"start": iso(one.start), "end": iso(one.end), "approved_at": iso(one.decided_at)}


def _section(section: Section, it: Shown, writer: Writer) -> Json:
    return {
        "start": iso(section.start),
        "end": iso(section.end),
        "seconds": section.seconds,
        "doing": section.doing.value,
        "target_seconds": section.target,
        "calendar": section.calendar,
        "calendar_version": section.version,
        "date": _date(section.date),
        "steps": [_step(step, section, it) for step in section.steps],
        "stretches": [_stretch(stretch, writer) for stretch in section.stretches],
    }


def _step(step: Step, section: Section, it: Shown) -> Json:
    """What happened; the event's place in the journal is for the desk."""
    known = step.event if it.of.eye == Eye.DESK else None
    event, effect = it.narrator.event(step), it.narrator.effect(step, section)
    return {
        "at": iso(step.at),
        "what": step.what.value,
        "rules": list(step.rules),
        "event": known.seq if known else None,
        "event_kind": known.kind if known else None,
        "text": " ".join([_("%(text)s.", text=event), effect]) if event else effect,
    }


def _stretch(stretch: Stretch, writer: Writer) -> Json:
    return {
        "start": iso(stretch.start),
        "end": iso(stretch.end),
        "seconds": stretch.seconds,
        "kind": stretch.kind.value,
        "net_kind": stretch.net_kind.value,
        "reason": stretch.reason.value if stretch.reason else None,
        "over": stretch.over,
        "rule": stretch.rule,
        "counted_seconds": stretch.counted,
        "net_counted_seconds": stretch.net_counted,
        "text": writer.word(stretch),
    }
