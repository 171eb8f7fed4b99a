"""A call as it is taken: the number first, the rest while talking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import flask_babel
from flask_babel import gettext as _

from servicedesk import journal
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.incidents import acts, approvals, commands, words
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.doing import TEXT_LENGTH, TITLE_LENGTH, Doing, doing
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.snapshot import directory

CHANNELS = ("phone", "desk", "mail")
LANGUAGES = ("en", "ja")
IMPACT, URGENCY = 3, 2  # until they are asked for


@dataclass(frozen=True)
class Said:
    """What is known of a call by now; empty: not yet."""

    title: str = ""
    description: str = ""
    service: str = ""
    type: str = "incident"
    impact: int = IMPACT
    urgency: int = URGENCY
    wish: Due | None = None
    confidential: bool = False


def begin(
    *, actor: Person, caller: int, now: datetime, channel: str = "phone", confidential: bool = False
) -> int:
    """C13: log a call at once, so that its number can be told; clocks count from here."""
    if channel not in CHANNELS:
        raise BadInput(_("Please choose how it came in."))
    setup = directory(db.session())
    return commands.log(
        actor=actor,
        now=now,
        title=_under_way_in(setup.language),
        service=usual_service(setup, actor).key,
        requester=caller,
        channel=channel,
        confidential=confidential,
        impact=IMPACT,
        urgency=URGENCY,
    )


def under_way_titles() -> frozenset[str]:
    """Give what stands for the title until there is one."""
    return frozenset(_under_way_in(language) for language in LANGUAGES)


def _under_way_in(language: str) -> str:
    with flask_babel.force_locale(language):
        return str(_("(call under way)"))


def usual_service(setup: Directory, actor: Person) -> Service:
    """Choose what a call counts as until that is known: one that begins at the actor's group."""
    groups = {f"group:{group.id}" for group in actor.groups}
    services = list(setup.services_by_key.values())
    if not services:
        raise BadInput(_("Please choose a service."))
    plain = [s for s in services if not (s.more.get("confidential") or s.more.get("approval"))]
    ours = [service for service in plain if service.path[0] in groups]
    return (ours or plain or services)[0]


def fill_in(
    number: int,
    said: Said,
    *,
    actor: Person,
    now: datetime,
    in_full: bool = True,
    take: bool = False,
    version: int | None = None,
) -> None:
    """Keep what is known of a call by now; `in_full`: nothing that is needed may be missing."""
    titles = under_way_titles()
    title = said.title.strip() and words.line(said.title, TITLE_LENGTH, "")
    description = words.text(said.description, TEXT_LENGTH)
    with doing(number, actor=actor, now=now, right=Right.WORK_INCIDENT, version=version) as it:
        it.act.check("reclassify")
        if in_full and not title and it.incident.title in titles:
            raise BadInput(_("Please say in a few words what it is about."))
        _describe(it, title or it.incident.title, description)
        acts.prioritise(it.act, said.impact, said.urgency)
        _classify(it, said, in_full)
        if said.wish:
            acts.wish(it.act, said.wish, by_requester=it.incident.requester_id == it.actor.id)
        if take:
            acts.take(it.act)


def _describe(it: Doing, title: str, description: str) -> None:
    """Step: keep texts that are new, and note their digests."""
    new = {
        name: text
        for name, text in {"title": title, "description": description}.items()
        if text != getattr(it.incident, name)
    }
    for name, text in new.items():
        setattr(it.incident, name, text)
    if new:
        acts.describe(it.act, **{name: journal.digest(text) for name, text in new.items()})


def _classify(it: Doing, said: Said, in_full: bool) -> None:
    """Step: C9: the service, with its approval, its type and who may read it."""
    services, story = it.act.directory.services_by_key, it.act.story
    service = services.get(said.service)
    if service is None and (said.service or in_full):
        raise BadInput(_("Please choose a service."))
    service = service or it.act.directory.services[story.service]
    before = story.service
    acts.reclassify(it.act, service, said.type)
    restrict(it.act, confidential=said.confidential or bool(service.more.get("confidential")))
    if service.id != before:
        approvals.ask_anew(it.session, it.act)


def restrict(act: Act, *, confidential: bool) -> None:
    """§9: mark as confidential, or not: named people and the holder alone see title and texts."""
    story = act.story
    if confidential != story.confidential:
        said = {"service": story.service, "agreement": story.agreement, "type": story.type}
        act.record("incident.reclassified", **said, confidential=confidential)
