"""How a trial of rules is written, on the page and on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.reports.words import number
from servicedesk.rulebook import trying_chart
from servicedesk.rulebook.tally import (
    FOR_MOST,
    MANY,
    NEVER,
    NOBODY,
    TOO_MANY,
    Mark,
    Rule,
    Trial,
    Way,
)
from servicedesk.rulebook.trying_chart import Bar

DAY = "d MMM"
TONES = {TOO_MANY: "late", FOR_MOST: "soon", NEVER: "quiet", NOBODY: "soon"}


def name(trial: Trial, person: int) -> str:
    """Name somebody who would be told."""
    return trial.names.get(person, ("", ""))[1]


def mark(it: Mark, trial: Trial) -> str:
    """Say what is likely not meant so."""
    step = it.rule[1] if it.rule else ""
    said = {"step": step, "count": number(it.count), "of": number(it.of)}
    if it.kind == TOO_MANY:
        day = format_date(it.day, "medium")
        text = _(
            "%(person)s would get %(count)s messages on %(day)s",
            person=name(trial, it.person or 0), day=day, count=said["count"],
        )  # fmt: skip
        days = ngettext(
            "more than %(most)s on %(num)s day", "more than %(most)s on %(num)s days",
            it.of, most=MANY,
        )  # fmt: skip
        return _("%(text)s: %(days)s.", text=text, days=days)
    words = {
        NEVER: _("“%(step)s” would never have fired, for %(of)s incidents under it.", **said),
        FOR_MOST: _(
            "“%(step)s” would have fired for %(count)s of %(of)s incidents: for most of them.",
            **said,
        ),
        NOBODY: _("“%(step)s” would have found nobody to tell %(count)s of %(of)s times.", **said),
    }
    return words[it.kind]


def total(trial: Trial) -> str:
    """Say how the two sets of rules compare."""
    return _(
        "%(same)s firings are the same with the rules of now, %(new)s are new, %(gone)s are gone.",
        same=number(trial.same), new=number(trial.new), gone=number(trial.gone),
    )  # fmt: skip


def notes(trial: Trial) -> list[str]:
    """Say what a trial leaves out of account."""
    said = [
        _(
            "What people did, and what rules did besides telling, stays as it was: a hand-off or a "
            "raised priority by a rule is not tried on from there."
        ),
        _(
            "Told is who would be today: leads, managers, groups and absences as they are now, "
            "duties by the rota. Messages are counted one by one, before quiet hours and summaries."
        ),
    ]
    if any(step.repeats for step in trial.after.rules.values()):
        said.append(
            _(
                "A rule that comes again stops where somebody took the incident, or had taken "
                "responsibility for that very rule; with people to answer it, it would stop sooner."
            )
        )
    return said


def chart(trial: Trial) -> Markup:
    """Draw the firings of each day."""
    return trying_chart.draw([_bar(trial, day) for day in trial.days], by_day(), _said(trial))


def by_day() -> str:
    """Name the chart."""
    return _("Fired, day by day")


def _bar(trial: Trial, day: date) -> Bar:
    counts = [days[day] for days in (trial.after.days, trial.before.days, trial.really)]
    said = _(
        "%(day)s: %(after)s tried, %(before)s with the rules of now, %(really)s really",
        day=format_date(day, "medium"),
        **dict(zip(("after", "before", "really"), map(number, counts), strict=True)),
    )
    return Bar(format_date(day, DAY), said, *counts)


def _said(trial: Trial) -> str:
    """Say the days on which anything fires, for who cannot see the chart."""
    bars = [_bar(trial, day) for day in trial.days]
    said = [bar.said for bar in bars if bar.after or bar.before or bar.really]
    return "; ".join(said) or _("Nothing fires.")


# As text


def text(trial: Trial) -> Iterator[str]:
    """Write a trial as lines of text."""
    count = ngettext("%(num)s incident", "%(num)s incidents", trial.incidents)
    yield f"{trial.days[0]} – {trial.days[-1]}, {trial.zone}, {count}"
    yield total(trial)
    yield ""
    yield from _columns(list(_rules(trial)))
    yield _("Really fired: %(count)s", count=number(sum(trial.really.values())))
    yield ""
    yield from _columns(list(_people(trial)))
    for it in trial.marks:
        yield f"! {mark(it, trial)}"
    yield ""
    yield from notes(trial)


def _rules(trial: Trial) -> Iterator[Sequence[str]]:
    yield (
        _("Rule"),
        *(_("Tried: fired"), _("incidents"), _("messages")),
        *(_("Now: fired"), _("incidents"), _("messages")),
    )
    for rule in trial.rules:
        yield _row(trial, rule)
    yield _("All"), *_whole(trial.after), *_whole(trial.before)


def _people(trial: Trial) -> Iterator[Sequence[str]]:
    yield (
        _("Told"),
        *(_("Tried: messages"), _("most on a day")),
        *(_("Now: messages"), _("most on a day")),
    )
    worst = trial.after.worst(), trial.before.worst()
    for id in trial.people:
        yield _person(trial, id, *worst)


def _row(trial: Trial, rule: Rule) -> Sequence[str]:
    cells = [f"{rule[0]} {rule[1]}"]
    for way in (trial.after, trial.before):
        count = way.count(rule)
        numbers = (count.firings, count.incidents, count.messages)
        cells += [number(it) if rule in way.rules else "–" for it in numbers]
    return cells


def _whole(way: Way) -> Sequence[str]:
    return number(way.firings), "", number(way.messages)


def _person(trial: Trial, id: int, *worst: dict[int, tuple[int, date]]) -> Sequence[str]:
    cells = [name(trial, id)]
    for way, days in zip((trial.after, trial.before), worst, strict=True):
        cells += [number(way.people[id]), number(days[id][0] if id in days else 0)]
    return cells


def _columns(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *cells in table:
        right = (text.rjust(width) for text, width in zip(cells, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *right)).rstrip()
