"""What may stand in a DESK.yaml: every key, its kind and its default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from servicedesk.people.models import ROLES
from servicedesk.setup import rota
from servicedesk.setup.entry import Entry
from servicedesk.setup.goals import Figure, read_goals
from servicedesk.setup.hooks import Hook
from servicedesk.setup.policies import Step, unlike
from servicedesk.setup.reasons import BUILT_IN, OTHER
from servicedesk.setup.schedules import Reports
from servicedesk.setup.values import (
    Cell,
    Country,
    Day,
    Days,
    Flag,
    HoldReason,
    Key,
    Language,
    Mail,
    Phone,
    Priority,
    ReasonKey,
    Role,
    Target,
    Text,
    Time,
    Window,
    Zone,
    one_of,
)
from servicedesk.setup.week import plain_hours, plain_windows
from servicedesk.sla.agreement import KINDS
from servicedesk.sla.calendar import parse_hours

# Impact and urgency, 1 high to 3 low.
MATRIX: Mapping[str, str] = {
    "1,1": "P1",
    "1,2": "P2",
    "2,1": "P2",
    "2,2": "P3",
    "1,3": "P3",
    "3,1": "P3",
    "2,3": "P4",
    "3,2": "P4",
    "3,3": "P5",
}


class Reason(Entry):
    """Why something is handed off, in a few words; plain text is its name in English."""

    en: Text | None = None
    ja: Text | None = None
    """Of the two names one may be left out; of a built-in reason both."""
    retired: Flag = False
    """No longer offered, but still named where it was given."""


def _named(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


def _nameable(reasons: dict[str, Reason]) -> dict[str, Reason]:
    for key, reason in reasons.items():
        if key not in BUILT_IN and not (reason.en or reason.ja):
            raise ValueError(f'the reason "{key}" needs a name')
    if OTHER in reasons and reasons[OTHER].retired:
        raise ValueError(f'the reason "{OTHER}" is always there and cannot be retired')
    return reasons


Reasons = Annotated[
    dict[
        ReasonKey, Annotated[Reason, BeforeValidator(_named, json_schema_input_type=Reason | str)]
    ],
    AfterValidator(_nameable),
]


class Quiet(Entry):
    """When people are mailed nothing but what is urgent, in their own time zone."""

    from_: Time = Field(alias="from")
    to: Time
    """The next day's, if it is earlier."""
    weekends: Flag = False
    """The days off of the desk are quiet too, all day."""

    @model_validator(mode="after")
    def _last(self) -> Self:
        if rota.minutes(self.from_) == rota.minutes(self.to):
            raise ValueError("quiet hours must not begin and end at the same time")
        return self


class Desk(Entry):
    """The desk itself."""

    name: Text = "Service desk"
    zone: Zone = "UTC"
    """Days and months are those of this time zone."""
    language: Language = "en"
    """Language of the report and of people who have none of their own."""
    close_after: Annotated[int, Field(ge=0, le=365)] = 5
    """Working days from resolved to closed."""
    remind_after: Annotated[int, Field(ge=1, le=365)] = 3
    """Working days after which a requester who has not answered is reminded."""
    goals: Annotated[dict[Figure, float], AfterValidator(read_goals)] = Field(default_factory=dict)
    """Goals of the report by figure: shares from 0 to 1, times in seconds."""
    handoff_reasons: Reasons = Field(default_factory=dict)
    """Why something is handed off, in the order in which it is offered; seven built-in ones."""
    quiet: Quiet | None = None
    """Quiet hours of whoever has chosen none; left out: none."""
    fiscal_year_from: Annotated[int, Field(ge=1, le=12)] = 4
    """The month with which fiscal years begin, in reports."""
    most_mails: Annotated[int, Field(ge=1, le=1000)] = 20
    """Mails that one person gets within an hour; the rest comes in one."""


Kinds = TypeVar("Kinds", bound=Entry)


def _sorted(words: list[str]) -> list[str]:
    return sorted(set(words))


def _whole_week(hours: dict[str, list[str]]) -> dict[str, list[str]]:
    return plain_hours(parse_hours(hours))


class Calendar(Entry):
    """C7: working time; what changes holds from the loading on, never for what has passed."""

    zone: Zone | None = None
    """The desk's, when left out."""
    hours: Annotated[dict[Days, list[Window]], AfterValidator(_whole_week)] = Field(
        default_factory=dict
    )
    """Working hours by day or range of days; 22:00-06:00 and 22:00-30:00 both pass midnight."""
    holidays: Country | None = None
    """Public holidays of a country, and subdivision; none when left out."""
    closed: Annotated[list[Day], AfterValidator(_sorted)] = Field(default_factory=list)
    """Company days off."""
    open: dict[Day, Annotated[list[Window], AfterValidator(plain_windows)]] = Field(
        default_factory=dict
    )
    """Special working days, which win over everything."""

    def definition(self, desk: Desk) -> dict[str, Any]:
        """C7: give what a version stores."""
        return {"zone": self.zone or desk.zone, **self.plain()}


class Targets(Entry):
    """Working minutes (240) or days (2d) by kind: the same for all, or by priority."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if len({key in KINDS for key in self.model_fields_set}) > 1:
            raise ValueError("targets are given by priority or the same for all, not both")
        return self


class PartyTargets(Entry):
    """Targets of a support group (OLA) or a partner company (UC); none: no clock."""

    acceptance: Target | None = None
    """From being handed the incident to accepting it."""
    answer: Target | None = None
    """From being handed the incident to answering."""
    holding: Target | None = None
    """All the time that the party holds the incident."""


class CustomerTargets(Entry):
    """Targets towards the requester (SLA); none: no clock."""

    response: Target | None = None
    """To the first reply that the requester can see."""
    resolution: Target | None = None
    """To the resolution."""


def _given(targets: Kinds | None) -> Kinds | None:
    """Take a priority without targets as left out: neither has a clock."""
    return targets if targets and targets.plain() else None


PartyTargetsOfOne = Annotated[PartyTargets | None, AfterValidator(_given)]
CustomerTargetsOfOne = Annotated[CustomerTargets | None, AfterValidator(_given)]


class PartyTargetsByPriority(PartyTargets, Targets):
    """Targets of a party, the same for all or by priority."""

    P1: PartyTargetsOfOne = None
    P2: PartyTargetsOfOne = None
    P3: PartyTargetsOfOne = None
    P4: PartyTargetsOfOne = None
    P5: PartyTargetsOfOne = None


class CustomerTargetsByPriority(CustomerTargets, Targets):
    """Targets towards the requester, the same for all or by priority."""

    P1: CustomerTargetsOfOne = None
    P2: CustomerTargetsOfOne = None
    P3: CustomerTargetsOfOne = None
    P4: CustomerTargetsOfOne = None
    P5: CustomerTargetsOfOne = None


def _once(keys: list[str]) -> list[str]:
    return list(dict.fromkeys(keys))


Members = Annotated[list[Key], AfterValidator(_once)]


def _anybody(value: Any) -> Any:
    return {rota.WHOLE: value} if isinstance(value, str) else value


def _each_day(week: dict[str, str]) -> dict[str, str]:
    return rota.plain(rota.by_day(week))


Week = Annotated[
    dict[Days, Key],
    BeforeValidator(_anybody, json_schema_input_type=dict[Days, Key] | Key),
    AfterValidator(_each_day),
    PlainSerializer(lambda week: week.get(rota.WHOLE, week), return_type=Any),
]


class Rota(Entry):
    """Who of a group is on call; what changes holds from now on, never for what has passed."""

    from_: Day = Field(alias="from")
    """The day with whose hand-over it begins; its week is the first of the weeks."""
    at: Time = "09:00"
    """When one hands over to the next; a day's duty ends with the next day's hand-over."""
    zone: Zone | None = None
    """The desk's, when left out."""
    weeks: Annotated[list[Week], Field(min_length=1, max_length=52)]
    """They take turns: each a person, or people by day or range of days."""
    covers: Annotated[str, one_of(*rota.COVERS)] = rota.ALWAYS
    """closed: only while the group is closed; in its hours its lead is asked."""


class Group(Entry):
    """A support group (担当グループ)."""

    name: Text
    tier: Annotated[int, one_of(1, 2, 3)]
    calendar: Key
    """What its working time is counted by."""
    lead: Key | None = None
    """The person who leads it; its lead by that alone."""
    members: Members = Field(default_factory=list)
    targets: PartyTargetsByPriority = PartyTargetsByPriority()
    rota: Rota | None = None
    """Who is on call; left out: its lead."""


class Span(Entry):
    """From one day to another, both included; open where left out."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError(f"ends ({self.to}) before it begins ({self.from_})")
        return self


class Partner(Entry):
    """A partner company (協力会社)."""

    name: Text
    calendar: Key
    """What its working time is counted by."""
    mail: Mail | None = None
    members: Members = Field(default_factory=list)
    """Its people who can sign in; they see its hand-offs and nothing else."""
    admins: Members | None = None
    """Those of them who look after its people; left out: whoever does so by now."""
    targets: PartyTargetsByPriority = PartyTargetsByPriority()
    valid: Span | None = None
    """Days on which its contract holds."""


class Agreement(Entry):
    """C8: what is promised to the requester; what changes holds for what is logged after it."""

    calendar: Key | None = None
    """What working time is counted by; the only calendar, when left out."""
    pauses: Annotated[list[HoldReason], AfterValidator(_sorted)] = Field(default_factory=list)
    """Hold reasons during which the resolution clock rests."""
    targets: CustomerTargetsByPriority = CustomerTargetsByPriority()


class FormField(Entry):
    """A question that the form of a service asks."""

    key: Key
    name: Text
    type: Annotated[str, one_of("text", "lines", "number", "day", "choice", "check")] = "text"
    choices: list[Text] = Field(default_factory=list)
    required: Flag = False

    @model_validator(mode="after")
    def _choices(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices and the type choice go together")
        return self


class Service(Entry):
    """A service (サービス) and the path that its incidents climb."""

    name: Text | None = None
    """Its key, when left out."""
    path: Annotated[list[Key], Field(min_length=1)]
    """Groups and partners in order; the first group of tier 1 is its desk group."""
    agreement: Key
    policy: Key | None = None
    owner: Key | None = None
    """A person."""
    approval: Annotated[str, one_of("manager", "owner")] | None = None
    """Who has to approve: the requester's manager or the service's owner."""
    confidential: Flag = False
    """Only named people and the holder see title and texts of its incidents."""
    lead_time: Target | None = None
    """Usual working time; a wish that is shorter is marked as rush."""
    fields: list[FormField] = Field(default_factory=list)
    """What its form asks besides."""

    def more(self) -> dict[str, Any]:
        """Give what is kept beside the columns."""
        kept = ("approval", "confidential", "lead_time", "fields")
        return {key: value for key, value in self.plain().items() if key in kept}


def _in_order(roles: list[str]) -> list[str]:
    return [role for role in ROLES if role in roles]


class Person(Entry):
    """Somebody who can be named; `flask desk password` lets them sign in."""

    name: Text | None = None
    """The key, when left out."""
    mail: Mail | None = None
    phone: Phone | None = None
    roles: Annotated[list[Role], AfterValidator(_in_order)] | None = None
    """When left out: agent in a support group, partner in a partner company, else employee."""
    language: Language | None = None
    zone: Zone | None = None
    department: Text | None = None
    manager: Key | None = None
    deputy: Key | None = None
    """Asked while the person is absent."""


def _matrix(cells: dict[str, str]) -> dict[str, str]:
    missing = [cell for cell in MATRIX if cell not in cells]
    if missing:
        raise ValueError(f'there is no priority for "{missing[0]}"')
    return cells


class SetUp(Entry):
    """The whole set-up of a desk; what a new file leaves out is no longer in use."""

    ENTRIES: ClassVar = (
        "calendars",
        "groups",
        "partners",
        "agreements",
        "services",
        "policies",
        "hooks",
        "people",
    )

    desk: Desk
    calendars: dict[Key, Calendar] = Field(default_factory=dict)
    groups: dict[Key, Group] = Field(default_factory=dict)
    partners: dict[Key, Partner] = Field(default_factory=dict)
    agreements: dict[Key, Agreement] = Field(default_factory=dict)
    services: dict[Key, Service] = Field(default_factory=dict)
    priorities: Annotated[dict[Cell, Priority], AfterValidator(_matrix)] = Field(
        default_factory=lambda: dict(MATRIX)
    )
    """Priority by "impact,urgency", each from 1 (high) to 3 (low)."""
    policies: dict[Key, Annotated[list[Step], AfterValidator(unlike)]] = Field(default_factory=dict)
    """Escalation policies, each a list of steps."""
    hooks: dict[Key, Hook] = Field(default_factory=dict)
    """Webhooks: what is told to other systems and to chats."""
    reports: Reports = Reports()
    """Who approves reports, and which are made by themselves."""
    people: dict[Key, Person] = Field(default_factory=dict)
