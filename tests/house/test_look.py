"""The look keeps its promises: contrast of the tokens, layers, signs and icons that exist."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import nodes

from servicedesk.icons import icon, names
from tests.support.checkout import ROOT, TEMPLATES

STATIC = ROOT / "servicedesk" / "static"

# --- colour: oklch to sRGB to the contrast ratio of WCAG 2 ------------------------------------

Colour = tuple[float, float, float]  # linear sRGB

TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((oklch\([^)/]*\)), (oklch\([^)/]*\))\);")
THEMES = ("light", "dark")


def test_oklch_is_read_as_the_browser_reads_it() -> None:
    assert luminance(oklch("oklch(1 0 0)")) == pytest.approx(1, abs=1e-3)
    assert luminance(oklch("oklch(0 0 0)")) == pytest.approx(0, abs=1e-3)
    red = oklch("oklch(.627955 .257683 29.2339)")
    assert red == pytest.approx((1, 0, 0), abs=2e-3)
    assert contrast((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)) == pytest.approx(21)


def oklch(text: str) -> Colour:
    lightness, chroma, hue = (float(part) for part in text[6:-1].split())
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _shown(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _shown(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _shown(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _shown(value: float) -> float:
    """Give the nearest of the 256 steps that a screen shows."""
    return _decode(round(_encode(min(max(value, 0.0), 1.0)) * 255) / 255)


def luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def over(above: Colour, share: float, below: Colour) -> Colour:
    """Lay a translucent colour over another, as browsers do: in gamma-encoded sRGB."""
    red, green, blue = (
        _decode(_encode(top) * share + _encode(ground) * (1 - share))
        for top, ground in zip(above, below, strict=True)
    )
    return red, green, blue


def _encode(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def tokens(theme: str) -> dict[str, Colour]:
    found = TOKEN.findall((STATIC / "desk.css").read_text(encoding="utf-8"))
    return {name: oklch(light if theme == "light" else dark) for name, light, dark in found}


BACKGROUNDS = ("canvas", "surface", "raised", "sunken", "hover", "selected")
INKS = ("ink", "ink-2", "ink-3")
STATES = ("accent", "late", "soon", "good", "partner")
HOLDERS = ("tier-1", "tier-2", "tier-3", "lane-partner", "lane-person")


def lowest(pairs: Iterator[tuple[str, str]], theme: str) -> float:
    """Give the least contrast of some pairs, in hundredths as the look states it."""
    colours = tokens(theme)
    return round(min(contrast(colours[one], colours[other]) for one, other in pairs), 2)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_is_read_on_every_ground(theme: str) -> None:
    assert lowest(product(INKS + STATES, BACKGROUNDS), theme) >= 4.78


@pytest.mark.parametrize("theme", THEMES)
def test_every_ink_is_read_on_every_tint(theme: str) -> None:
    tints = [f"{state}-tint" for state in STATES]
    assert lowest(product(INKS, tints), theme) >= 4.82


@pytest.mark.parametrize("theme", THEMES)
def test_a_state_is_read_on_its_own_tint(theme: str) -> None:
    assert lowest(((state, f"{state}-tint") for state in STATES), theme) >= 5.46


@pytest.mark.parametrize("theme", THEMES)
def test_white_is_read_on_the_accent(theme: str) -> None:
    assert round(contrast((1.0, 1.0, 1.0), tokens(theme)["accent-fill"]), 2) >= 4.75


@pytest.mark.parametrize("theme", THEMES)
def test_a_tile_s_sign_is_read_on_its_holder_s_colour(theme: str) -> None:
    assert lowest(product(["surface"], HOLDERS), theme) >= 4.63


@pytest.mark.parametrize("theme", THEMES)
def test_bars_stand_out_from_their_lane_in_open_and_closed_hours(theme: str) -> None:
    colours = tokens(theme)
    lane = colours["sunken"] if theme == "light" else colours["raised"]
    closed = over(colours["ink"], 0.085, lane) if theme == "light" else over((0, 0, 0), 0.55, lane)
    bars = [colours[name] for name in (*HOLDERS, "late-fill")]
    assert min(contrast(bar, ground) for bar in bars for ground in (lane, closed)) >= 3.4


@pytest.mark.parametrize("theme", THEMES)
def test_a_field_s_border_is_seen(theme: str) -> None:
    assert lowest(product(["line-strong"], ("canvas", "surface", "raised", "sunken")), theme) >= 3.1


# --- style sheets ----------------------------------------------------------------------------


def sheets() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css")))


def test_every_custom_property_that_is_used_is_defined() -> None:
    text = sheets()
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", text))
    used |= set(re.findall(r"var\((--[a-z0-9-]+)\)", all_templates()))
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", text))


def test_every_style_sheet_stands_in_layers() -> None:
    for path in STATIC.glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        heads = re.findall(r"^([^\s}][^{;]*)[{;]", text, flags=re.MULTILINE)
        assert all(head.startswith(("@layer", "@font-face")) for head in heads), path.name


# --- templates -------------------------------------------------------------------------------


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def all_templates() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in templates())


def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    made.globals["icon"] = icon
    return made


# Which argument of a macro is an icon's name.
ICON_AT = {
    "icon": 0,
    "button": 1,
    "icon_button": 1,
    "menu": 1,
    "tag": 1,
    "link_button": 2,
    "menu_link": 2,
    "figure": 2,
    "system_event": 3,
    "notice": 5,
}


def icons_named(template: nodes.Template) -> Iterator[str]:
    for call in template.find_all(nodes.Call):
        at = ICON_AT.get(getattr(call.node, "name", ""))
        given: list[Any] = [] if at is None else call.args[at : at + 1]
        given += [word.value for word in call.kwargs if word.key == "glyph"]
        yield from (each.value for each in given if isinstance(each, nodes.Const) and each.value)


def known(name: str) -> bool:
    return name.removesuffix("-filled") in names()


def test_every_icon_that_a_template_names_exists() -> None:
    made = environment()
    used = {
        name
        for path in templates()
        for name in icons_named(made.parse(path.read_text(encoding="utf-8")))
    }
    assert len(used) > 10
    assert {name for name in used if not known(name)} == set()


def test_every_icon_that_the_code_names_exists() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "servicedesk").rglob("*.py")
    )
    used = set(re.findall(r'\bglyph="([a-z0-9-]+)"', code))
    assert {name for name in used if not known(name)} == set()


@pytest.mark.parametrize(
    ("macro", "values"),
    [
        ("state", ["new", "in_progress", "on_hold", "resolved", "closed", "reopened", "cancelled"]),
        ("priority", ["P1", "P2", "P3", "P4", "P5"]),
        ("tile", ["group", "partner", "requester", "person"]),
    ],
)
def test_every_sign_can_be_drawn(macro: str, values: list[str]) -> None:
    signs: Any = environment().get_template("parts/signs.html").module
    drawn = [str(getattr(signs, macro)(value)) for value in values]
    assert len(set(drawn)) >= len(values) - 1  # requester and person share a sign


@pytest.mark.parametrize("kind", ["reply", "note", "partner", "requester"])
def test_who_sees_a_message_is_an_icon_and_words(kind: str) -> None:
    signs: Any = environment().get_template("parts/signs.html").module
    drawn = str(signs.audience(kind, "Sato & Ito see this"))
    assert "<svg" in drawn
    assert "Sato &amp; Ito see this" in drawn


# --- icons -----------------------------------------------------------------------------------


def test_an_icon_without_a_label_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in icon("flag")
    assert "aria-label" not in icon("flag")


def test_a_label_is_said_and_escaped() -> None:
    drawn = icon("flag", label='"<Wish>"')
    assert 'role="img"' in drawn
    assert "&#34;&lt;Wish&gt;&#34;" in drawn


def test_a_filled_icon_is_another_drawing_of_the_same_size() -> None:
    assert icon("flag-filled", 12) != icon("flag", 12)
    assert 'width="12"' in icon("flag-filled", 12)


def test_an_icon_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LookupError, match="no-such-icon"):
        icon("no-such-icon")
