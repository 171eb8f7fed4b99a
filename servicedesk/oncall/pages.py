"""What all pages about on-call begin with: who asks, and about which group."""

from __future__ import annotations

from flask import abort
from flask_login import current_user

from servicedesk.db import db
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party
from servicedesk.setup.snapshot import directory


def actor() -> Person:
    """Give the person who is signed in."""
    person: Person = current_user._get_current_object()
    return person


def party_of(key: str) -> Party:
    """Give a group by its key; there is no page of any other."""
    party = directory(db.session()).by_key.get(key)
    return party if party and not party.is_partner else abort(404)
