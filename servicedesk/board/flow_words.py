"""The picture of a flow between tiers, with its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.board import words
from servicedesk.board.flow import PARTNERS, TIERS, Tiers
from servicedesk.board.picture import Arc, Place, draw

Drawn = Markup


def drawn(flow: Mapping[Tiers, int], address: Callable[[Tiers], str]) -> Drawn:
    """Draw the flow between the tiers that took part, partners at the end."""
    tiers = [tier for tier in TIERS if any(tier in pair for pair in flow)]
    places = [_place(tier, flow.get((tier, tier), 0), address) for tier in tiers]
    arcs = [
        Arc(tiers.index(pair[0]), tiers.index(pair[1]), number, said(pair, number), address(pair))
        for pair, number in flow.items()
        if pair[0] != pair[1]
    ]
    return Markup(draw(places, arcs, str(_("Flow between tiers"))))  # noqa: S704 - escaped there


def _place(tier: int, within: int, address: Callable[[Tiers], str]) -> Place:
    colour = f"var(--tier-{tier})" if tier != PARTNERS else "var(--lane-partner)"
    note = str(_("%(n)s within", n=within)) if within else ""
    return Place(words.tier(tier), colour, note, address((tier, tier)))


def said(pair: Tiers, number: int) -> str:
    """Say what an arc shows."""
    sender, receiver = (words.tier(tier) for tier in pair)
    return str(_("%(from)s to %(to)s: %(n)s", **{"from": sender, "to": receiver, "n": number}))
