"""What a call says, how it is signed, and what it never says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands as acts
from servicedesk.incidents.models import Incident
from servicedesk.setup.signals import KINDS
from servicedesk.setup.steps import WAITS
from servicedesk.signals import commands, payload, shapes, signing, words
from servicedesk.signals.payload import TEST, Holder, Named, Rule, Signal
from servicedesk.sla.agreement import KINDS as CLOCKS
from tests.cast import Desk
from tests.escalation.ruled import sweep
from tests.signals.hooked import Hooked
from tests.support.checkout import read
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
SOMEWHERE = "https://hook.example/zqpath"
EVERYTHING = f"kinds: [{', '.join(KINDS)}]"


def signed(secret: str, headers: Any, body: bytes) -> str:
    """Work a signature out by the book, without the library that signs."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


# What it says


def test_the_json_says_what_happened_and_how_it_stood_then(hooked: Hooked, desk: Desk) -> None:
    step = "{key: lying, when: {unassigned: 30}, signal: [ops]}"
    hooked.give("ops: {}", steps=(step,))
    hooked.call_at(SOMEWHERE)
    desk.log(title="zqtitle", description="zqtext", when="09:00")
    sweep(desk, "10:00")
    said = hooked.payload()
    assert said.pop("id") == f"msg_{hooked.queued()[0].message_id}"
    assert said == {
        "kind": "step.fired",
        "happened_at": "2026-11-26T01:00:00Z",
        "desk": "Kita Electric IT",
        "number": "INC-00000001",
        "sequence": 2,
        "type": "incident",
        "priority": "P3",
        "state": "new",
        "service": {"key": "internet", "name": "Internet access"},
        "holder": {"kind": "group", "key": "desk", "name": "Service desk"},
        "rule": {
            "policy": "usual",
            "step": "lying",
            "due": "2026-11-26T00:30:00Z",
            "when": "unassigned",
            "seconds": 1800,
        },
        "link": "http://127.0.0.1:8000/incidents/INC-00000001",
    }


def test_it_says_how_it_stood_when_it_happened_not_when_it_is_sent(
    hooked: Hooked, desk: Desk
) -> None:
    """E5: each copy says the same, however much later it is made."""
    hooked.give(f"ops: {{{EVERYTHING}}}")
    hooked.call_at(SOMEWHERE)
    n = desk.log()
    before = hooked.payload(0)
    desk.do(hand_off, n, "netone", note="Look", by="ito", when="10:00")
    desk.do(acts.resolve, n, "solved", "Done", by="ito", when="11:00")
    assert hooked.payload(0) == before
    assert [hooked.payload(i)["state"] for i in (0, -1)] == ["new", "resolved"]
    assert hooked.payload(1)["holder"] == {
        "kind": "partner",
        "key": "netone",
        "name": "NetOne Inc.",
    }
    assert "holder" not in hooked.payload(-1)


@pytest.mark.parametrize("format", ["desk", "slack", "teams"])
@pytest.mark.parametrize("titles", [False, True])
def test_a_title_goes_out_where_it_is_allowed_and_no_text_ever(
    hooked: Hooked, desk: Desk, format: str, titles: bool
) -> None:
    """§3: texts stay here; the title is the set-up's to say."""
    hooked.give(f"ops: {{{EVERYTHING}, format: {format}, titles: {str(titles).lower()}}}")
    secret = hooked.call_at(SOMEWHERE)
    n = desk.log(title="zqtitle", description="zqtext", category="zqcategory")
    desk.do(hand_off, n, "network", note="zqnote", by="ito", when="10:00")
    desk.do(acts.hold, n, "requester", question="zqquestion", by="abe", when="10:10")
    desk.do(acts.resolve, n, "solved", "zqsolved", by="abe", when="11:00")
    rows = hooked.queued()
    assert len(rows) >= 4
    bodies = [hooked.written(row).body.decode() for row in rows]
    assert all(("zqtitle" in body) == titles for body in bodies)
    told = "".join(bodies).replace("zqtitle", "")
    for word in ("zq", secret, "Emi", "Endo", "Ito", "Abe", "Sales"):
        assert word not in told


def test_the_schema_that_is_documented_is_what_is_sent() -> None:
    assert read("docs/signal.schema.json") == payload.schema()


def test_every_kind_and_clock_has_a_place_in_it_and_a_name(desk: Desk) -> None:
    clocks = payload.Clock.__args__  # type: ignore[attr-defined]
    assert set(clocks) == {*CLOCKS, *WAITS, "requested", "promised"}
    with desk.app.test_request_context():
        assert [kind for kind in (*KINDS, TEST) if words.kind(kind) == kind] == []
        for when in clocks:
            rule = Rule(policy="p", step="s", when=when, percent=75, seconds=3600)
            assert words.headline(example(kind="step.fired", rule=rule))


def example(**said: Any) -> Signal:
    usual: dict[str, Any] = {
        "id": "msg_1",
        "kind": "incident.logged",
        "happened_at": "2026-11-26T05:05:00Z",
        "desk": "Desk",
        "number": "INC-00000001",
        "priority": "P1",
        "state": "new",
        "service": Named(key="a", name="A & B"),
        "holder": Holder(kind="requester"),
        "link": "https://desk.example/incidents/INC-00000001",
    }
    return Signal.model_validate({**usual, **said})


# Chats


def test_slack_gets_blocks_in_which_nothing_is_markup(desk: Desk) -> None:
    with desk.app.test_request_context():
        said = shapes.slack(example(title="<!channel> & <https://evil.example|click>", desk="<D>"))
    assert said["text"] == "INC-00000001 · Logged"
    head, title, facts, link = said["blocks"]
    assert head["text"] == {"type": "mrkdwn", "text": "*INC-00000001 · Logged*"}
    assert title["text"]["type"] == "plain_text"
    assert title["text"]["text"] == "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;"
    assert [each["text"] for each in facts["fields"]] == [
        "Priority: P1", "State: New", "Service: A &amp; B", "Held by: Requester",
    ]  # fmt: skip
    url = "https://desk.example/incidents/INC-00000001"
    assert link["text"]["text"] == f"<{url}|Open INC-00000001>"


def test_the_longest_that_can_be_fits_into_what_chats_take(desk: Desk) -> None:
    """Slack: 3,000 a text, 2,000 a field, 10 fields; Teams: 28 kB a message."""
    long = Named(key="k" * 64, name="&" * 200)
    rule = Rule(policy="p" * 64, step="s" * 64, when="unassigned", seconds=3600)
    holder = Holder(kind="partner", key="k", name="件" * 200)
    said = {"kind": "step.fired", "title": "&" * 200, "service": long, "rule": rule}
    with desk.app.test_request_context():
        slack = shapes.slack(example(**said, holder=holder))
        teams = payload.body(shapes.teams(example(**said, holder=holder)))
    texts = [block["text"]["text"] for block in slack["blocks"] if "text" in block]
    fields = [each["text"] for block in slack["blocks"] for each in block.get("fields", ())]
    assert max(map(len, texts)) <= 3000
    assert max(map(len, fields)) <= 2000
    assert len(fields) <= 10
    assert len(teams) < 28_000


def test_no_name_of_the_set_up_calls_a_channel(desk: Desk) -> None:
    with desk.app.test_request_context():
        said = shapes.slack(example(number=None, desk="<!here> *x*"))
    assert said["text"] == "&lt;!here&gt; *x* · Logged"
    assert said["blocks"][0]["text"]["text"] == "*&lt;!here&gt; ∗x∗ · Logged*"


def test_teams_gets_a_card_for_its_workflows(desk: Desk) -> None:
    with desk.app.test_request_context():
        said = shapes.teams(example(title="[click](https://evil.example)"))
    assert said["type"] == "message"
    (attachment,) = said["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    head, title, facts = card["body"]
    assert head["text"] == "INC-00000001 · Logged"
    assert title["inlines"] == [{"type": "TextRun", "text": "[click](https://evil.example)"}]
    assert facts["facts"][0] == {"title": "Priority", "value": "P1"}
    assert card["actions"][0]["url"].endswith("/INC-00000001")
    assert len(payload.body(said)) < 28_000  # as much as Teams takes


def test_a_chat_is_told_in_the_desks_language(hooked: Hooked, desk: Desk) -> None:
    hooked.give("ops: {kinds: [incident.logged], format: slack}", desk="language: ja")
    hooked.call_at(SOMEWHERE)
    desk.log()
    assert "サービス: Internet access" in str(hooked.payload())


def test_a_test_says_that_it_is_one(hooked: Hooked, desk: Desk, clock: Clock) -> None:
    for format in ("desk", "slack", "teams"):
        hooked.give(f"{format}: {{format: {format}}}")
        hooked.call_at(SOMEWHERE, format)
        with desk.session():
            commands.send_test(format, now=clock.now)
        said = hooked.payload(key=format)
        if format == "desk":
            assert (said["kind"], set(said)) == (
                "desk.test", {"id", "kind", "happened_at", "desk", "link"},
            )  # fmt: skip
        else:
            assert "Test of a webhook" in json.dumps(said)


# Signatures


def test_a_call_is_signed_by_the_book(hooked: Hooked, desk: Desk, clock: Clock) -> None:
    """Standard Webhooks: HMAC-SHA256 over id, time and body, with the secret's bytes."""
    hooked.give("ops: {kinds: [incident.logged]}")
    secret = hooked.call_at(SOMEWHERE)
    desk.log(title="件名")
    call = hooked.written(hooked.queued()[0])
    assert call.headers["webhook-signature"] == signed(secret, call.headers, call.body)
    assert call.headers["webhook-timestamp"] == str(int(clock.now.timestamp()))
    assert "." not in call.headers["webhook-id"]
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


def test_an_example_that_others_have_worked_out() -> None:
    """The key, the body and the signature of the specification's own example."""
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
    said = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed(key, headers, body) == said
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signing.headers(headers["webhook-id"], at, body, [key])
    assert made == {**headers, "webhook-signature": said}


def test_for_a_day_both_secrets_sign(hooked: Hooked, desk: Desk, clock: Clock) -> None:
    hooked.give("ops: {kinds: [incident.logged]}")
    old = hooked.call_at(SOMEWHERE)
    with desk.session():
        new = commands.rotate("ops", by=None, now=clock.now)
    assert new != old
    desk.log()

    def signatures() -> list[str]:
        call = hooked.written(hooked.queued()[0])
        assert set(call.headers["webhook-signature"].split()) <= {
            signed(key, call.headers, call.body) for key in (new, old)
        }
        return call.headers["webhook-signature"].split()

    assert len(signatures()) == 2
    clock.advance(hours=24, seconds=-1)
    assert len(signatures()) == 2
    clock.advance(seconds=1)
    (only,) = signatures()
    call = hooked.written(hooked.queued()[0])
    assert only == signed(new, call.headers, call.body)


def test_no_two_secrets_are_the_same() -> None:
    assert len({signing.new_secret() for _ in range(100)}) == 100


def test_what_became_confidential_is_not_written(hooked: Hooked, desk: Desk) -> None:
    """§9: asked again when it is sent."""
    hooked.give("ops: {kinds: [incident.logged]}")
    hooked.call_at(SOMEWHERE)
    desk.log()
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Incident).values(confidential=True))
    desk.tampered = True
    with pytest.raises(Exception, match="confidential"):
        hooked.payload()
