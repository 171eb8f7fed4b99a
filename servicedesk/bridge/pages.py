"""A mail's HTML as readable text: without scripts, styles, and what is hidden from the eye."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

UNSEEN: Final = frozenset(
    "script style head title meta link object applet embed iframe noframes noscript template svg "
    "math select button textarea map audio video canvas".split()
)
BLOCKS: Final = frozenset(
    "address article aside center dd details div dl dt fieldset figure figcaption footer form "
    "header hr li main nav ol section table tr ul".split()
)
PARAGRAPHS: Final = frozenset("p pre blockquote h1 h2 h3 h4 h5 h6".split())
HIDDEN: Final = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|opacity:0(?:\.0+)?(?:;|$)"
    r"|(?:font-size|max-height|line-height|height|width):0(?:\.0+)?(?:p[xt]|r?em|%)?(?:;|!|$)"
    r"|text-indent:-\d{3,}|(?:left|top):-\d{3,}"
)
TAG: Final = re.compile(r"<[^<>]{0,5000}>")
SPACES: Final = re.compile(r"[ \t\r\n\f]+")
QUOTES: Final = 5  # marks before a line, at most


def text_of(page: str) -> str:
    """Give the text of a page, with `> ` before what is quoted; never fails."""
    parser = etree.HTMLParser(
        recover=True,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        no_network=True,
        encoding="utf-8",  # whatever the page itself says: it was decoded already
    )
    try:
        root = etree.fromstring(page.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        return TAG.sub(" ", page)  # nested thousands deep: no mail program wrote that
    return "" if root is None else _Writing().told(root)


class _Writing:
    """Walks through a page and writes its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.gap = False

    def told(self, root: etree._Element) -> str:
        """Walk without recursion: a page may be nested 100,000 deep."""
        walk = etree.iterwalk(root, events=("start", "end"))
        kept = 0  # elements deep within preformatted text
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else "head"
            if event == "start":
                kept += tag == "pre"
                if self._skips(element, tag):
                    walk.skip_subtree()
                else:
                    self._begin(element, tag)
                    self._write(element.text, preformatted=kept > 0)
                continue
            kept -= tag == "pre"
            self._end(tag, element)
            self._write(element.tail, preformatted=kept > 0)
        self._close()
        return "\n".join(self.lines).strip("\n")

    def _skips(self, element: etree._Element, tag: str) -> bool:
        if tag in UNSEEN or element.get("hidden") is not None:
            return True
        style = element.get("style")
        return bool(style and HIDDEN.search(SPACES.sub("", style[:2000]).lower()))

    def _begin(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self._close(always=True)
        elif tag in PARAGRAPHS or tag in BLOCKS:
            self._close()
            self.gap = self.gap or tag in PARAGRAPHS
        if tag == "blockquote":
            self.quotes += 1
        elif tag == "li":
            self.line.append("- ")
        elif tag in ("td", "th") and self.line:
            self.line.append(" ")

    def _end(self, tag: str, element: etree._Element) -> None:
        if tag in PARAGRAPHS or tag in BLOCKS:
            self._close()
            self.gap = self.gap or tag in PARAGRAPHS
        if tag == "blockquote" and not self._skips(element, tag):
            self.quotes -= 1

    def _write(self, text: str | None, *, preformatted: bool) -> None:
        if not text:
            return
        if not preformatted:
            self.line.append(SPACES.sub(" ", text))
            return
        first, *others = text.split("\n")
        self.line.append(first)
        for each in others:
            self._close(always=True)
            self.line.append(each)

    def _close(self, *, always: bool = False) -> None:
        """End the line; one without anything in it is left out, unless it was asked for."""
        said = "".join(self.line).replace("\xa0", " ").strip(" \t\r\f" if always else None)
        self.line = []
        if not said and not always:
            return
        mark = "> " * min(self.quotes, QUOTES)
        if self.gap and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.rstrip())
        self.gap = False
        self.lines.append((mark + said).rstrip())
