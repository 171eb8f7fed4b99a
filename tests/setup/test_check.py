"""A file with anything wrong in it is refused with file, line and field for each problem."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from servicedesk.setup.check import check
from servicedesk.setup.problems import MOST, BadFile
from servicedesk.setup.schema import MATRIX, SetUp
from servicedesk.setup.yamlfile import read
from tests.setup.examples import DESK, changed


def problems(text: str) -> list[str]:
    with pytest.raises(BadFile) as refused:
        check(read(text, "desk.yaml"))
    return refused.value.lines


def good(text: str) -> SetUp:
    return check(read(text, "desk.yaml"))


def test_the_example_is_good() -> None:
    assert set(good(DESK).groups) == {"desk", "network"}


def test_only_the_desk_is_required() -> None:
    setup = good("desk: {}")
    assert (setup.desk.name, setup.desk.zone, setup.desk.language) == ("Service desk", "UTC", "en")
    assert setup.priorities == MATRIX


def cases() -> Iterator[tuple[str, str, str]]:
    """Read the table of changes to the example, and what is said about each."""
    text = Path(__file__).with_name("problems.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        lines = [line.replace("\\n", "\n") for line in block.strip("\n").split("\n")]
        if not block.startswith("#"):
            before, after, said = lines
            yield before, after.removeprefix("-> "), said


@pytest.mark.parametrize(("before", "after", "said"), list(cases()))
def test_a_problem_names_file_line_and_field(before: str, after: str, said: str) -> None:
    assert f"desk.yaml:{said}" in problems(changed(before, after))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("calendars: {}\n", "desk.yaml:1: desk is missing"),
        ("desk:\n", "desk.yaml:1: desk is missing"),
        ("desk: x\n", "desk.yaml:1: desk: must be a mapping, not the text 'x'"),
        ("desk: {}\npeople: []\n", "desk.yaml:2: people: must be a mapping, not a list"),
        (
            "desk: {}\npriorities: {'1,1': P1}\n",
            'desk.yaml:2: priorities: there is no priority for "1,2"',
        ),
        (
            "desk: {}\npriorities:\n  '1,4': P1\n",
            'desk.yaml:3: priorities.1,4: must be impact and urgency from 1 to 3, such as "1,3"',
        ),
        (
            "desk: {}\ncalendars: {a: {}, b: {}}\nagreements:\n  gold: {}\n",
            "desk.yaml:4: agreements.gold: calendar is missing",
        ),
        (
            "desk: {}\ncalendars: {a: }\ngroups:\n  next: {name: N, tier: 1, calendar: a}\n",
            'desk.yaml:4: groups.next: "next" means the next step of a path and names no party',
        ),
    ],
)
def test_a_section_that_is_wrong_is_named(text: str, line: str) -> None:
    assert problems(text) == [line]


def test_all_problems_are_listed_at_once_in_the_order_of_the_file() -> None:
    text = changed("tier: 2", "tier: 5", changed("lead: sato", "lead: satoo"))
    text = changed("zone: Asia/Tokyo\n", "zone: A\n", text)
    text = changed("agreement: standard", "agreement: gold", text)
    assert [line.split(": ")[:2] for line in problems(text)] == [
        ["desk.yaml:4", "calendars.office.zone"],
        ["desk.yaml:10", "groups.desk.lead"],
        ["desk.yaml:11", "groups.network.tier"],
        ["desk.yaml:18", "services.internet.agreement"],
    ]


def test_an_entry_with_a_problem_still_counts_as_there() -> None:
    text = changed("tier: 2", "tier: 5")
    assert len(problems(text)) == 1


def test_of_many_problems_twenty_are_listed_and_the_rest_counted() -> None:
    people = "".join(f"  p{n}: {{manager: p{n}}}\n" for n in range(3000))
    lines = problems(f"desk: {{}}\npeople:\n{people}")
    assert len(lines) == MOST + 1
    assert lines[0] == "desk.yaml:3: people.p0.manager: nobody is their own manager"
    assert lines[-1] == "desk.yaml: and 2980 more"


def test_a_path_needs_no_tier_1_group() -> None:
    good(changed("path: [desk, network, netone]", "path: [network]"))


def test_an_agreement_without_calendar_uses_the_only_one() -> None:
    good(changed("{calendar: office, pauses", "{pauses"))


def test_keys_of_digits_need_no_quotes() -> None:
    setup = good("desk: {}\npeople:\n  10234: {name: A, manager: 10235}\n  10235:\n")
    assert setup.people["10234"].manager == "10235"


def test_dates_may_be_quoted_or_not() -> None:
    quoted = changed("2026-12-29, 2026-12-30", "'2026-12-29', \"2026-12-30\"")
    assert good(quoted) == good(DESK)


def test_yes_and_no_are_words_except_where_only_true_or_false_fits() -> None:
    text = changed("department: IT", "department: NO")
    text = changed("policy: standard}", "confidential: yes}", text)
    assert good(text).people["sato"].department == "NO"
    assert good(text).services["internet"].confidential is True


def test_what_has_nothing_after_its_colon_counts_as_left_out() -> None:
    text = changed("lead: abe", "lead: ", changed("members: [netone-kim]", "members: "))
    setup = good(text)
    assert setup.groups["network"].lead is None
    assert setup.partners["netone"].members == []


def test_one_word_may_stand_for_a_list_of_one() -> None:
    text = changed("tell: [assignee, holder-lead]", "tell: assignee")
    assert good(text).policies["standard"][0].tell == ["assignee"]
