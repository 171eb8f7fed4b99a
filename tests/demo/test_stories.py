"""What the demo's texts are made of."""

from __future__ import annotations

from random import Random

import pytest

from servicedesk.demo.build import NAME
from servicedesk.demo.featured import FEATURED
from servicedesk.demo.files import FILES
from servicedesk.demo.opening import COMPANY
from servicedesk.demo.stories import LANGUAGES, Story, phrases, stories
from servicedesk.incidents.lifecycle import RESOLUTION_CODES
from servicedesk.setup.check import check
from servicedesk.setup.load import load_file
from servicedesk.setup.schema import SetUp
from servicedesk.setup.yamlfile import read as read_yaml
from servicedesk.setup.yamlfile import read_file
from tests.support.clock import NOW

ALL = list(stories().values())


@pytest.fixture(scope="module")
def company() -> SetUp:
    return check(read_yaml(read_file(COMPANY), str(COMPANY)))


def test_there_are_sixty_stories_in_both_languages() -> None:
    assert len(ALL) >= 60
    assert {story.language for story in ALL} == set(LANGUAGES)


@pytest.mark.parametrize("story", ALL, ids=lambda story: story.key)
def test_a_story_fits_the_company(story: Story, company: SetUp) -> None:
    service = company.services[story.service]
    departments = {person.department for person in company.people.values()}
    assert set(story.departments) <= departments
    assert story.code in RESOLUTION_CODES
    assert story.file is None or story.file in FILES
    # what a partner or a third tier is told needs one on the path
    assert story.up is None or len(service.path) > 1
    assert story.deeper is None or len(service.path) > 2
    assert story.partner is None or service.path[-1] in company.partners
    assert (story.partner is None) == (story.found is None)


@pytest.mark.parametrize("story", ALL, ids=lambda story: story.key)
def test_its_words_are_filled_in(story: Story) -> None:
    told = story.told(Random(1))
    texts = [value for value in vars(told).values() if isinstance(value, str)]
    assert not [text for text in texts if "{" in text or not text]
    assert story.told(Random(1)) == told


@pytest.mark.parametrize("story", ALL, ids=lambda story: story.key)
def test_a_request_answers_what_the_form_of_its_service_asks(story: Story, company: SetUp) -> None:
    lines = story.told(Random(1)).text.splitlines()
    for field in company.services[story.service].fields:
        answers = [line for line in lines if line.startswith(f"{field.name}: ")]
        assert len(answers) == 1 or not (answers or field.required)
        if answers and field.choices:
            assert answers[0].removeprefix(f"{field.name}: ") in field.choices


def test_chosen_words_win() -> None:
    assert (
        stories()["scanners"]
        .told(Random(1), {"place": "Plant 9"})
        .title.startswith("Barcode scanners in Plant 9")
    )


def test_both_languages_have_the_same_phrases() -> None:
    english, japanese = (phrases(language) for language in LANGUAGES)
    assert english.keys() == japanese.keys()
    assert {k: type(v) for k, v in english.items()} == {k: type(v) for k, v in japanese.items()}


def test_the_chosen_cases_are_of_the_company(company: SetUp) -> None:
    people = {key for each in FEATURED for key in (each.requester, *each.workers) if key}
    assert people <= set(company.people)
    assert {each.story for each in FEATURED} <= set(stories())
    assert len({each.name for each in FEATURED}) == len(FEATURED)
    assert not [each.name for each in FEATURED if each.words.keys() - stories()[each.story].vars]


def test_the_company_has_tiers_partners_and_a_calendar_of_each_kind(company: SetUp) -> None:
    assert company.desk.name == NAME
    assert [sum(g.tier == n for g in company.groups.values()) for n in (1, 2, 3)] == [2, 3, 2]
    assert len(company.partners) == 6
    hours = {key: calendar.hours for key, calendar in company.calendars.items()}
    assert hours["always"] == {"mon-sun": ["00:00-24:00"]}
    assert hours["evening"] == {"mon-fri": ["13:00-22:00"]}
    office = company.calendars["office"]
    assert (office.holidays, bool(office.closed), bool(office.open)) == ("JP", True, True)
    agents = {key for group in company.groups.values() for key in group.members}
    employees = [
        person for person in company.people.values() if (person.department or "") not in ("IT",)
    ]
    assert (len(agents), len(employees) >= 60) == (18, True)
    assert any(str(t).endswith("d") for t in _targets(company))


def _targets(company: SetUp) -> list[object]:
    by_priority = company.agreements["standard"].targets.plain()
    return [target for kinds in by_priority.values() for target in kinds.values()]


@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("session")
def test_the_company_loads_and_loads_again() -> None:
    assert len(load_file(COMPANY, now=NOW)) > 100
    assert load_file(COMPANY, now=NOW) == ["nothing to change"]
