"""Where a webhook calls, what its calls are signed with, and how they went."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.db import Model


class Receiver(Model):
    """The address of a webhook: secret as its keys are, and in no file of the set-up."""

    __tablename__ = "hook_receiver"

    hook_id: Mapped[int] = mapped_column(sa.ForeignKey("hook.id"), primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    secret: Mapped[str] = mapped_column(sa.String(64))
    former_secret: Mapped[str | None] = mapped_column(sa.String(64))  # signs too, for a day
    former_until: Mapped[datetime | None]
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    sent_at: Mapped[datetime | None]  # last
    failed_at: Mapped[datetime | None]  # last
    failing_since: Mapped[datetime | None]  # nothing went through from then on
    error: Mapped[str | None] = mapped_column(sa.String(200))  # of the last failure since then
    rests_until: Mapped[datetime | None]  # it could not be reached, or wants to be left alone
    disabled_at: Mapped[datetime | None]  # by the desk itself

    def __repr__(self) -> str:
        """Say nothing of address and secrets."""
        return f"<Receiver {self.hook_id}>"

    @property
    def is_ready(self) -> bool:
        """Say whether it is called at all."""
        return self.disabled_at is None

    def secrets(self, now: datetime) -> list[str]:
        """Give what a call is signed with at an instant, the newest first."""
        former = self.former_secret
        still = former is not None and self.former_until is not None and now < self.former_until
        return [self.secret, *([former] if still and former else [])]
