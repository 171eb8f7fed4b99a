"""F7: a report is made again from its data, and whatever was changed is named."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import Result
from flask import Flask

from servicedesk.app import create_app
from servicedesk.incidents import acts
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.reports import bound, carried, reader, reading, verify
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.cast import at
from tests.incidents.told import EMI, NETONE, NETWORK, Told, day, directory
from tests.reports.counted import facts, frame
from tests.reports.tampering import changed, flip_data, flip_text, text, write
from tests.support.torture import enough

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered")]

FLIPS = enough(6, 200)  # others in every round


def november() -> Document:
    """A month of a few incidents: in time and late, handed off, reopened, open."""
    told = [Told(f"{d} 09:00", type=t) for d in ("Thu", "Fri") for t in ("incident", "request")]
    acts.wish(told[0].at("Thu 09:00", EMI), day("2026-11-26"))
    told[0].hand(NETWORK, "Thu 10:00")
    told[0].hand(NETONE, "Thu 11:00")
    acts.resolve(told[0].at("Fri 15:00"), "solved")
    acts.resolve(told[1].at("Thu 12:00"), "solved")
    acts.reopen(told[1].at("Fri 09:30"))
    acts.resolve(told[1].at("Mon 17:00"), "solved")
    acts.resolve(told[2].at("Fri 10:00"), "solved")
    exclude(told[0])
    said = Contents(
        frame(), Scope(), Knowledge(42, at("2026-12-01 09:00")), directory(), facts(*told),
        draft=False,
    )  # fmt: skip
    titles = {1: "No network on floor 3", 2: "Two screens for desk 12", 4: "新しいPC 2台"}
    return Document(said, Seal(1, "Ueda Rin", comment="All in all a good month."), titles)


def exclude(it: Told) -> None:
    """C11: an hour of it does not count for the network team, nor for the requester."""
    out = Wanted(at("Thu 10:10"), at("Thu 11:10"), ("resolution", NETWORK.ref))
    exclusions.ask(it.at("Fri 16:00"), out, "digest", "agent")
    exclusions.decide(it.at("Fri 16:30", 9), it.story.seq, True, (), "manager")


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A machine on which the program is installed, and no desk."""
    folder = tmp_path_factory.mktemp("nothing")
    app = create_app({
        "DATABASE_URL": f"sqlite:///{folder}/none.db", "DESK_VAR": str(folder), "TESTING": True,
    })  # fmt: skip
    with app.app_context():
        yield app
    assert not (folder / "none.db").exists()


@pytest.fixture
def report(nothing: Flask) -> bytes:
    """The report of November."""
    return bound.bind(november(), "en").to_pdf()


def differences(pdf: bytes) -> list[str]:
    return list(verify.verify(pdf).differences)


def test_a_report_as_it_was_made_follows_from_its_data(report: bytes) -> None:
    verdict = verify.verify(report)
    assert verdict.differences == []
    assert not verdict.as_text
    assert verdict.said == "2026-11, all, revision 1"


def test_so_it_does_in_japanese(nothing: Flask) -> None:
    assert differences(bound.bind(november(), "ja").to_pdf()) == []


@pytest.mark.parametrize(
    "how",
    [
        {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.all},
        {"linearize": True, "object_stream_mode": pikepdf.ObjectStreamMode.generate},
    ],
)
def test_how_it_was_saved_does_not_matter(report: bytes, how: dict[str, Any]) -> None:
    again = changed(report, lambda opened: None, **how)
    assert again != report
    assert differences(again) == []


def test_any_one_digit_that_is_changed_is_found(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F7: in the data or on a page; what is printed and recomputed is named."""
    monkeypatch.setattr(reading, "in_child", reader.read)
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    for n in range(FLIPS):
        what = ""

        def flip(opened: pikepdf.Pdf, n: int = n) -> None:
            nonlocal what
            what = (flip_data if n % 2 else flip_text)(opened, chance)

        found = differences(changed(report, flip))
        place = what.partition(",")[0] if n % 2 else what.partition(":")[0]
        assert any(line.startswith(place) for line in found), (seed, what, found)


def printed(place: str) -> str:
    return rf"^page \d+, .*{place}: printed “.*”, recomputed “.*”$"


def test_a_printed_digit_is_named_with_its_table_row_and_column(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "in_child", reader.read)
    lines = []
    for seed in range(5):
        chance = random.Random(seed)
        flipped = changed(report, lambda opened, c=chance: flip_text(opened, c, 2))  # type: ignore[misc]
        lines += differences(flipped)
    assert all(line.startswith("page 2, ") for line in lines)
    place = printed("Summary › [^›]+ › (Actual|Cases)")  # row and column
    assert any(re.search(place, line) for line in lines), lines


def test_a_changed_row_is_named_with_the_figure_that_it_counts_in(report: bytes) -> None:
    def change(opened: pikepdf.Pdf) -> None:
        said = text(opened, "cases.csv")
        row = next(line for line in said.splitlines() if line.startswith("sla.resolution"))
        write(opened, "cases.csv", said.replace(row, row[:-1] + str(1 - int(row[-1])), 1))

    lines = differences(changed(report, change))
    assert any(re.match(r"figure sla.resolution: printed .*, recomputed .*", n) for n in lines)
    assert any(re.match(r"cases.csv, line \d+ \(INC-\d+\), value: carried '0'", n) for n in lines)


def add_row(opened: pikepdf.Pdf) -> None:
    said = text(opened, "incidents.csv")
    write(opened, "incidents.csv", said + said.splitlines()[-1].replace("INC-0", "INC-9") + "\n")


def take_row(opened: pikepdf.Pdf) -> None:
    head, _row, *rest = text(opened, "cases.csv").splitlines()
    write(opened, "cases.csv", "\n".join([head, *rest, ""]))


def take_from_another(opened: pikepdf.Pdf) -> None:
    """Put in the file of another report, whole and consistent in itself."""
    doc = november()
    fewer = replace(doc, contents=replace(doc.contents, facts=doc.contents.facts[1:]))
    write(opened, "facts.jsonl", carried.files(fewer, "en")["facts.jsonl"])


@pytest.mark.parametrize(
    "how",
    [
        (
            add_row,
            "figure intake: printed 4, recomputed from its cases 5",
            r"incidents.csv, line \d+: carried .*, recomputed nothing",
        ),
        (
            take_row,
            r"figure \S+: printed .*, recomputed from its cases",
            r"cases.csv, line 2 .*: carried",
        ),
        (
            take_from_another,
            "facts.jsonl: SHA-256 printed",
            r"incidents.csv, line \d+.*: carried",
            printed("Logged"),
        ),
    ],
)
def test_a_row_or_a_file_added_removed_or_exchanged_is_named(
    report: bytes, how: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "in_child", reader.read)
    change, *wanted = how
    lines = differences(changed(report, change))
    for said in wanted:
        assert any(re.search(said, line) for line in lines), lines


def test_a_fact_that_was_changed_with_its_sum_changes_the_figures(report: bytes) -> None:
    """Somebody who knows how it is written moves a resolution by a month."""

    def change(opened: pikepdf.Pdf) -> None:
        from servicedesk.reports.carried import _sum

        *lines, last = text(opened, "facts.jsonl").splitlines()
        body = last.rpartition(',"sum"')[0].replace('"type":"request"', '"type":"incident"')
        write(opened, "facts.jsonl", "\n".join([*lines, f'{body},"sum":"{_sum(body)}"}}', ""]))

    lines = differences(changed(report, change))
    assert any(line.startswith("facts.jsonl: SHA-256 printed") for line in lines)
    assert any(re.search(printed("Service requests › Logged"), line) for line in lines)


def wider(step: Any) -> pikepdf.ContentStreamInstruction:
    x, y, _width, height = step.operands
    return pikepdf.ContentStreamInstruction([x, y, 99, height], step.operator)


def test_what_is_drawn_otherwise_is_found_though_it_says_the_same(report: bytes) -> None:
    """A bar made longer."""

    def change(opened: pikepdf.Pdf) -> None:
        page = opened.pages[2]
        steps = [
            wider(step) if str(step.operator) == "re" else step
            for step in pikepdf.parse_content_stream(page)
        ]
        page.Contents = opened.make_stream(pikepdf.unparse_content_stream(steps))

    assert differences(changed(report, change)) == ["page 3: is drawn otherwise than its data says"]


def lay_over(opened: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[0, 0, 99, 99],
        Contents="100 %",
    )  # fmt: skip
    opened.pages[1].Annots = pikepdf.Array([opened.make_indirect(note)])


def paint_over(opened: pikepdf.Pdf) -> None:
    picture = opened.make_stream(b"\0", Width=1, Height=1, BitsPerComponent=8,
                                 ColorSpace=pikepdf.Name.DeviceGray, Type=pikepdf.Name.XObject,
                                 Subtype=pikepdf.Name.Image)  # fmt: skip
    opened.pages[1].add_resource(picture, pikepdf.Name.XObject, pikepdf.Name("/Over"))
    opened.pages[1].contents_add(b"q 99 0 0 99 0 0 cm /Over Do Q")


def take_away(opened: pikepdf.Pdf) -> None:
    del opened.pages[3]


def put_page_in(opened: pikepdf.Pdf) -> None:
    opened.pages.insert(2, opened.pages[1])


def put_blank_page_in(opened: pikepdf.Pdf) -> None:
    opened.add_blank_page()


def leave_out(opened: pikepdf.Pdf) -> None:
    del opened.attachments["incidents.csv"]


def put_in(opened: pikepdf.Pdf) -> None:
    opened.attachments["more.txt"] = b"100 %"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lay_over, "page 2: a note laid over it"),
        (paint_over, "page 2: a picture laid over it"),
        (take_away, "pages: printed"),
        (put_page_in, "pages: printed"),
        (put_blank_page_in, "pages: printed"),
        (leave_out, "incidents.csv: is missing"),
        (put_in, "more.txt: is not a file of a report"),
    ],
)
def test_what_is_added_or_taken_away_is_named(report: bytes, change: Any, said: str) -> None:
    assert any(line.startswith(said) for line in differences(changed(report, change)))


# The command


def run(app: Flask, path: Path) -> Result:
    return app.test_cli_runner().invoke(args=["desk", "verify", str(path)])


def test_a_good_report_ends_with_status_0_and_one_line(
    nothing: Flask, report: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(report)
    done = run(nothing, path)
    assert done.exit_code == 0
    assert (
        done.output
        == f"{path}: 2026-11, all, revision 1: all that is printed follows from its data\n"
    )


def test_a_changed_one_ends_with_status_1_and_the_list(
    nothing: Flask, report: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(changed(report, lambda opened: flip_text(opened, random.Random(5))))
    done = run(nothing, path)
    assert done.exit_code == 1
    [line] = done.output.splitlines()
    assert re.match(r"page \d+.*: printed “.*”, recomputed “.*”", line)


def encrypted(report: bytes) -> bytes:
    return changed(report, lambda o: None, encryption=pikepdf.Encryption(owner="a", user="b"))


def of_somebody_else(report: bytes) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda report: b"", "it is not a PDF"),
        (lambda report: b"\x89PNG", "it is not a PDF"),
        (lambda report: b"%PDF-1.7 nonsense", "unable to find trailer"),
        (lambda report: report[:3000], ""),
        (encrypted, "invalid password"),
        (of_somebody_else, "it carries no report.json"),
    ],
)
def test_what_is_no_report_ends_with_status_2_and_one_line(
    nothing: Flask, report: bytes, tmp_path: Path, make: Any, said: str
) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(make(report))
    done = run(nothing, path)
    assert done.exit_code == 2
    [line] = done.output.splitlines()
    assert line.startswith(f"{path}: ")
    assert said in line


def test_what_is_not_there_ends_with_status_2(nothing: Flask, tmp_path: Path) -> None:
    for path in (tmp_path / "none.pdf", tmp_path):
        done = run(nothing, path)
        assert (done.exit_code, len(done.output.splitlines())) == (2, 1)
