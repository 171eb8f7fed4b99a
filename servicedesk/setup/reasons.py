"""Why something is handed off: the desk's own short list, or the built-in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OTHER = "other"  # always offered: nobody may be left without a reason
BUILT_IN = ("skill", "rights", "capacity", "on_site", "vendor", "wrong_group", OTHER)
LANGUAGES = ("en", "ja")
WORD = "handoff_reasons"  # its name in DESK.yaml, and in what the desk's row keeps


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason by its key, which stays; its names may change."""

    key: str
    names: Mapping[str, str]  # by language; empty: the built-in name
    retired: bool = False  # no longer offered, still named

    def name(self, language: str) -> str | None:
        """Give its own name in a language, else in another; None: it has none of its own."""
        wanted = (language, *LANGUAGES)
        return next((self.names[one] for one in wanted if self.names.get(one)), None)

    @property
    def is_built_in(self) -> bool:
        """Say whether the desk knows a name for it by itself."""
        return self.key in BUILT_IN


def listed(more: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Give the set-up's own list, retired ones too; nothing where it has none."""
    return tuple(
        Reason(key, {n: said[n] for n in LANGUAGES if said.get(n)}, bool(said.get("retired")))
        for key, said in more.get(WORD) or ()
    )


def offered(more: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Give what can be chosen: the set-up's list, or the built-in one where it offers nothing."""
    own = listed(more)
    chosen = [reason for reason in own if not reason.retired]
    if not chosen:
        gone = {reason.key for reason in own}
        chosen = [Reason(key, {}) for key in BUILT_IN if key not in gone]
    if all(reason.key != OTHER for reason in chosen):
        chosen.append(Reason(OTHER, {}))
    return tuple(chosen)


def kept(before: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> list[list[Any]]:
    """Give what the desk's row keeps of a list: what it leaves out is retired, not forgotten."""
    now = [[key, dict(names)] for key, names in said.items()]
    gone: Sequence[Reason] = [r for r in listed(before) if r.key not in said and r.names]
    return now + [[r.key, {**r.names, "retired": True}] for r in gone if r.key not in BUILT_IN]
