"""Signing in and out, getting in by a link; language and theme."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
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
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError
from servicedesk.people import access, attempts, commands, entering, passwords
from servicedesk.people.forms import ForgottenForm, NewPasswordForm, SignInForm
from servicedesk.people.links import INVITATION, RESET
from servicedesk.people.models import Person

blueprint = Blueprint("people", __name__)
blueprint.before_app_request(access.guard)

THEMES = ("light", "dark", "auto")
YEAR = 365 * 24 * 3600
LONGEST_TOKEN = 500


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
    except (commands.WrongNameOrPassword, attempts.TooManyAttempts) as error:
        return _refused(form, error)
    _start_session(person)
    return _onward(request.args)


def _sign_in_page(form: SignInForm, status: int) -> ResponseReturnValue:
    return render_template("people/sign_in.html", form=form), status


def _refused(form: SignInForm, error: DeskError) -> ResponseReturnValue:
    form.form_errors.append(str(error))
    return _waiting(_sign_in_page(form, error.status), error)


def _waiting(page: ResponseReturnValue, error: DeskError) -> Response:
    """Say with a refusal when to try again."""
    response = make_response(page)
    if isinstance(error, attempts.TooManyAttempts):
        response.headers["Retry-After"] = int(attempts.WINDOW.total_seconds())
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


@blueprint.route("/forgot", methods=["GET", "POST"])
@access.public
def forgotten() -> ResponseReturnValue:
    """Send a link to a new password; the answer is the same whether there is anybody."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return _forgotten_page(form, 422 if form.is_submitted() else 200)
    try:
        entering.ask_reset(
            said=form.said.data or "", address=request.remote_addr or "", now=times.now()
        )
    except attempts.TooManyAttempts as error:
        form.form_errors.append(str(error))
        return _waiting(_forgotten_page(form, error.status), error)
    return redirect(url_for("people.forgotten", sent=1), 303)


def _forgotten_page(form: ForgottenForm, status: int) -> ResponseReturnValue:
    return render_template("people/forgotten.html", form=form, sent="sent" in request.args), status


@blueprint.get("/invitation/<token>")
@access.public
def invited(token: str) -> ResponseReturnValue:
    """Lead from the mail to the page where a password is chosen."""
    return _carry(INVITATION, token)


@blueprint.get("/reset/<token>")
@access.public
def reset(token: str) -> ResponseReturnValue:
    """Lead from the mail to the page where a new password is chosen."""
    return _carry(RESET, token)


def _carry(purpose: str, token: str) -> Response:
    """Keep a token in the session, so that it stands in no address, history or referrer."""
    session["link"] = [purpose, token[:LONGEST_TOKEN]]
    return redirect(url_for("people.password"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@access.public
def password() -> ResponseReturnValue:
    """Choose a password by a link; only sending the form uses the link up."""
    purpose, token = session.get("link") or (RESET, "")
    form = NewPasswordForm()
    try:
        person = entering.behind(db.session(), token, purpose, g.now)
        if not form.validate_on_submit():
            return _password_page(form, person, purpose, 422 if form.is_submitted() else 200)
        person = _enter(form, token, purpose)
    except entering.LinkOver as error:
        return render_template("people/link_over.html", purpose=purpose), error.status
    except BadInput as error:
        form.password.errors = [str(error)]
        return _password_page(form, person, purpose, 422)
    _start_session(person)
    flash(_("Your password is set. You are signed in."))
    return redirect(url_for("home"), 303)


def _enter(form: NewPasswordForm, token: str, purpose: str) -> Person:
    return entering.enter(
        token=token, purpose=purpose, password=form.password.data or "", now=g.now
    )


def _password_page(
    form: NewPasswordForm, person: Person, purpose: str, status: int
) -> ResponseReturnValue:
    page = render_template(
        "people/password.html",
        form=form,
        person=person,
        purpose=purpose,
        minimum=passwords.MINIMUM,
    )
    return page, status


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
