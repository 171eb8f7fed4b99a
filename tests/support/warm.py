"""What every desk of a process has in common is compiled once: templates, SQL, addresses."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, MethodType
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 3000  # as many as are kept compiled
_make_engine = SQLAlchemy._make_engine
_compile_rule = Rule.compile
_rules: dict[tuple[object, ...], Rule] = {}
_warm: dict[tuple[type[Dialect], object], tuple[Dialect, LRUCache[Any, Any]]] = {}


class _InMemory(BytecodeCache):
    """Keeps what templates were compiled into; one that has changed is compiled again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def share() -> None:
    """Have all desks that are made from now on share what was compiled for those before."""
    if Flask.jinja_options:
        return
    Flask.jinja_options = {"bytecode_cache": _InMemory()}
    SQLAlchemy._make_engine = _engine  # type: ignore[method-assign]
    Rule.compile = _compile  # type: ignore[assignment, method-assign]


def _engine(
    self: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Flask
) -> sa.Engine:
    """Make an engine that speaks the dialect of the first one: SQL is compiled for a dialect."""
    engine = _make_engine(self, bind_key, options, app)
    kind = type(engine.dialect), engine.dialect.dbapi
    if kind in _warm:
        engine.dialect, engine._compiled_cache = _warm[kind]
        engine.pool._dialect = engine.dialect
        return engine
    engine._compiled_cache = cache = LRUCache[Any, Any](STATEMENTS)

    @event.listens_for(engine, "connect", once=True)
    def keep(*_connection: object) -> None:  # a dialect knows its database once it is connected
        _warm.setdefault(kind, (engine.dialect, cache))

    return engine


def _compile(rule: Rule) -> None:
    """Take what a rule's address is compiled into from the same rule of another desk."""
    of = rule.rule, rule.subdomain, rule.merge_slashes, *rule.map.converters.values()
    if rule.defaults or rule.map.host_matching:
        _compile_rule(rule)
    elif of in _rules:
        _take(rule, _rules[of])
    else:
        _compile_rule(rule)
        _rules[of] = rule


def _take(rule: Rule, other: Rule) -> None:
    rule._parts, rule._trace, rule._converters = other._parts, other._trace, other._converters
    rule.arguments = set(other.arguments)
    rule._build = MethodType(_plain(other._build), rule)
    rule._build_unknown = MethodType(_plain(other._build_unknown), rule)


def _plain(method: Callable[..., tuple[str, str]]) -> Callable[..., tuple[str, str]]:
    return cast(MethodType, method).__func__
