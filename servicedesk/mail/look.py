"""How mails look: styles that stand inline, as mail programs want them, light and dark."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

FACE = "-apple-system,'Segoe UI','Hiragino Sans','Noto Sans CJK JP',Arial,sans-serif"
COLOURS = {  # by light, and by dark
    "canvas": ("#f3f5f8", "#10141b"),
    "surface": ("#ffffff", "#181d26"),
    "ink": ("#1c2333", "#e8ebf0"),
    "muted": ("#5b6475", "#a3abba"),
    "line": ("#dfe3ea", "#2c3340"),
    "bar": ("#b9c3de", "#4a5a85"),
    "accent": ("#2f4fa8", "#4c68c4"),
    "on-accent": ("#ffffff", "#ffffff"),
    "link": ("#2f4fa8", "#8ea4ea"),
}


class Style(NamedTuple):
    """The look of a kind of element: its shape, and its colours by name."""

    shape: str
    color: str
    background: str = ""
    border: str = ""

    def declared(self, dark: bool) -> list[str]:
        """Give the declarations of its colours."""
        names = (
            ("color", self.color),
            ("background", self.background),
            ("border-color", self.border),
        )
        return [f"{which}:{COLOURS[name][dark]}" for which, name in names if name]


CELL = "padding:3px 0;text-align:left;vertical-align:top;overflow-wrap:anywhere"
STYLES = {
    "canvas": Style(
        f"margin:0;padding:24px 12px;font-family:{FACE};font-size:15px;line-height:1.5",
        "ink",
        "canvas",
    ),
    "card": Style(
        "max-width:560px;margin:0 auto;padding:24px;border:1px solid;border-radius:10px",
        "ink",
        "surface",
        "line",
    ),
    "about": Style("margin:0 0 16px;font-size:13px;overflow-wrap:anywhere", "muted"),
    "what": Style(
        "margin:0 0 12px;font-size:18px;line-height:1.4;font-weight:600;overflow-wrap:anywhere",
        "ink",
    ),
    "line": Style("margin:0 0 12px", "ink"),
    "quote": Style(
        "margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid;overflow-wrap:anywhere",
        "ink",
        border="bar",
    ),
    "by": Style("margin:0 0 4px;font-size:13px", "muted"),
    "head": Style(
        "margin:20px 0 4px;padding:12px 0 0;border-top:1px solid;font-size:15px;line-height:1.4;"
        "font-weight:600;overflow-wrap:anywhere",
        "ink",
        border="line",
    ),
    "item": Style("margin:0 0 6px;overflow-wrap:anywhere", "ink"),
    "link": Style("font-weight:600", "link"),
    "choice": Style("font-size:13px", "link"),
    "facts": Style("margin:0 0 12px;border-collapse:collapse;font-size:14px", "ink"),
    "label": Style(f"{CELL};padding-right:16px;font-weight:400", "muted"),
    "value": Style(CELL, "ink"),
    "button": Style(
        "display:inline-block;margin:4px 0 12px;padding:10px 18px;border-radius:6px;"
        "font-weight:600;text-decoration:none",
        "on-accent",
        "accent",
    ),
    "why": Style(
        "margin:0;padding:16px 0 0;border-top:1px solid;font-size:13px;overflow-wrap:anywhere",
        "muted",
        border="line",
    ),
    "foot": Style("max-width:560px;margin:12px auto 0;font-size:12px;text-align:center", "muted"),
}


def dressed(name: str) -> Markup:
    """Give the attributes of an element: its class, and its look by light."""
    style = STYLES[name]
    said = ";".join((style.shape, *style.declared(dark=False)))
    return Markup('class="{}" style="{}"').format(name, said)


def sheet() -> Markup:
    """Give the sheet for mail programs that know the dark."""
    rules = (
        f".{name}{{{';'.join(f'{each}!important' for each in style.declared(dark=True))}}}"
        for name, style in STYLES.items()
    )
    return Markup(f"<style>@media(prefers-color-scheme:dark){{{''.join(rules)}}}</style>")  # noqa: S704
