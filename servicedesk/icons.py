"""Icons: the Lucide set as inline SVG that takes the colour of the words beside it."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import lucide
from markupsafe import Markup

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_FILLED = "-filled"

# Shapes whose inner sign has to stay visible when the outer one is filled.
_FILLED_BODIES = {
    "circle-check": Markup(
        '<path stroke="none" fill="currentColor" fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22'
        "a11 11 0 1 0 0-22ZM16.9 7.7 18.3 9.1 10.5 16.9 6.6 13 8 11.6 10.5 14.1Z"
        '"/>'
    ),
    "contrast": Markup(
        '<circle cx="12" cy="12" r="10"/>'
        '<path stroke="none" fill="currentColor" d="M12 18a6 6 0 0 0 0-12Z"/>'
    ),
}


def icon(name: str, size: int = 16, label: str | None = None) -> Markup:
    """Return the icon ``name`` at ``size`` px; LookupError for a name Lucide does not know.

    Without a label it is decoration and hidden from screen readers. ``NAME-filled`` is the solid
    variant.
    """
    return _render(name, size, None if label is None else str(label))


@cache
def names() -> frozenset[str]:
    """Return the name of every outline icon."""
    return frozenset(lucide.get_icon_list())


@lru_cache(maxsize=4096)
def _render(name: str, size: int, label: str | None) -> Markup:
    spoken = (
        Markup('role="img" aria-label="{}"').format(label)
        if label
        else Markup('aria-hidden="true"')
    )
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        '{1} focusable="false">{2}</svg>'
    ).format(size, spoken, _body(name))


def _body(name: str) -> Markup:
    if name.endswith(_FILLED):
        return _filled_body(name.removesuffix(_FILLED))
    return _outline_body(name)


def _filled_body(name: str) -> Markup:
    if name in _FILLED_BODIES:
        return _FILLED_BODIES[name]
    return Markup('<g fill="currentColor">{}</g>').format(_outline_body(name))


def _outline_body(name: str) -> Markup:
    if name not in names():
        raise LookupError(f"Lucide has no icon called {name}")
    found = _BODY.search(lucide.lucide_icon(name))
    if found is None:
        raise LookupError(f"Lucide's drawing of {name} is not an SVG")
    return Markup(re.sub(r"\s*\n\s*", "", found.group(1)))  # noqa: S704 - the library's own drawing
