"""What pages change of webhooks in the set-up's document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Data = dict[str, Any]


def with_hook(data: Mapping[str, Any], key: str, said: Data) -> Data:
    """Give the document with another entry of a webhook, or with one more."""
    return {**data, "hooks": {**(data.get("hooks") or {}), key: said}}


def without(data: Mapping[str, Any], key: str) -> Data:
    """Give the document without a webhook."""
    kept = {name: said for name, said in (data.get("hooks") or {}).items() if name != key}
    return {**data, "hooks": kept}
