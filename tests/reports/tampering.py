"""Changes a PDF: a digit of its data, or one that is printed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

from servicedesk.reports.reader import _Font

DIGITS = "0123456789"


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], object], **how: Any) -> bytes:
    """Give a PDF with something changed in it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        opened.save(out, **how)
    return out.getvalue()


def write(opened: pikepdf.Pdf, name: str, text: str) -> None:
    """Put another text into a file that it carries; its checksum stays."""
    opened.attachments[name].obj.EF.F.write(text.encode())


def text(opened: pikepdf.Pdf, name: str) -> str:
    """Read a file that it carries."""
    return opened.attachments[name].get_file().read_bytes().decode()


def flip_data(opened: pikepdf.Pdf, chance: random.Random) -> str:
    """Change any one digit in any of its files; say which."""
    name = chance.choice(sorted(opened.attachments))
    said = text(opened, name)
    at = chance.choice([found.start() for found in re.finditer("[0-9]", said)])
    new = chance.choice(DIGITS.replace(said[at], ""))
    write(opened, name, said[:at] + new + said[at + 1 :])
    return f"{name}, line {said.count(chr(10), 0, at) + 1}: {said[at]} to {new}"


def flip_text(opened: pikepdf.Pdf, chance: random.Random, only: int | None = None) -> str:
    """Change any one digit that is printed on any page, or on one of them; say which."""
    pages = [(n, page) for n, page in enumerate(opened.pages, 1) if only in (None, n)]
    chance.shuffle(pages)
    for n, page in pages:
        steps = list(pikepdf.parse_content_stream(page))
        found = list(_digits(page, steps))
        if not found:
            continue
        step, string, byte, font = chance.choice(found)
        strings = _strings(steps[step])
        codes = bytearray(bytes(strings[string]))
        old = font.texts[int.from_bytes(codes[byte : byte + 2])]
        others = [(c, t) for c, t in font.texts.items() if t in DIGITS and t != old]
        code, new = chance.choice(others)
        codes[byte : byte + 2] = code.to_bytes(2)
        strings[string] = pikepdf.String(bytes(codes))
        shown = [pikepdf.Array(strings)] if str(steps[step].operator) == "TJ" else strings
        steps[step] = pikepdf.ContentStreamInstruction(shown, steps[step].operator)
        page.Contents = opened.make_stream(pikepdf.unparse_content_stream(steps))
        return f"page {n}: {old} to {new}"
    raise AssertionError("no digit is printed")


def _strings(step: Any) -> list[Any]:
    return list(step.operands[0]) if str(step.operator) == "TJ" else [step.operands[0]]


def _digits(page: pikepdf.Page, steps: list[Any]) -> Iterator[tuple[int, int, int, _Font]]:
    """Find the digits on a page that can become another one."""
    fonts = {str(name): _Font.of(font) for name, font in page.resources.Font.items()}
    font = None
    for n, step in enumerate(steps):
        if str(step.operator) == "Tf":
            font = fonts[str(step.operands[0])]
        if str(step.operator) not in ("Tj", "TJ") or font is None:
            continue
        if sum(text in DIGITS for text in font.texts.values()) < 2:
            continue
        for m, string in enumerate(_strings(step)):
            codes = bytes(string) if isinstance(string, pikepdf.String) else b""
            for byte in range(0, len(codes), 2):
                if font.texts.get(int.from_bytes(codes[byte : byte + 2]), "?") in DIGITS:
                    yield n, m, byte, font
