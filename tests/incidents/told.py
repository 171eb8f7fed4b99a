"""An incident told act by act, without any database: its story and its clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.clocks import ClockState, Clockwork
from servicedesk.incidents.story import HandOff, Story
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.sla.agreement import Agreement, Terms, read_terms
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from tests.cast import at

EMI, SATO, ITO, ABE, KIM = 1, 2, 3, 4, 5  # requester, desk's lead, agent, network's lead, partner

OFFICE = Version(
    "Asia/Tokyo",
    parse_hours({"mon-fri": ["09:00-12:00", "13:00-18:00"]}),
    days_off=frozenset({date(2026, 11, 23), date(2026, 12, 29), date(2026, 12, 30)}),
)
ALWAYS = Version("UTC", parse_hours({"mon-sun": ["00:00-24:00"]}))

STANDARD: Mapping[str, Any] = {
    "calendar": "office",
    "pauses": ["requester"],
    "targets": {
        "P1": {"response": 15, "resolution": 240},
        "P2": {"response": 30, "resolution": 480},
        "P3": {"response": 60, "resolution": "2d"},
        "P5": {"response": 480},
    },
}
ROUND: Mapping[str, Any] = {
    "calendar": "always",
    "pauses": ["requester", "change"],
    "targets": {"response": 60, "resolution": 600},
}
GROUP: Mapping[str, Any] = {
    "calendar": "office",
    "targets": {"acceptance": 30, "answer": 240, "holding": 480},
}
NETONE_TARGETS: Mapping[str, Any] = {
    "P1": {"acceptance": 15, "answer": 120},
    "P3": {"acceptance": 60, "answer": 480, "holding": 960},
}


def agreement(id: int, key: str, *definitions: Mapping[str, Any]) -> Agreement:
    """Make an agreement of one version."""
    return Agreement(id, key, tuple(read_terms(said, None) for said in definitions))


NONE = agreement(5, "none", {"calendar": "office"})
DESK = Party("group:1", "desk", "Service desk", agreement(3, "desk", GROUP), 1, SATO)
NETWORK = Party("group:2", "network", "Network team", agreement(4, "network", GROUP), 2, ABE)
FIELD = Party("group:3", "field", "Field service", NONE, 2)
CORE = Party("group:4", "core", "Core systems", NONE, 3)
NETONE = Party(
    "partner:1",
    "netone",
    "NetOne Inc.",
    agreement(6, "netone", {"calendar": "office", "targets": NETONE_TARGETS}),
)
PRINTCO = Party("partner:2", "printco", "PrintCo Ltd.", NONE)
PARTIES = {p.ref: p for p in (DESK, NETWORK, FIELD, CORE, NETONE, PRINTCO)}
PATH = (DESK.ref, NETWORK.ref, NETONE.ref)
INTERNET = Service(1, "internet", "Internet access", PATH, agreement(1, "standard", STANDARD))
PRINTING = Service(2, "printing", "Printing", (DESK.ref, PRINTCO.ref), agreement(2, "round", ROUND))


def directory(*calendar: Version, **agreements: tuple[Terms, ...]) -> Directory:
    """Make a set-up: with these versions of the office's calendar, and of agreements by key."""
    services = {
        one.id: replace(one, agreement=_versions(one.agreement, agreements))
        for one in (INTERNET, PRINTING)
    }
    return Directory(
        name="Kita Electric IT",
        zone="Asia/Tokyo",
        language="en",
        revision=1,
        calendars={"office": Calendar(calendar or (OFFICE,)), "always": Calendar((ALWAYS,))},
        agreements={one.agreement.id: one.agreement for one in services.values()},
        parties=PARTIES,
        services=services,
    )


def _versions(one: Agreement, said: Mapping[str, tuple[Terms, ...]]) -> Agreement:
    return replace(one, versions=said.get(one.key, one.versions))


class Told:
    """One incident; `it.at("10:30")` gives the act with which somebody does something then."""

    def __init__(
        self,
        when: str = "09:00",
        *,
        service: str = "internet",
        setup: Directory | None = None,
        imported: bool = False,
        **logged: Any,
    ) -> None:
        self.setup = setup or directory()
        self.act = Act(Clockwork(self.setup), at(when), EMI, imported=imported)
        acts.log(self.act, requester=EMI, service=self.setup.services_by_key[service], **logged)

    @property
    def story(self) -> Story:
        """What is so now."""
        return self.act.story

    def at(self, when: str, by: int = ITO) -> Act:
        """Move on to an instant, with somebody acting."""
        self.act.now, self.act.actor = at(when), by
        return self.act

    def hand(self, to: Party, when: str, by: int = ITO) -> HandOff:
        """Hand it off."""
        return handoffs.send(self.at(when, by), to, note="digest", reason="skill")

    def clock(
        self, kind: str, party: Party | None = None, n: int | None = None, now: str = "Wed 18:00"
    ) -> ClockState:
        """Give a clock as of an instant."""
        name = (kind, party.ref if party else None, n)
        return next(state for state in self.act.work.states(at(now)) if state.name == name)

    def kinds(self, now: str = "Wed 18:00") -> set[str]:
        """Name the clocks that there are."""
        return {state.kind for state in self.act.work.states(at(now))}

    def holders(self) -> list[tuple[str, datetime, datetime | None]]:
        """List the holdings: who, from, to."""
        keys = {party.ref: party.key for party in PARTIES.values()}
        return [(keys.get(h.holder, h.holder), h.start, h.end) for h in self.story.holdings]


def day(text: str) -> Due:
    """A wish or promise for a day."""
    return Due(day=date.fromisoformat(text))


def moment(text: str) -> Due:
    """A wish or promise for an instant."""
    return Due(at=at(text))
