"""Who gets to a page: default no, said beside each view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicedesk import times
from servicedesk.people.permissions import Act, Reach, reaches

P = ParamSpec("P")
R = TypeVar("R")
PUBLIC, ACT = "_public", "_act"  # what a view function is marked with


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open a view to everybody, signed in or not."""
    setattr(view, PUBLIC, True)
    return view


def requires(
    act: Act, *wanted: Reach
) -> Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]:
    """Open a view to those who may do an act, at all or with one of the reaches wanted.

    For everybody else there is no such page.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if not current_user.is_authenticated:
                return to_sign_in()
            found = reaches(current_user, act)
            if not (found.intersection(wanted) if wanted else found):
                abort(404)
            return view(*args, **kwargs)

        setattr(guarded, ACT, act)
        return guarded

    return mark


def guard() -> ResponseReturnValue | None:
    """Before each request: only who is signed in passes, but where a view is public."""
    _end_old_session()
    view = current_app.view_functions.get(request.endpoint or "static")
    if request.endpoint in (None, "static") or getattr(view, PUBLIC, False):
        return None
    return None if current_user.is_authenticated else to_sign_in()


def _end_old_session() -> None:
    """SESSION_HOURS count from signing in, however busy the session was since."""
    hours = int(current_app.config["SESSION_HOURS"])
    age = int(times.now().timestamp()) - int(session.get("since", 0))
    if "_user_id" in session and age > hours * 3600:
        forget_session()


def forget_session() -> None:
    """Empty the session but for the language of its pages."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def to_sign_in() -> ResponseReturnValue:
    """Send to the sign-in page, and from there back to what was asked for."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("people.sign_in", next=asked if asked != "/" else None))


def local(target: str | None) -> str | None:
    """Give back a path on this desk; None for whatever a browser could take for elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isprintable():
        return None
    return target
