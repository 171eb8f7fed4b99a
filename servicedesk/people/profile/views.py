"""Everybody's own page, and the note while one is marked as away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError
from servicedesk.mail import words as mail_words
from servicedesk.mail.channels import HANDOFFS
from servicedesk.mail.messages import Message, some_messages
from servicedesk.people import commands, passwords, words
from servicedesk.people.access import local, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.people.profile.commands import choose_calm, choose_channels, come_back
from servicedesk.people.profile.forms import (
    CalmForm,
    ChannelsForm,
    PasswordForm,
    ProfileForm,
    around,
    calm_form,
    channels_form,
    keep,
    profile_form,
)
from servicedesk.people.queries import desk_zone
from servicedesk.setup.snapshot import directory, directory_if_any

blueprint = Blueprint("profile", __name__)
SOON = timedelta(minutes=15)  # of a message that waits


@blueprint.app_context_processor
def away() -> dict[str, Any]:
    """Tell every page whether its reader is marked as away today."""
    if not (current_user and current_user.is_authenticated):
        return {}
    return {"is_away": current_user.is_absent(times.local_day(times.now(), desk_zone()))}


def _self() -> Person:
    person: Person = current_user._get_current_object()
    return person


@blueprint.route("/profile", methods=["GET", "POST"])
@requires(Act.KEEP_PROFILE)
def page() -> ResponseReturnValue:
    """Show what the desk knows of oneself, and change what is one's own."""
    person = _self()
    form = profile_form(person)
    if not form.is_submitted():
        return _page(person, form, PasswordForm())
    if not keep(person, form):
        return _page(person, form, PasswordForm(formdata=None)), 422
    if person.language:
        session["language"] = person.language
    else:
        session.pop("language", None)
    flash(_("Your profile is saved."))
    return redirect(url_for("profile.page"), 303)


def _page(
    person: Person,
    form: ProfileForm,
    password: PasswordForm,
    channels: ChannelsForm | None = None,
    calm: CalmForm | None = None,
) -> str:
    fresh, fixed = channels_form(person, sent=False)
    manager = db.session.get(Person, person.manager_id) if person.manager_id else None
    setup = directory_if_any(db.session())
    return render_template(
        "people/profile.html",
        person=person,
        manager=manager,
        roles=words.roles(person.held_roles),
        form=form,
        password_form=password,
        channels_form=channels or fresh,
        fixed=fixed,
        calm_form=calm or (setup and calm_form(person, setup, sent=False)),
        minimum=passwords.MINIMUM,
        **around(person),
    )


@blueprint.post("/profile/password")
@requires(Act.KEEP_PROFILE)
def password() -> ResponseReturnValue:
    """Choose another password, knowing the present one."""
    person, form, status = _self(), PasswordForm(), 422
    try:
        if form.validate():
            _renew(person, form)
            flash(_("Your password is changed. You are signed out everywhere else."))
            return redirect(url_for("profile.page"), 303)
    except commands.WrongPassword as error:
        form.old.errors = [str(error)]
    except BadInput as error:
        form.password.errors = [str(error)]
    except DeskError as error:
        form.form_errors.append(str(error))
        status = error.status
    return _page(person, profile_form(person, sent=False), form), status


def _renew(person: Person, form: PasswordForm) -> None:
    """Change the password, and stay signed in here alone."""
    renewed = commands.change_password(
        key=person.key,
        old=form.old.data or "",
        new=form.password.data or "",
        address=request.remote_addr or "",
        now=g.now,
    )
    login_user(renewed)


@blueprint.post("/profile/channels")
@requires(Act.KEEP_PROFILE)
def channels() -> ResponseReturnValue:
    """E5: choose what one gets by mail, in the summary, or not at all."""
    person = _self()
    form, _fixed = channels_form(person)
    if not form.validate():
        own = profile_form(person, sent=False)
        return _page(person, own, PasswordForm(formdata=None), form), 422
    choose_channels(key=person.key, said=form.chosen())
    flash(_("Your choice is saved. It holds for what comes from now on."))
    return redirect(url_for("profile.page", _anchor="messages"), 303)


@blueprint.post("/profile/calm")
@requires(Act.KEEP_PROFILE)
def calm() -> ResponseReturnValue:
    """E5: choose when one gets nothing but what is urgent, and how many mails within an hour."""
    person = _self()
    form = calm_form(person, directory(db.session()))
    if not form.validate():
        own = profile_form(person, sent=False)
        return _page(person, own, PasswordForm(formdata=None), calm=form), 422
    choose_calm(key=person.key, said=form.said())
    flash(_("Your quiet hours are saved."))
    return redirect(url_for("profile.page", _anchor="quiet"), 303)


@blueprint.get("/profile/messages")
@requires(Act.KEEP_PROFILE)
def messages() -> str:
    """List what one was told, or would have been, and what became of it."""
    mail, before = (request.args.get(name, type=_id) for name in ("mail", "before"))
    found = some_messages(db.session(), _self(), g.now, mail, before)
    return render_template(
        "people/messages.html",
        messages=found.messages,
        mail=mail,
        before=before,
        soon=g.now + SOON,
        older=found.older and url_for("profile.messages", mail=mail, before=found.older),
        mail_words=mail_words,
        message_url=_message_url,
    )


def _id(text: str) -> int:
    """Read a row's id from an address; raises ValueError for what none can be."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def _message_url(message: Message) -> str:
    """Give the page of what a message is about; empty where it may not be seen."""
    if message.group == HANDOFFS.key:
        return _sheet_url(message)
    return url_for("incidents.page", number=message.number) if message.sees else ""


def _sheet_url(message: Message) -> str:
    """Give a partner's page; what a work request says stands elsewhere."""
    n = message.data.get("n")
    if message.kind.startswith("work") or not (message.number and n):
        return ""
    return url_for("escalation.sheet", number=message.number, n=n)


@blueprint.post("/profile/back")
@requires(Act.KEEP_PROFILE)
def back() -> ResponseReturnValue:
    """End one's own absence."""
    come_back(key=_self().key)
    flash(_("Welcome back: you are asked again from now on."))
    return redirect(local(request.form.get("next")) or url_for("profile.page"), 303)
