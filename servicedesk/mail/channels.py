"""Which channel a message takes: what people choose, within what their role must get."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CHANNELS = MAIL, DIGEST, NONE = ("mail", "digest", "none")  # the surest first
HOURS = range(24)
USUAL_HOUR = 8  # of the summary, in the reader's zone
HOUR = "hour"  # how it is kept beside the channels


class Why(StrEnum):
    """Why somebody gets no less."""

    WAITS = "waits"  # the work waits for the answer
    CLOSES = "closes"  # it closes by itself if nothing is said
    DECIDES = "decides"  # somebody waits for the decision
    WORKS = "works"  # agents and leads: their own work
    LEADS = "leads"  # leads and managers: what their rules tell
    STANDS_IN = "stands_in"  # in the place of a lead or manager
    ONLY_ONE = "only_one"  # nobody else of the company would get it by mail
    ENTERS = "enters"  # the way in
    ON_CALL = "on_call"  # the desk relies on who is on call
    ADMINISTERS = "administers"  # nobody else can put it right


@dataclass(frozen=True, slots=True)
class Floor:
    """What somebody gets at least, and why."""

    channel: str = NONE
    why: Why | None = None

    @property
    def allowed(self) -> tuple[str, ...]:
        """Give the channels to choose from."""
        return CHANNELS[: CHANNELS.index(self.channel) + 1]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody as far as it says what they must get."""

    roles: Collection[str]
    stands_in: Collection[str] = ()  # the roles of those for whom they are asked today
    only_one: bool = False  # nobody else of the company gets its hand-offs by mail
    is_requester: bool = True  # of what a message is about

    def is_any(self, *roles: str) -> bool:
        """Say whether they have one of some roles."""
        return not set(roles).isdisjoint(self.roles)


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds of message that people understand as one, for which they choose one channel."""

    key: str
    kinds: frozenset[str]
    floors: Mapping[str, Floor] = field(default_factory=dict)  # by role; "": everybody's
    readers: frozenset[str] = frozenset({"employee"})  # the roles that are told such things


def _kinds(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_DESK = frozenset({"agent", "lead", "manager"})
INSIDE = OF_DESK | {"employee", "admin"}
_WORKS = Floor(DIGEST, Why.WORKS)
_LEADS = Floor(MAIL, Why.LEADS)

QUESTIONS = Group(
    "questions", _kinds("question reminder"), {"": Floor(MAIL, Why.WAITS)}, readers=INSIDE
)
ANSWERS = Group(
    "answers", _kinds("promised wish solved no_answer"), {"": Floor(DIGEST, Why.CLOSES)}, INSIDE
)
NEWS = Group("news", _kinds("received reply cancelled approved not_approved"), {}, INSIDE)
WATCHED = Group("watched", frozenset(), {}, INSIDE)  # the kinds of the three before
ASKED = Group(
    "asked",
    _kinds(
        "approval_asked approval_reminder exclusion_asked return_asked major_proposed"
        " report_to_approve"
    ),
    {"": Floor(MAIL, Why.DECIDES)},
    INSIDE,
)
WORK = Group(
    "work",
    _kinds(
        "promise_declined wish_declined exclusion_decided nudged handoff_asked handoff_answered"
        " handoff_sent_back return_refused work_requested work_withdrawn work_done work_sent_back"
        " report_decided"
    ),
    {"agent": _WORKS, "lead": _WORKS},
    OF_DESK,
)
RULES = Group(
    "rules",
    _kinds("rule return_told return_lapsed major_coordinates major_missed major_refused"),
    {"agent": _WORKS, "lead": _LEADS, "manager": _LEADS},
    OF_DESK,
)
HANDOFFS = Group(
    "handoffs",
    _kinds("handed_off partner_wrote work_wrote handoff_over nudged work_requested work_withdrawn"),
    {},
    frozenset({"partner"}),
)
ACCOUNT = Group(
    "account", _kinds("invitation reset"), {"": Floor(MAIL, Why.ENTERS)}, INSIDE | {"partner"}
)
DUTY = Group(
    "duty",
    _kinds("duty_soon duty_changed swap_asked swap_agreed swap_refused"),
    {"": Floor(MAIL, Why.ON_CALL)},
    OF_DESK,
)
MAJOR = Group(
    "major", _kinds("major_confirmed major_update major_over major_ended"), {}, INSIDE
)  # who is concerned by a disturbance
SYSTEM = Group(
    "system",
    _kinds("hook_off report_failed"),
    {"": Floor(MAIL, Why.ADMINISTERS)},
    frozenset({"admin"}),
)  # what of the desk itself does not work
REPORTS = Group(
    "reports",
    _kinds("report_ready report_test report_waiting"),
    readers=frozenset({"manager", "partner"}),
)  # what is made by itself, and was subscribed to
GROUPS = (
    QUESTIONS, ANSWERS, NEWS, MAJOR, WATCHED, ASKED, WORK, RULES, HANDOFFS, ACCOUNT, DUTY, REPORTS,
    SYSTEM,
)  # fmt: skip
BY_KEY = {group.key: group for group in GROUPS}
_OF_DESK_SIDE = {kind: group for group in GROUPS if group is not HANDOFFS for kind in group.kinds}
_OF_PARTNER = _OF_DESK_SIDE | dict.fromkeys(HANDOFFS.kinds, HANDOFFS)
OF_REQUEST = frozenset(QUESTIONS.kinds | ANSWERS.kinds | NEWS.kinds)

# In the next morning's summary these would come too late: whoever chose that gets them by mail.
URGENT = QUESTIONS.kinds | ASKED.kinds | ACCOUNT.kinds | _kinds("nudged handoff_asked")
URGENT |= MAJOR.kinds | _kinds("major_coordinates major_missed")


def group_of(kind: str, reader: Reader) -> Group | None:
    """Give the group that a message to somebody belongs to; None: it is always mailed."""
    if kind in OF_REQUEST and not reader.is_requester:
        return WATCHED
    if kind == "rule" and not reader.is_any(*OF_DESK):
        return NEWS if reader.is_requester else WATCHED
    return (_OF_PARTNER if reader.is_any("partner") else _OF_DESK_SIDE).get(kind)


def floor(group: Group, reader: Reader) -> Floor:
    """Give what somebody gets at least of a group: the most that any of their roles asks for."""
    asked = [floor for role, floor in group.floors.items() if not role or role in reader.roles]
    if group is RULES and not {"lead", "manager"}.isdisjoint(reader.stands_in):
        asked.append(Floor(MAIL, Why.STANDS_IN))
    if group is HANDOFFS and reader.only_one:
        asked.append(Floor(MAIL, Why.ONLY_ONE))
    return min(asked, key=lambda floor: CHANNELS.index(floor.channel), default=Floor())


def chosen(group: Group, reader: Reader, said: Mapping[str, object]) -> str:
    """Give the channel of a group: what was chosen, or at least what must be had."""
    least = floor(group, reader)
    found = str(said.get(group.key, MAIL))
    if found not in CHANNELS:
        return MAIL
    return found if found in least.allowed else least.channel


def channel(kind: str, reader: Reader, said: Mapping[str, object]) -> str:
    """Give the channel that a message takes; what this version knows no group for is mailed."""
    group = group_of(kind, reader)
    found = chosen(group, reader, said) if group else MAIL
    return MAIL if found == DIGEST and kind in URGENT else found


def groups_for(roles: Collection[str]) -> tuple[Group, ...]:
    """List the groups of what somebody with some roles can be told."""
    return tuple(group for group in GROUPS if not group.readers.isdisjoint(roles))


def hour(said: Mapping[str, object]) -> int:
    """Give the hour at which somebody's summary is sent."""
    found = said.get(HOUR, USUAL_HOUR)
    return found if isinstance(found, int) and found in HOURS else USUAL_HOUR


def kept(said: Mapping[str, str], at: int) -> dict[str, object]:
    """Give what is to be kept of a choice: what is not the usual."""
    found: dict[str, object] = {key: value for key, value in said.items() if value != MAIL}
    return found | ({HOUR: at} if at != USUAL_HOUR else {})
