"""Where a webhook calls, what its calls are signed with, and how they went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.db import Model
from servicedesk.times import parse


class Receiver(Model):
    """The address of a webhook: secret as its keys are, and in no file of the set-up."""

    __tablename__ = "hook_receiver"

    hook_id: Mapped[int] = mapped_column(sa.ForeignKey("hook.id"), primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    secret: Mapped[str] = mapped_column(sa.String(64))
    former: Mapped[dict[str, Any]] = mapped_column(default=dict)  # secret: until when it signs too
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    sent_at: Mapped[datetime | None]  # last
    failed_at: Mapped[datetime | None]  # last
    failing_since: Mapped[datetime | None]  # nothing went through from then on
    error: Mapped[str | None] = mapped_column(sa.String(200))  # of the last failure since then
    rests_until: Mapped[datetime | None]  # it could not be reached, or wants to be left alone
    disabled_at: Mapped[datetime | None]  # by the desk itself where it fails, else by hand

    def __repr__(self) -> str:
        """Say nothing of address and secrets."""
        return f"<Receiver {self.hook_id}>"

    @property
    def is_ready(self) -> bool:
        """Say whether it is called at all."""
        return self.disabled_at is None

    def secrets(self, now: datetime) -> list[str]:
        """Give what a call is signed with at an instant, the newest first."""
        return [self.secret, *reversed(self.still(now))]

    def still(self, now: datetime) -> dict[str, str]:
        """Give the former secrets that sign too at an instant, the newest last, and until when."""
        return {secret: until for secret, until in self.former.items() if parse(until) > now}

    def overlap(self, now: datetime) -> datetime | None:
        """Say until when a former secret signs too at an instant."""
        return max(map(parse, self.still(now).values()), default=None)
