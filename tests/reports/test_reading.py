"""Hostile PDFs: reading them ends, in bounded time and memory, with one sentence."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator

import pikepdf
import pytest
from flask import Flask
from flask_babel import Babel
from pikepdf import Array, Dictionary, Name

from servicedesk.reports import reader, reading
from servicedesk.reports.reading import NotRead


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """Three seconds, and little memory."""
    app = Flask(__name__)
    app.config.update(REPORT_SECONDS=3, REPORT_MB=400)
    Babel(app)
    with app.app_context():
        yield


def saved(make: Callable[[pikepdf.Pdf], object]) -> bytes:
    """Make a PDF of one page."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        make(made)
        made.save(out)
    return out.getvalue()


def page_of(made: pikepdf.Pdf, content: bytes) -> None:
    made.pages[0].Contents = made.make_stream(content)


def test_what_is_printed_is_read_by_section_table_and_cell() -> None:
    """Of a tagged PDF; of one without tags what is shown is all there is."""
    read = reading.read(saved(lambda made: page_of(made, b"BT /F 9 Tf (100) Tj ET")))
    assert [block.text for block in read.blocks if block.page] == ["???"]


def packed(made: pikepdf.Pdf, piece: bytes, size: int) -> pikepdf.Stream:
    """Make a stream that is small until it is unpacked."""
    pack = zlib.compressobj()
    block = piece * (1_000_000 // len(piece))
    parts = [pack.compress(block) for _n in range(size // len(block))]
    stream = made.make_stream(b"")
    stream.write(b"".join(parts) + pack.flush(), filter=Name.FlateDecode)
    return stream


def bomb(made: pikepdf.Pdf) -> None:
    made.attachments["report.json"] = b"0"
    said = made.attachments["report.json"].obj.EF
    said.F = said.UF = packed(made, b"0", 600_000_000)


def many(made: pikepdf.Pdf) -> None:
    made.pages[0].Contents = packed(made, b"BT (x) Tj ET\n", 60_000_000)


def ring(made: pikepdf.Pdf) -> None:
    element = made.make_indirect(Dictionary(S=Name.Sect))
    element.K = Array([element])
    made.Root.StructTreeRoot = Dictionary(K=element)


def doubling(made: pikepdf.Pdf) -> None:
    """Each element twice holds the next: 2 to the 50th of the last."""
    element = made.make_indirect(Dictionary(S=Name.P, K=0))
    for _n in range(50):
        element = made.make_indirect(Dictionary(S=Name.Sect, K=Array([element, element])))
    made.Root.StructTreeRoot = Dictionary(K=element)


def deep(made: pikepdf.Pdf) -> None:
    element = made.make_indirect(Dictionary(S=Name.P, K=0))
    for _n in range(5000):
        element = made.make_indirect(Dictionary(S=Name.Sect, K=element))
    made.Root.StructTreeRoot = Dictionary(K=element)


def drawings(made: pikepdf.Pdf) -> None:
    """A drawing that draws itself, twice."""
    form = made.make_stream(b"/F Do /F Do", Type=Name.XObject, Subtype=Name.Form)
    form.Resources = Dictionary(XObject=Dictionary(F=form))
    made.pages[0].Resources = Dictionary(XObject=Dictionary(F=form))
    page_of(made, b"/F Do")


@pytest.mark.parametrize("make", [ring, doubling])
def test_a_ring_is_walked_once(make: Callable[[pikepdf.Pdf], None]) -> None:
    assert reading.read(saved(make)).files == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (bomb, "needed more than 400 MB"),
        (many, "longer than 3 seconds|needed more than|too much text"),
        (deep, "nested too deeply"),
        (drawings, "too many drawings"),
    ],
)
def test_what_would_eat_the_machine_is_refused(
    make: Callable[[pikepdf.Pdf], None], said: str
) -> None:
    with pytest.raises(NotRead, match=said) as error:
        reading.read(saved(make))
    assert "\n" not in str(error.value)


def test_a_file_that_is_two_is_strange() -> None:
    """Some programs would show the one, some the other."""

    def make(made: pikepdf.Pdf) -> None:
        made.attachments["report.json"] = b"1"
        made.attachments["report.json"].obj.EF.F = made.make_stream(b"2")

    assert reading.read(saved(make)).strange == ["report.json: is two files"]


def test_what_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 10)
    with pytest.raises(NotRead, match="larger than"):
        reading.read(b"%PDF-1.7 too large")


def test_codes_are_read_as_the_font_says() -> None:
    table = b"""2 beginbfchar <0001> <0041> <0002> <00660069> endbfchar
    1 beginbfrange
    <0010> <0012> <0030>
    endbfrange"""
    lines = table.replace(b"> <0002>", b">\n<0002>")
    assert dict(reader._mapped(lines)) == {1: "A", 2: "fi", 16: "0", 17: "1", 18: "2"}
