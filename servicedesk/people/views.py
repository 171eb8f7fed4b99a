"""Signing in and out; language and theme."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from servicedesk import times
from servicedesk.app import LANGUAGES
from servicedesk.errors import BadInput, DeskError
from servicedesk.people import access, commands
from servicedesk.people.forms import SignInForm
from servicedesk.people.models import Person

blueprint = Blueprint("people", __name__)
blueprint.before_app_request(access.guard)

THEMES = ("light", "dark", "auto")
YEAR = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.public
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    if current_user.is_authenticated:
        return _onward(request.args)
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if form.is_submitted() else 200)
    try:
        person = _attempt(form)
    except (commands.WrongNameOrPassword, commands.TooManyAttempts) as error:
        return _refused(form, error)
    _start_session(person)
    return _onward(request.args)


def _sign_in_page(form: SignInForm, status: int) -> ResponseReturnValue:
    return render_template("people/sign_in.html", form=form), status


def _refused(form: SignInForm, error: DeskError) -> ResponseReturnValue:
    form.form_errors.append(str(error))
    response = make_response(_sign_in_page(form, error.status))
    if isinstance(error, commands.TooManyAttempts):
        response.headers["Retry-After"] = int(commands.WINDOW.total_seconds())
    return response


def _attempt(form: SignInForm) -> Person:
    return commands.sign_in(
        key=form.key.data or "",
        password=form.password.data or "",
        address=request.remote_addr or "",
        now=times.now(),
    )


def _start_session(person: Person) -> None:
    """Begin a session of its own: nothing that was in the one before is trusted."""
    access.forget_session()
    login_user(person)
    session.permanent = True
    session["since"] = int(times.now().timestamp())


def _onward(asked: Mapping[str, str]) -> Response:
    return redirect(access.local(asked.get("next")) or url_for("home"), 303)


@blueprint.post("/sign-out")
@access.public
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    access.forget_session()
    return redirect(url_for("people.sign_in"), 303)


@blueprint.post("/language")
@blueprint.post("/preferences")
@access.public
def preferences() -> ResponseReturnValue:
    """Choose the language, or the theme, of the pages."""
    response = _onward(request.form)
    if "language" in request.form:
        _choose_language(request.form["language"])
    if "theme" in request.form:
        _choose_theme(request.form["theme"], response)
    return response


def _choose_language(language: str) -> None:
    """Keep a language: with the person, or in the session of who has not signed in."""
    if language not in LANGUAGES:
        raise BadInput(_("There is no such language."))
    if current_user.is_authenticated:
        commands.choose_language(person_id=current_user.id, language=language)
    session["language"] = language


def _choose_theme(theme: str, response: Response) -> None:
    if theme not in THEMES:
        raise BadInput(_("There is no such theme."))
    if theme == "auto":
        response.delete_cookie("theme")
    else:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie("theme", theme, YEAR, secure=secure, httponly=True, samesite="Lax")
