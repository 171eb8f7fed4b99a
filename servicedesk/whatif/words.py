"""How a comparison is written, on pages and on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.incidents.telling import clock_name
from servicedesk.reports import rounding, words
from servicedesk.reports.cases import Result
from servicedesk.reports.figures import SHARE, Figure
from servicedesk.setup.directory import Directory
from servicedesk.whatif.choices import Choice
from servicedesk.whatif.comparing import GROUPS, Comparison, Pair
from servicedesk.whatif.differences import BETTER, GONE, MOVED, NEW, WORSE, Difference, Side

TONES = {WORSE: "late", BETTER: "met", MOVED: "soon", NEW: "quiet", GONE: "quiet"}


@dataclass(frozen=True)
class Cell:
    """A figure one way: as it leads, what it is made of, and how many were missed."""

    value: str
    beside: str
    missed: str


@dataclass(frozen=True)
class Row:
    """A figure both ways."""

    id: str
    name: str
    before: Cell
    after: Cell
    change: str
    direction: str  # better, worse, same or nothing


def rows(found: Comparison) -> Iterator[tuple[str, list[Row]]]:
    """Give the table of figures, group by group; of wishes also where there are none."""
    for group, ids in GROUPS.items():
        pairs = [found.pairs[id] for id in ids]
        kept = [pair for pair in pairs if group == "dates" or _worth(pair)]
        if kept:
            yield _group(group), [row for pair in kept for row in _gross_and_net(pair)]


def _gross_and_net(pair: Pair) -> Iterator[Row]:
    """C11: give a figure, and below it without what is excluded where that is another."""
    row = _row(pair)
    yield row
    if pair.net:
        yield replace(_row(pair.net), name=_("%(name)s, net", name=row.name))


def _worth(pair: Pair) -> bool:
    """Say whether there is anything to count either way; none without a target is as usual."""
    return any(result.value or result.denominator for result in (pair.before, pair.after))


def wishes() -> str:
    """D2: say why the dates wished for stay as they are."""
    return _("No calendar and no agreement moves a wish: what was wished for stays as it was.")


def _row(pair: Pair) -> Row:
    before, after = pair.missed or (None, None)
    few = rounding.few(pair.before) or rounding.few(pair.after)  # points would say nothing
    difference = None if few else rounding.change(pair.figure, pair.after, pair.before)
    return Row(
        pair.figure.id,
        _(pair.figure.name),
        _cell(pair.figure, pair.before, before),
        _cell(pair.figure, pair.after, after),
        words.change(pair.figure, difference) if difference else "",
        rounding.direction(pair.figure, difference),
    )


def _cell(figure: Figure, result: Result, missed: int | None) -> Cell:
    counted = figure.unit == SHARE and result.denominator
    return Cell(
        words.value(figure, result),
        words.beside(figure, result),
        words.number(missed) if counted and missed is not None else "",
    )


def _group(key: str) -> str:
    return {
        "dates": _("Dates wished for"),
        "users": _("Agreements with users"),
        "groups": _("Support groups"),
        "partners": _("Partner companies"),
    }[key]


def verdicts(found: Comparison) -> list[tuple[str, str]]:
    """Say how verdicts turned: worse and better always, the rest where there is any."""
    counts = found.counts
    said = {
        WORSE: ngettext("%(num)s verdict worse", "%(num)s verdicts worse", counts[WORSE]),
        BETTER: ngettext("%(num)s verdict better", "%(num)s verdicts better", counts[BETTER]),
        MOVED: ngettext(
            "%(num)s missed either way, but in another period",
            "%(num)s missed either way, but in another period",
            counts[MOVED],
        ),
        NEW: ngettext(
            "%(num)s met now, without a target before",
            "%(num)s met now, without a target before",
            counts[NEW],
        ),
        GONE: ngettext(
            "%(num)s met before, without a target now",
            "%(num)s met before, without a target now",
            counts[GONE],
        ),
    }
    return [(turn, text) for turn, text in said.items() if counts[turn] or turn in (WORSE, BETTER)]


def turn(change: str) -> str:
    """Name how a verdict turned."""
    return {
        WORSE: _("worse"),
        BETTER: _("better"),
        MOVED: _("in another period"),
        NEW: _("target added"),
        GONE: _("target removed"),
    }.get(change, _("same"))


def state(side: Side | None) -> str:
    """Name a clock's state, with its net one (C11) where that is another."""
    if side is None:
        return _("no target")
    gross = _state(side.state)
    return gross if side.net == side.state else _("%(gross)s, net %(net)s", gross=gross,
                                                  net=_state(side.net))  # fmt: skip


def _state(key: str) -> str:
    return {
        "met": _("met"),
        "breached": _("missed"),
        "running": _("running"),
        "paused": _("paused"),
    }.get(key, _("no verdict"))


def clock(each: Difference, setup: Directory) -> str:
    """Name a clock."""
    return clock_name(each.kind, setup.party(each.party).name if each.party else None)


def counted(side: Side | None) -> str:
    """Write working time counted, of its target."""
    if side is None or side.counted is None:
        return words.NOTHING
    taken = words.duration(side.counted, working=True)
    if side.target is None:
        return taken
    return _(
        "%(taken)s counted of %(target)s",
        taken=taken,
        target=words.duration(side.target, working=True),
    )


def text(found: Comparison) -> Iterator[str]:
    """Write a comparison as lines of text."""
    question = found.question
    judged = ngettext("%(num)s incident", "%(num)s incidents", found.incidents)
    yield f"{question.period.name}, {question.scope.name}, {question.period.zone}, {judged}"
    heads = ("", _("As it was"), _("missed"), _("As it would be"), _("missed"), _("Difference"))
    table: list[Sequence[str]] = [heads]
    for group, lines in rows(found):
        table.append((group, *[""] * 5))
        table += [_line(row) for row in lines]
    yield from _columns(table)
    yield ", ".join(text for _turn, text in verdicts(found)) + "."
    yield wishes()


def _line(row: Row) -> tuple[str, ...]:
    sides = (row.before, row.after)
    cells = [text for side in sides for text in (_whole(side), side.missed)]
    return f"  {row.name}", *cells, row.change


def _whole(cell: Cell) -> str:
    return f"{cell.value} ({cell.beside})" if cell.beside else cell.value


def _columns(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for name, *cells in table:
        right = (text.rjust(width) for text, width in zip(cells, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *right)).rstrip()


# What is tried


def subjects(kind: str) -> str:
    """Name a kind of agreement, in the wide sense."""
    return {
        "sla": _("Agreements with users"),
        "group": _("Support groups"),
        "partner": _("Partner companies"),
    }[kind]


def way(key: str) -> str:
    """Name what can be tried."""
    return {
        "service": _("Another agreement for a service"),
        "calendar": _("Another calendar"),
        "targets": _("Other targets"),
    }[key]


def target(kind: str) -> str:
    """Name a target."""
    return {
        "response": _("First answer"),
        "resolution": _("Resolution"),
        "acceptance": _("Acceptance"),
        "answer": _("Answer"),
        "holding": _("Holding"),
    }[kind]


def tried(choice: Choice) -> str:
    """Say in a sentence what is tried."""
    name = choice.subject.name if choice.subject else ""
    if choice.way == "service":
        service = choice.service.name if choice.service else ""
        return _("What if %(service)s had had the agreement %(name)s?", service=service, name=name)
    if choice.way == "calendar":
        said = {"name": name, "calendar": choice.calendar}
        return _("What if %(name)s had counted by the calendar %(calendar)s?", **said)
    return _("What if %(name)s had had other targets?", name=name)


def changed(choice: Choice) -> list[str]:
    """List the targets that are tried: `P3 Resolution: 2d → 480`."""
    return [
        f"{priority} {target(kind)}: {now or words.NOTHING} → {then or words.NOTHING}"
        for (priority, kind), now, then in choice.changed
    ]
