"""What is wrong with a list of people, in a sentence for whoever sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.errors import BadInput
from servicedesk.people.permissions import ROLES
from servicedesk.people.register.roster import COLUMNS, LANGUAGES, Problem

MOST = 50


class BadList(BadInput):
    """A list of people cannot be used; nothing was changed."""

    def __init__(self, problems: Iterable[Problem], name: str) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(self.lines(name)))

    def lines(self, name: str) -> Iterator[str]:
        """Write a line for each problem, with file, line and field; of very many the first."""
        for problem in self.problems[:MOST]:
            field = f" {problem.field}:" if problem.field else ""
            yield f"{name}:{problem.line}:{field} {sentence(problem)}"
        more = len(self.problems) - MOST
        if more > 0:
            yield f"{name}: " + _("and %(n)d more", n=more)


def sentence(problem: Problem) -> str:
    """Say what is wrong."""
    value, other = problem.value, problem.other
    texts = _of_the_file(value, other) | _of_a_field(value) | _of_others(value, other)
    return texts[problem.code]


def field_word(name: str) -> str:
    """Name a field of the list, as the pages call it."""
    words = {
        "key": _("Sign-in name"),
        "name": _("Name"),
        "mail": _("Mail"),
        "phone": _("Phone"),
        "department": _("Department"),
        "roles": _("Roles"),
        "manager": pgettext("of a person", "Manager"),
        "deputy": _("Deputy"),
        "language": _("Language"),
        "zone": _("Time zone"),
    }
    return words.get(name, name)


def _of_the_file(value: str, other: str) -> dict[str, str]:
    return {
        "large": _("The file is larger than %(n)s MB.", n=value),
        "utf-8": _("This is not UTF-8: the file is damaged here."),
        "encoding": _("This is neither UTF-8 nor Japanese text of Windows (CP932)."),
        "csv": _("This is not CSV: %(what)s.", what=value),
        "column-missing": _("The column “%(name)s” is missing.", name=value),
        "column-unknown": _(
            "There is no column “%(name)s”, only %(known)s.", name=value, known=", ".join(COLUMNS)
        ),
        "column-twice": _("The column “%(name)s” stands twice.", name=value),
        "cells": _("%(n)s cells where there are %(columns)s columns.", n=value, columns=other),
    }


def _of_a_field(value: str) -> dict[str, str]:
    return {
        "empty": _("This must not be empty."),
        "key": _("“%(value)s” is not a key: 1 to 64 of a-z, 0-9 and -.", value=value[:70]),
        "long": _("This is longer than %(n)s characters.", n=value),
        "control": _("This must be one line of text without control characters."),
        "mail": _("“%(value)s” is not a mail address.", value=value[:70]),
        "role": _(
            "There is no role “%(value)s”, only %(known)s.",
            value=value[:70],
            known=", ".join(ROLES),
        ),
        "partner-alone": _("Who has the role partner has no other."),
        "language": _(
            "There is no language “%(value)s”, only %(known)s.",
            value=value[:70],
            known=", ".join(LANGUAGES),
        ),
        "zone": _("There is no time zone “%(value)s”: write “Asia/Tokyo”.", value=value[:70]),
        "oneself": _("Nobody is their own manager or deputy."),
    }


def _of_others(value: str, other: str) -> dict[str, str]:
    return {
        "nobody": _("There is nobody with the key “%(value)s”.", value=value),
        "loop": _("These are each other's managers: %(loop)s.", loop=value),
        "twice": _("“%(value)s” stands on line %(line)s too.", value=value, line=other),
        "taken": _("“%(value)s” is the address of %(key)s.", value=value, key=other),
    }
