"""Garbage is collected seldom: looking for it through all tests took a fifth of their time."""

from __future__ import annotations

import gc

NEW = 50_000  # as many things made that are still there; Python looks after 700


def seldom() -> None:
    """Look for garbage seldom from now on."""
    gc.set_threshold(NEW, 10, 10)


def keep() -> None:
    """Never look again through what is there now: modules and the tests themselves."""
    gc.freeze()
