"""Reads a PDF in a process of its own: the files that it carries, and what is printed where.

Run by `reading.py`: the PDF comes on standard input, bounds as arguments, JSON goes to standard
output. Knows nothing of the desk.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

NO_MEMORY, NO_PDF = 4, 6  # exit status
MOST_PAGES, MOST_TEXT, MOST_DATA = 2000, 20_000_000, 200_000_000
MOST_FORMS, DEEPEST = 20_000, 8  # drawings on a page, and within each other
_PLACE = re.compile(r"^stream <[^>]*>\s*(\([^)]*\))?:?")  # what a library calls the input
NO_MARK = -1  # of what is shown outside of all marked content
BLOCKS = frozenset({"P", "H1", "H2", "H3", "TH", "TD", "Caption", "LI", "Figure", "Link"})
DRAWN = "/Drawn"
UNSAID = frozenset({"/Parent", "/P", "/StructParent", "/StructParents", "/Length", "/Filter",
                    "/DecodeParms", "/Metadata", "/PieceInfo", "/LastModified"})  # fmt: skip


class NoReport(Exception):
    """What was given cannot be read; the message says why."""


def main() -> int:
    """Read the PDF, write what is in it."""
    seconds, megabytes = map(int, sys.argv[1:3])
    _limit(seconds, megabytes)
    try:
        said = read(sys.stdin.buffer.read())
    except (MemoryError, RecursionError):
        return NO_MEMORY
    except (NoReport, pikepdf.PdfError, pikepdf.PasswordError) as error:
        why = _PLACE.sub("", str(error)).strip().partition("\n")[0]
        print(why, file=sys.stderr)  # noqa: T201 - this process speaks to its parent
        return NO_MEMORY if "bad_alloc" in why else NO_PDF
    json.dump(said, sys.stdout)
    return 0


def _limit(seconds: int, megabytes: int) -> None:
    """Bound processor time and memory; no core dumps."""
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes) -> dict[str, Any]:
    """Read `files`, `blocks`, `pages` (what each draws, summed up), `strange` and `drawn`."""
    if b"%PDF-" not in data[:1024]:
        raise NoReport("it is not a PDF")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > MOST_PAGES:
            raise NoReport(f"it has more than {MOST_PAGES} pages")
        printed = _Printed(pdf)
        return {
            "files": _files(pdf),
            "blocks": printed.blocks(),
            "pages": [_drawing(page) for page in pdf.pages],
            "strange": [*_strange_files(pdf), *printed.strange],
            "drawn": str(pdf.docinfo.get(DRAWN, "")),
        }


# The files


def _files(pdf: pikepdf.Pdf) -> dict[str, str]:
    found, size = {}, 0
    for name, spec in pdf.attachments.items():
        content = spec.get_file().read_bytes()
        size += len(content)
        if size > MOST_DATA:
            raise NoReport(f"it carries more than {MOST_DATA // 1_000_000} MB of data")
        found[name] = content.decode("utf-8", errors="replace")
    return found


def _strange_files(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Name files that are two, and those that go with the document but that it does not carry."""
    known = set()
    for name, spec in pdf.attachments.items():
        streams = {spec.obj.EF[key].objgen for key in spec.obj.EF.keys()}  # noqa: SIM118 - no dict
        known |= streams
        if len(streams) > 1:
            yield f"{name}: is two files"
    for other in pdf.Root.get("/AF", Array()):
        if "/EF" not in other or other.EF.F.objgen not in known:
            yield f"a file besides its own: {other.get('/F', '')}"


# What is drawn


def _drawing(page: pikepdf.Page) -> str:
    """Sum up all that a page draws: its content, fonts and notes."""
    sums = _Sums()
    said = (page.obj.get(key) for key in ("/MediaBox", "/CropBox", "/Rotate", "/Annots"))
    parts = [sums.of(page.resources), *(sums.of(each) for each in said), _content(page)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _content(page: pikepdf.Page) -> bytes:
    content = page.obj.get("/Contents")
    streams = list(content) if isinstance(content, Array) else [content] if content else []
    return b"\n".join(stream.read_bytes().strip() for stream in streams)


@dataclass
class _Sums:
    """Sums objects up, whatever way they were stored."""

    seen: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def of(self, said: Any) -> bytes:
        if isinstance(said, Object) and said.is_indirect:
            if said.objgen not in self.seen:
                self.seen[said.objgen] = b""  # a ring ends here
                self.seen[said.objgen] = self._plain(said)
            return self.seen[said.objgen]
        return self._plain(said)

    def _plain(self, said: Any) -> bytes:
        if isinstance(said, Stream):
            parts = [self._pairs(said), said.read_bytes()]
        elif isinstance(said, Dictionary):
            parts = [self._pairs(said)]
        elif isinstance(said, Array):
            parts = [self.of(each) for each in said]
        else:
            return _scalar(said)
        return hashlib.sha256(b"\0".join([type(said).__name__.encode(), *parts])).digest()

    def _pairs(self, said: Any) -> bytes:
        keys = sorted(key for key in said.keys() if key not in UNSAID)  # noqa: SIM118 - not a dict
        return b"\0".join(key.encode() + b"\0" + self.of(said[key]) for key in keys)


def _scalar(said: Any) -> bytes:
    if isinstance(said, Decimal | float):
        return f"{Decimal(said).normalize():f}".encode()
    return bytes(said) if isinstance(said, pikepdf.String) else str(said).encode()


# What is printed


class _Printed:
    """Reads the text of a tagged PDF in its logical order, block by block."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.strange: list[str] = []
        self.known: dict[tuple[int, int], _Font] = {}
        self.number = {page.obj.objgen: n for n, page in enumerate(pdf.pages, 1)}
        self.size = 0
        self.texts = [self._page(n, page) for n, page in enumerate(pdf.pages, 1)]
        self.section = self.title = ""
        self.heads: dict[str, str] = {}  # of tables, by how cells refer to them
        self.seen: set[tuple[int, int]] = set()  # elements: each is told once
        self.told: list[tuple[int, str, str, str]] = []

    def blocks(self) -> list[tuple[int, str, str, str]]:
        """Give page, kind, place and text of every block, then of what is in none."""
        root = self.pdf.Root.get("/StructTreeRoot")
        if root is not None:
            self._walk(root, 0, 0)
        for n, rest in enumerate(self.texts, 1):
            self.told += [(n, "Margin", "margin", text) for text in rest.values() if text]
        title = str(self.pdf.docinfo.get("/Title", ""))
        return [*self.told, (0, "Title", "title", title), *self._bookmarks()]

    def _bookmarks(self) -> Iterator[tuple[int, str, str, str]]:
        with self.pdf.open_outline(max_depth=8) as outline:
            items = list(outline.root)
            for item in items:
                yield 0, "Title", "bookmark", item.title
                items.extend(item.children)

    # the tree

    def _walk(self, element: Any, page: int, depth: int) -> None:
        if depth > 60:
            raise NoReport("its structure is nested too deeply")
        tag = str(element.get("/S", "")).lstrip("/")
        if "/Pg" in element:
            page = self.number.get(element.Pg.objgen, page)
        if tag in BLOCKS:
            self._block(tag, page, self._gathered(element, page, depth), element)
            return
        for kid in self._kids(element):
            if isinstance(kid, int):
                self._block("P", page, self._taken(page, kid), element)
            else:
                self._walk(kid, page, depth + 1)

    def _kids(self, element: Any) -> Iterator[Any]:
        """Give what an element is made of: numbers of marked content, or further elements."""
        kids = element.get("/K")
        for kid in kids if isinstance(kids, Array) else [] if kids is None else [kids]:
            if isinstance(kid, int):
                yield kid
            elif isinstance(kid, Dictionary) and "/MCID" in kid:
                yield int(kid.MCID)
            elif isinstance(kid, Dictionary) and "/Obj" not in kid and kid.objgen not in self.seen:
                if kid.is_indirect:
                    self.seen.add(kid.objgen)
                yield kid

    def _gathered(self, element: Any, page: int, depth: int) -> str:
        """Join the text of an element with that of all in it."""
        if depth > 60:
            raise NoReport("its structure is nested too deeply")
        if "/Pg" in element:
            page = self.number.get(element.Pg.objgen, page)
        said = [str(element.Alt) + " "] if "/Alt" in element else []
        for kid in self._kids(element):
            if isinstance(kid, int):
                said.append(self._taken(page, kid))
            else:
                said.append(self._gathered(kid, page, depth + 1))
        return " ".join(said)

    def _taken(self, page: int, mark: int) -> str:
        return self.texts[page - 1].pop(mark, "") if page else ""

    def _block(self, tag: str, page: int, text: str, element: Any) -> None:
        said = " ".join(text.split())
        if tag == "H1":
            self.section, self.title = said, ""
        elif tag in ("H2", "Caption"):
            self.title = said
        elif tag == "TH" and "/ID" in element:
            self.heads[str(element.ID)] = said
        self.told.append((page, tag, self._place(tag, element), said))

    def _place(self, tag: str, element: Any) -> str:
        place = [self.section] if tag in ("H1", "H2", "Caption") else [self.section, self.title]
        if tag == "TD" and "/A" in element:
            place += [self.heads.get(str(each), "") for each in element.A.get("/Headers", Array())]
        return " › ".join(filter(None, place))

    def _page(self, n: int, page: pikepdf.Page) -> dict[int, str]:
        """Read what a page shows, by the number of the marked content that it stands in."""
        found = _Content(n, self.known)
        found.read(page, page.resources, 0)
        self.size += found.size
        if self.size > MOST_TEXT:
            raise NoReport("it has too much text")
        notes = (note.get("/Subtype") for note in page.obj.get("/Annots", Array()))
        self.strange += found.strange
        self.strange += [f"page {n}: a note laid over it" for note in notes if note != Name.Link]
        return {mark: "".join(said) for mark, said in found.shown.items()}


class _Content:
    """Follows a page's content and keeps what it shows."""

    def __init__(self, page: int, known: dict[tuple[int, int], _Font]) -> None:
        self.page = page
        self.known = known
        self.shown: dict[int, list[str]] = {}
        self.strange: list[str] = []
        self.size = self.forms = 0
        self.marks: list[int] = []
        self.fonts: list[_Font | None] = [None]

    def read(self, stream: Any, resources: Any, depth: int) -> None:
        """Follow a stream of operators, and the drawings in it."""
        for step in pikepdf.parse_content_stream(stream):
            name, said = str(step.operator), list(step.operands)
            if name in ("Tj", "TJ", "'", '"'):
                self._show(said[-1])
            elif name == "Tf":
                self.fonts[-1] = self._font(resources, said[0])
            elif name == "Do":
                self._draw(resources, said[0], depth)
            elif name == "INLINE IMAGE":
                self.strange.append(f"page {self.page}: a picture laid over it")
            else:
                self._follow(name, said)

    def _follow(self, name: str, said: list[Any]) -> None:
        """Keep the marked content and the font that one is in."""
        if name == "q":
            self.fonts.append(self.fonts[-1])
        elif name == "Q" and len(self.fonts) > 1:
            self.fonts.pop()
        elif name in ("BMC", "BDC"):
            self.marks.append(self._mark(said))
        elif name == "EMC":
            del self.marks[-1:]

    def _mark(self, said: list[Any]) -> int:
        properties = said[1] if len(said) > 1 else None
        if isinstance(properties, Dictionary) and "/MCID" in properties:
            return int(properties.MCID)
        return self.marks[-1] if self.marks else NO_MARK

    def _show(self, said: Any) -> None:
        font = self.fonts[-1]
        strings = (each for each in (said if isinstance(said, Array) else [said]))
        codes = [bytes(each) for each in strings if isinstance(each, pikepdf.String)]
        text = "".join(font.text(each) if font else "?" * len(each) for each in codes)
        self.size += len(text) + 1
        if self.size > MOST_TEXT:
            raise NoReport("it has too much text")
        mark = self.marks[-1] if self.marks else NO_MARK
        self.shown.setdefault(mark, []).append(text)

    def _font(self, resources: Any, name: Any) -> _Font | None:
        font = resources.Font.get(str(name)) if "/Font" in resources else None
        if font is None:
            return None
        if font.objgen not in self.known:
            self.known[font.objgen] = _Font.of(font)
        return self.known[font.objgen]

    def _draw(self, resources: Any, name: Any, depth: int) -> None:
        """Follow a drawing within the page."""
        form = resources.XObject.get(str(name)) if "/XObject" in resources else None
        if form is None or form.get("/Subtype") != Name.Form:
            self.strange.append(f"page {self.page}: a picture laid over it")
        elif depth >= DEEPEST or self.forms >= MOST_FORMS:
            raise NoReport("it has too many drawings")
        else:
            self.forms += 1
            self.read(form, form.get("/Resources", resources), depth + 1)


@dataclass(frozen=True)
class _Font:
    """How a font's codes read."""

    width: int  # bytes of a code
    texts: dict[int, str]

    def text(self, codes: bytes) -> str:
        said = (codes[n : n + self.width] for n in range(0, len(codes), self.width))
        return "".join(self.texts.get(int.from_bytes(code), "�") for code in said)

    @classmethod
    def of(cls, font: Any) -> _Font:
        width = 2 if font.get("/Subtype") == Name.Type0 else 1
        table = font.ToUnicode.read_bytes() if "/ToUnicode" in font else b""
        return cls(width, dict(_mapped(table)))


_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_HEX = re.compile(rb"<\s*([0-9A-Fa-f\s]*)>")


def _mapped(table: bytes) -> Iterator[tuple[int, str]]:
    """Read which code means which text."""
    for section in _SECTION.finditer(table):
        for line in section[2].splitlines():
            codes = [bytes.fromhex(found.decode()) for found in _HEX.findall(line)]
            if section[1] == b"bfchar" and len(codes) == 2:
                yield int.from_bytes(codes[0]), codes[1].decode("utf-16-be", errors="replace")
            elif section[1] == b"bfrange" and len(codes) == 3:
                yield from _range(*codes)


def _range(first: bytes, last: bytes, text: bytes) -> Iterator[tuple[int, str]]:
    start = int.from_bytes(first)
    for n in range(min(int.from_bytes(last) - start + 1, 65536)):
        code = int.from_bytes(text) + n
        yield start + n, code.to_bytes(len(text)).decode("utf-16-be", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
