"""How much is looked at: `make test` takes a sample, `make torture` all of it."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"


def enough(sample: T, everything: T) -> T:
    """Choose what stands for it in a round of minutes, or the whole under torture."""
    return everything if TORTURE else sample
