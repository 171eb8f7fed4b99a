"""What every mapping of known keys in DESK.yaml has in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Entry(BaseModel):
    """A mapping of known keys; one with nothing after its colon counts as left out."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out(cls, value: Any) -> Any:
        if isinstance(value, dict):
            known = cls.keys()
            return {k: v for k, v in value.items() if v is not None or k not in known}
        return {} if value is None else value

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """Give the keys as they stand in the file, with their types."""
        return {f.alias or name: f.annotation for name, f in cls.model_fields.items()}

    def plain(self) -> dict[str, Any]:
        """Give what was set, as plain values; what is empty is left out."""
        found = self.model_dump(by_alias=True, exclude_defaults=True)
        return {key: value for key, value in found.items() if value not in ({}, [])}
