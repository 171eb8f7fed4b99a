"""The application factory: settings, extensions, blueprints, error pages."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import flask_babel
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

import config
from servicedesk import db, formats, icons, logs, times
from servicedesk.errors import DeskError
from servicedesk.people import access

LANGUAGES = {"en": "English", "ja": "日本語"}

csrf = CSRFProtect()
babel = flask_babel.Babel()
sign_ins = LoginManager()


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Build the desk; settings given win over the environment's."""
    app = Flask(__name__, template_folder=str(config.ROOT / "templates"))
    app.config.from_mapping(_settings(settings))
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="desk",
        PERMANENT_SESSION_LIFETIME=int(app.config["SESSION_HOURS"]) * 3600,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    logs.set_up(app.config["LOG_LEVEL"], app.config["LOG_FORMAT"])
    logs.init_app(app)
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=_language, timezone_selector=_zone)
    _configure_proxies(app)
    _configure_people(app)
    _configure_templates(app)
    _configure_errors(app)
    _configure_blueprints(app)
    _configure_commands(app)
    _configure_followers()
    app.before_request(_start_clock)
    app.after_request(_secure)
    return app


def _settings(given: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        return config.complete({**config.read(), **(given or {})})
    except config.BadSetting as error:
        if given is not None:
            raise
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def _language() -> str:
    """The person's language, else what the session or the browser asks for, else the desk's."""
    from servicedesk.people.queries import desk_language

    if not has_request_context():
        return "en"  # the command line
    if current_user and current_user.is_authenticated and current_user.language:
        return str(current_user.language)
    chosen = session.get("language") or request.accept_languages.best_match(LANGUAGES)
    return str(chosen or desk_language())


def _zone() -> str:
    return formats.reader_zone()


def _start_clock() -> None:
    g.now = times.now()


def _configure_proxies(app: Flask) -> None:
    if count := int(app.config["PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]


def _configure_people(app: Flask) -> None:
    from servicedesk.people.queries import signed_in

    sign_ins.login_view = "people.sign_in"
    sign_ins.login_message = None
    sign_ins.session_protection = None  # people.access ends sessions; an address may change
    sign_ins.user_loader(signed_in)
    sign_ins.init_app(app)


def _configure_templates(app: Flask) -> None:
    from servicedesk import navigation

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["icon"] = icons.icon
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["get_locale"] = flask_babel.get_locale
    app.jinja_env.filters.update(formats.FILTERS)
    app.context_processor(navigation.context)


def _configure_errors(app: Flask) -> None:
    app.register_error_handler(DeskError, _desk_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(ProgrammingError, _database_error)
    app.register_error_handler(DataError, _data_error)
    app.register_error_handler(OverflowError, _number_error)
    app.register_error_handler(500, _http_error)


def _error_page(status: int, message: str) -> tuple[str, int]:
    return render_template("errors.html", status=status, message=message), status


def _desk_error(error: DeskError) -> tuple[str, int]:
    return _error_page(error.status, str(error))


def _csrf_error(_error: CSRFError) -> tuple[str, int]:
    return _error_page(400, flask_babel.gettext("This form is too old: please send it again."))


def _data_error(error: DataError) -> tuple[str, int]:
    """Refuse what the database cannot hold, such as a character NUL."""
    logging.getLogger(__name__).warning("database: %s", type(error).__name__, exc_info=error)
    db.db.session.rollback()  # the page is read from the same one
    return _error_page(400, flask_babel.gettext("Something went wrong here. Nothing was changed."))


def _number_error(error: OverflowError) -> tuple[str, int] | AnyResponse:
    """Answer a number of a form that SQLite cannot hold: nothing there has it (PostgreSQL looks).

    Numbers in addresses never come so far (`IdConverter`).
    """
    if "SQLite" not in str(error):
        raise error
    db.db.session.rollback()  # the page is read from the same one
    return _http_error(NotFound())


def _http_error(error: Exception) -> tuple[str, int] | AnyResponse:
    if not isinstance(error, HTTPException):
        error = HTTPException(response=None)
        error.code = 500
    status = error.code or 500
    if status < 400:
        return error.get_response()
    messages = {
        403: flask_babel.gettext("You may not open this page."),
        404: flask_babel.gettext("There is no such page, or it is not for you."),
        405: flask_babel.gettext("This address is not a page."),
        413: flask_babel.gettext("The file is too large."),
        429: flask_babel.gettext("Too many attempts: please wait a few minutes."),
    }
    fallback = flask_babel.gettext("Something went wrong here. Nothing was changed.")
    return _error_page(status, messages.get(status, fallback))


def _database_error(error: Exception) -> tuple[str, int, dict[str, str]]:
    """Say so in the browser's language: the person's and the desk's are in the database."""
    logging.getLogger(__name__).error("database: %s", type(error).__name__, exc_info=error)
    language = session.get("language") or request.accept_languages.best_match(LANGUAGES) or "en"
    with flask_babel.force_locale(language):
        page = current_app.jinja_env.get_template("unreachable.html")
        return page.render(language=language), 503, {"Retry-After": "30"}


def _configure_blueprints(app: Flask) -> None:
    from servicedesk.administration.agreements.edit_views import blueprint as agreement
    from servicedesk.administration.agreements.views import blueprint as agreements
    from servicedesk.administration.calendars.views import blueprint as calendars
    from servicedesk.administration.parties.views import blueprint as parties
    from servicedesk.administration.reasons.views import blueprint as reasons
    from servicedesk.administration.views import blueprint as administration
    from servicedesk.board.flow_views import blueprint as flow
    from servicedesk.board.views import blueprint as board
    from servicedesk.bridge.link_views import blueprint as bridge_links
    from servicedesk.bridge.views import blueprint as bridge
    from servicedesk.escalation.return_views import blueprint as returns
    from servicedesk.escalation.views import blueprint as escalation
    from servicedesk.escalation.work.views import blueprint as work
    from servicedesk.exports.views import blueprint as exports
    from servicedesk.health import blueprint as health
    from servicedesk.incidents.addresses import IdConverter, NumberConverter, SlugConverter
    from servicedesk.incidents.approval_views import blueprint as approval
    from servicedesk.incidents.dates.views import blueprint as dates
    from servicedesk.incidents.exclusions.views import blueprint as exclusions
    from servicedesk.incidents.explained.views import blueprint as why
    from servicedesk.incidents.file_views import blueprint as files
    from servicedesk.incidents.handed.views import blueprint as handed
    from servicedesk.incidents.solved_views import blueprint as solved
    from servicedesk.incidents.views import blueprint as incidents
    from servicedesk.intake.search_views import blueprint as search
    from servicedesk.intake.views import blueprint as intake
    from servicedesk.major.act_views import blueprint as major_act
    from servicedesk.major.link_views import blueprint as major_links
    from servicedesk.major.review_views import blueprint as major_review
    from servicedesk.major.views import blueprint as major
    from servicedesk.oncall.feed_views import blueprint as feeds
    from servicedesk.oncall.rota_views import blueprint as rota
    from servicedesk.oncall.views import blueprint as oncall
    from servicedesk.partners.company.views import blueprint as company
    from servicedesk.partners.meetings.views import blueprint as meetings
    from servicedesk.partners.score.views import blueprint as scores
    from servicedesk.people.profile.views import blueprint as profile
    from servicedesk.people.register.views import blueprint as register
    from servicedesk.people.views import blueprint as people
    from servicedesk.portal.views import blueprint as portal
    from servicedesk.reports.approval_views import blueprint as report_approval
    from servicedesk.reports.choosing_views import blueprint as choosing
    from servicedesk.reports.dashboard_views import blueprint as dashboard
    from servicedesk.reports.drafting_views import blueprint as drafting
    from servicedesk.reports.schedules.views import blueprint as schedules
    from servicedesk.reports.views import blueprint as reports
    from servicedesk.rulebook.edit_views import blueprint as rule_edit
    from servicedesk.rulebook.responsibility_views import blueprint as responsibility
    from servicedesk.rulebook.trial_views import blueprint as trial
    from servicedesk.rulebook.views import blueprint as rulebook
    from servicedesk.selection.views import blueprint as selection
    from servicedesk.signals.edit_views import blueprint as signal_edit
    from servicedesk.signals.views import blueprint as signals
    from servicedesk.spreadsheet.views import blueprint as spreadsheet
    from servicedesk.whatif.views import blueprint as whatif

    converters = {"incident": NumberConverter, "int": IdConverter, "slug": SlugConverter}
    app.url_map.converters |= converters
    for blueprint in (
        people,
        health,
        portal,
        escalation,
        returns,
        work,
        incidents,
        files,
        choosing,
        dashboard,
        exports,
        reports,
        drafting,
        report_approval,
        schedules,
        approval,
        dates,
        exclusions,
        handed,
        solved,
        why,
        scores,
        meetings,
        oncall,
        rota,
        feeds,
        major,
        major_act,
        major_links,
        major_review,
        profile,
        register,
        company,
        administration,
        board,
        bridge,
        bridge_links,
        flow,
        spreadsheet,
        whatif,
        selection,
        rulebook,
        rule_edit,
        responsibility,
        trial,
        intake,
        search,
    ):
        app.register_blueprint(blueprint)
    for blueprint in (calendars, agreements, agreement, parties, reasons, signals, signal_edit):
        app.register_blueprint(blueprint, name_prefix="administration")
    app.add_url_rule("/", "home", access.public(_home))


def _home() -> AnyResponse:
    """Send everybody to the page where their work is."""
    from servicedesk.navigation import first_page

    if not current_user.is_authenticated:
        return redirect(url_for("people.sign_in"))
    return redirect(first_page())


def _configure_commands(app: Flask) -> None:
    from servicedesk.cli import desk

    app.cli.add_command(desk)


def _configure_followers() -> None:
    """Load what is done with each act, in its transaction: it registers itself."""
    import servicedesk.mail.news
    import servicedesk.mail.routing
    import servicedesk.signals.following  # noqa: F401


POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def _secure(response: Response) -> Response:
    """Let nothing but our own files into a page, and no page into a shared cache."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
