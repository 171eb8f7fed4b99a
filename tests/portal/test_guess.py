"""The service is guessed from the words of a title; what is guessed can be corrected."""

from __future__ import annotations

import pytest

from servicedesk.incidents.guess import guess, told, words
from tests.cast import Desk

NETWORK, PRINTING = 1, 2
NAMES = [(NETWORK, "Internet access"), (PRINTING, "Printing")]
EARLIER = [
    (NETWORK, "Scanners drop off the Wi-Fi"),
    (NETWORK, "無線LANが切れる"),
    (PRINTING, "Stripes on every page"),
    (PRINTING, "カラープリンタに縞が出る"),
]


@pytest.mark.parametrize(
    ("title", "service"),
    [
        ("Wi-Fi gone in aisle 9", NETWORK),
        ("Pages have stripes", PRINTING),
        ("printing is slow", PRINTING),
        ("会議室の無線LANが遅い", NETWORK),
        ("3階プリンタの縞", PRINTING),
    ],
)
def test_the_words_of_earlier_titles_tell_the_service(title: str, service: int) -> None:
    assert guess(title, NAMES, EARLIER) == service


@pytest.mark.parametrize("title", ["", "it is so", "椅子が壊れた"])
def test_nothing_is_guessed_from_words_that_nobody_used(title: str) -> None:
    assert guess(title, NAMES, EARLIER) is None


def test_japanese_is_compared_by_pairs_of_characters() -> None:
    assert words("無線LANが") == {"lan", "無線"}


@pytest.mark.backends("sqlite")
def test_the_page_offers_the_guess(desk: Desk) -> None:
    desk.log(title="Stripes on every page", service="printing")
    page = desk.visit("emi").get("/incidents/new?title=stripes+again").text
    assert '<option selected value="printing">' in page


def test_others_words_tell_something_once_several_people_used_them() -> None:
    """§9: else trying out words would tell whether anybody else wrote them."""
    emi, others = 1, (2, 3, 4)
    one = [(PRINTING, "Stripes, says Garnier", other) for other in others[:2]]
    assert guess("stripes", NAMES, told(one, emi)) is None
    three = [*one, (PRINTING, "Stripes again", others[2])]
    assert guess("stripes", NAMES, told(three, emi)) == PRINTING
    assert guess("garnier", NAMES, told(three, emi)) is None
    assert guess("garnier", NAMES, told(three, others[0])) == PRINTING


@pytest.mark.backends("sqlite")
def test_a_title_of_somebody_else_alone_tells_nothing(desk: Desk) -> None:
    """§1: an employee never sees other people's incidents."""
    desk.log(title="Garnier", service="printing")
    page = desk.visit("taro").get("/incidents/new?title=garnier").text
    assert '<option selected value="">' in page


@pytest.mark.backends("sqlite")
def test_a_confidential_title_tells_nothing(desk: Desk) -> None:
    desk.log(title="Garnishment", service="payroll")
    page = desk.visit("taro").get("/incidents/new?title=garnishment").text
    assert '<option selected value="">' in page
