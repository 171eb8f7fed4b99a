"""The list of reasons: in DESK.yaml, on its page, and in the form of a hand-off."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from servicedesk.administration.reasons import drafts
from servicedesk.administration.reasons.drafts import Line
from servicedesk.errors import BadInput, DeskError
from servicedesk.escalation.commands import hand_off
from servicedesk.setup import reasons
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at, page_of

OWN = "{vendor: , warranty: {en: Under warranty, ja: 保証期間内}, parts: A spare part}"


def with_reasons(said: str) -> str:
    return DESK.replace("close_after: 5}", f"close_after: 5, handoff_reasons: {said}}}")


def load(desk: Desk, text: str) -> list[str]:
    with desk.session():
        return list(load_text(text, "desk.yaml", now=at("09:00")))


def dumped(desk: Desk) -> dict[str, Any]:
    with desk.session():
        found: dict[str, Any] = yaml.safe_load(dump())
        return found


def offered(desk: Desk) -> list[str]:
    return [reason.key for reason in reasons.offered(desk.setup().more)]


# DESK.yaml


def test_without_a_list_the_seven_built_in_ones_are_offered(desk: Desk) -> None:
    """H2: a hand-off has a reason."""
    assert offered(desk) == list(reasons.BUILT_IN)
    assert "handoff_reasons" not in dumped(desk)["desk"]


def test_a_list_is_offered_in_its_order_and_other_always(desk: Desk) -> None:
    load(desk, with_reasons(OWN))
    assert offered(desk) == ["vendor", "warranty", "parts", "other"]


def test_what_was_dumped_is_taken_back_unchanged(desk: Desk) -> None:
    load(desk, with_reasons(OWN))
    with desk.session():
        text = dump()
    assert load(desk, text) == load(desk, text)
    with desk.session():
        assert dump() == text
    assert dumped(desk)["desk"]["handoff_reasons"] == {
        "vendor": {},
        "warranty": {"en": "Under warranty", "ja": "保証期間内"},
        "parts": {"en": "A spare part"},
    }


def test_another_order_is_a_change(desk: Desk) -> None:
    load(desk, with_reasons("{a: One, b: Two}"))
    load(desk, with_reasons("{b: Two, a: One}"))
    assert offered(desk) == ["b", "a", "other"]


def test_what_a_file_leaves_out_is_retired_and_still_named(desk: Desk) -> None:
    load(desk, with_reasons(OWN))
    n = desk.log()
    desk.do(hand_off, n, "network", note="Look", reason="parts", by="ito", when="10:00")
    load(desk, DESK)
    assert offered(desk) == list(reasons.BUILT_IN)
    assert dumped(desk)["desk"]["handoff_reasons"]["parts"] == {
        "en": "A spare part", "retired": True,
    }  # fmt: skip
    assert "A spare part" in desk.visit("ito").get(page_of(n, "hand-offs")).text
    with pytest.raises(BadInput, match="choose a reason"):
        desk.do(hand_off, n, "desk", note="Look", reason="parts", by="abe", when="10:30")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("{mine: }", 'the reason "mine" needs a name'),
        ("{other: {retired: true}}", '"other" is always there'),
        ("{Mine: Yes}", "is not a key"),
        ("{mine: {en: Yes, de: Ja}}", "de"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(desk: Desk, said: str, sentence: str) -> None:
    with pytest.raises(DeskError, match=sentence):
        load(desk, with_reasons(said))


def test_a_reason_has_the_readers_language_or_the_other(desk: Desk) -> None:
    load(desk, with_reasons(OWN))
    named = {reason.key: reason for reason in reasons.listed(desk.setup().more)}
    assert named["warranty"].name("ja") == "保証期間内"
    assert named["parts"].name("ja") == "A spare part"
    assert named["vendor"].name("en") is None


def test_the_form_of_a_hand_off_offers_the_list(desk: Desk) -> None:
    load(desk, with_reasons(OWN))
    page = desk.visit("ito").get(page_of(desk.log(), "hand-off")).text
    assert '<option value="parts">A spare part</option>' in page
    assert 'value="skill"' not in page


# The page


def form(desk: Desk, **changes: str) -> dict[str, str]:
    """Fill in the form as it stands, with changes; an empty one is not sent."""
    found = {"revision": str(desk.setup().revision)}
    for n, line in enumerate(drafts.current(desk.setup().more), start=1):
        found |= {f"en-{line.key}": line.en, f"ja-{line.key}": line.ja, f"place-{line.key}": str(n)}
        if line.is_offered:
            found[f"offered-{line.key}"] = "y"
    return {name: said for name, said in (found | changes).items() if said}


def test_a_preview_says_what_would_change_and_keeps_nothing(desk: Desk) -> None:
    visitor = desk.visit("root")
    said = form(desk, **{"en-new": "A spare part", "en-vendor": "Maker", "offered-capacity": ""})
    page = visitor.post("/admin/reasons", step="preview", **said).text
    assert "“A spare part” is added." in page
    assert "“Maker” has this name now" in page
    assert "“We have no capacity” is no longer offered" in page
    assert "The order is another." not in page
    assert offered(desk) == list(reasons.BUILT_IN)


def test_what_was_previewed_can_be_published(desk: Desk) -> None:
    """One that was added in the preview goes on with the key that it got there."""
    visitor = desk.visit("root")
    added = {"key": "a_spare_part", "en-a_spare_part": "A spare part", "offered-a_spare_part": "y"}
    said = form(desk, **{**added, "place-a_spare_part": "1", "place-vendor": "1"})
    answer = visitor.post("/admin/reasons", step="publish", **said)
    assert answer.status_code == 303
    assert offered(desk)[:3] == ["skill", "vendor", "a_spare_part"]


def test_publishing_what_is_as_it_was_leaves_the_file_alone(desk: Desk) -> None:
    visitor = desk.visit("root")
    visitor.post("/admin/reasons", step="publish", **form(desk))
    assert "handoff_reasons" not in dumped(desk)["desk"]


def test_somebody_elses_change_meanwhile_is_not_overwritten(desk: Desk) -> None:
    visitor, said = desk.visit("root"), form(desk, **{"en-vendor": "Maker"})
    load(desk, DESK.replace("Kita Electric IT", "Kita IT"))
    answer = visitor.post("/admin/reasons", step="publish", **said)
    assert answer.status_code == 409
    assert "Somebody changed the set-up meanwhile." in answer.text
    assert "Maker" in answer.text  # what was typed is kept


def test_a_new_one_without_latin_letters_has_a_key_too() -> None:
    before = [Line("reason", ja="部品"), Line("other")]
    lines = drafts.typed({"ja-new": "保証", "ja-reason": "部品", "offered-reason": "y"}, before, [])
    assert [line.key for line in lines] == ["reason", "reason_2", "other"]


def test_moving_is_said_once() -> None:
    before = [Line("skill"), Line("vendor"), Line("other")]
    after = [Line("vendor"), Line("skill"), Line("other")]
    assert [change.kind for change in drafts.differences(before, after)] == ["moved"]
    assert drafts.differences(before, before) == []
