"""Reading YAML: plain values with their lines, and one clear sentence for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.setup import yamlfile
from servicedesk.setup.problems import BadFile
from servicedesk.setup.yamlfile import read, read_file


def test_words_of_older_yaml_stay_words() -> None:
    text = "holidays: NO\nname: on\ndepartment: Off\nwindow: 12:30\nday: 2026-12-29\n"
    assert read(text, "x").data == {
        "holidays": "NO",
        "name": "on",
        "department": "Off",
        "window": "12:30",
        "day": "2026-12-29",
    }


def test_keys_are_text_whatever_they_look_like() -> None:
    found = read("on: 1\n2026-11-23: 2\n007: 3\n12: 4\n~: 5\n", "x").data
    assert found == {"on": 1, "2026-11-23": 2, "007": 3, "12": 4, "~": 5}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0.95", 0.95),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        ("true", True),
        ("~", None),
        ("", None),
        ('"12"', "12"),
        ("'true'", "true"),
        ("!!str 12", "12"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_value_is_read_as(text: str, value: object) -> None:
    found = read(f"a: {text}", "x").data["a"]
    assert (found, type(found)) == (value, type(value))


def test_every_value_knows_its_line() -> None:
    document = read("a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n", "x")
    assert document.line(("a", "b")) == 2
    assert document.line(("a", "c", 0)) == 4
    assert document.line(("a", "c", 1, "d")) == 5
    assert document.line(("a", "c", 1, "missing")) == 5


def test_a_key_that_stands_twice_is_a_problem_and_the_first_one_counts() -> None:
    document = read("a: 1\nb: 2\na: 3\n", "x")
    assert document.data == {"a": 1, "b": 2}
    (problem,) = document.problems
    assert (problem.path, problem.line) == (("a",), 3)
    assert problem.text == "this key stands here twice, first in line 1"


def test_what_stands_twice_is_one_problem_whatever_is_in_it() -> None:
    document = read("a: {b: 1, c: 2}\nx: 1\na: {b: 3, c: 4}\n", "x")
    assert [problem.path for problem in document.problems] == [("a",)]
    assert document.line(("a", "b")) == 1


def test_an_anchor_may_be_used_again() -> None:
    found = read("a: &t {answer: 60}\nb: *t\n", "x").data
    assert found["b"] == found["a"] == {"answer": 60}


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_bytes(b"\xef\xbb\xbfdesk: {}\r\n")
    assert read(read_file(path), "x").data == {"desk": {}}


BILLION = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "x:1: the file is empty; it must be a mapping that has `desk: {name: …}`"),
        (
            "# only this\n",
            "x:1: the file is empty; it must be a mapping that has `desk: {name: …}`",
        ),
        ("- a\n", "x:1: the file is a list; it must be a mapping that has `desk: {name: …}`"),
        ("desk\n", "x:1: the file is the text 'desk'; it must be a mapping that has"),
        ("a: 1\n\tb: 2\n", "x:2: this is not YAML: "),
        ("a: [1, 2\n", "x:2: this is not YAML: "),
        ("a: 1\n---\nb: 1\n", "x:2: a second document begins; there must be only one"),
        ("a: !!python/object/apply:os.system [ls]\n", "x:1: tags such as tag:yaml.org,2002:python"),
        ("a: !mine 1\n", "x:1: tags such as !mine are not used here"),
        ("a: 1\n? [b]\n: 2\n", "x:2: a key must be a word"),
        ("a: &a [*a]\n", "x:1: *a stands for nothing complete before it"),
        ("a: *nothing\n", "x:1: *nothing stands for nothing complete before it"),
        ("a: 1\nb: \x00\n", "x:2: the character '\\x00' does not belong in a text file"),
        ("a: " + "[" * 3000, "x:1: a[0][0] …: nested too deeply"),
        (BILLION, "x:6: more than 500000 values, aliases counted"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadFile) as refused:
        read(text, "x")
    (line,) = refused.value.lines
    assert line.startswith(sentence)
    assert "\n" not in line


def test_the_parser_without_libyaml_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: {b: [1, two, 'three'], on: ~}\nc: &x 0.5\nd: *x\na: 2\n"
    fast = read(text, "x")
    monkeypatch.setattr(yamlfile, "_Loader", yaml.SafeLoader)
    assert read(text, "x") == fast


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "there is no such file"),
        ("folder", "this is a folder, not a file"),
        (b"desk: {}\nname: \xff\xfe\n", "the file is not UTF-8 text"),
        (b"#" * 5_000_001, "the file is larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(
    tmp_path: Path, content: bytes | str | None, sentence: str
) -> None:
    path = tmp_path / "desk.yaml"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(BadFile) as refused:
        read_file(path)
    (line,) = refused.value.lines
    assert line.startswith(str(path))
    assert line.endswith(sentence)


def test_a_file_name_that_no_file_can_have_gets_one_sentence() -> None:
    with pytest.raises(BadFile):
        read_file("a\0b")


# Beyond these JSON writes a character as two escapes, which YAML does not know.
Words = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=12)
Values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | Words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(Words, inner),
    max_leaves=12,
)


@given(st.dictionaries(Words, Values, min_size=1))
def test_json_is_read_as_it_is(data: dict[str, object]) -> None:
    assert read(json.dumps(data), "x").data == data


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        assert isinstance(read(text, "x").data, dict)
    except BadFile as refused:
        (line,) = refused.lines
        assert line.startswith("x:")
