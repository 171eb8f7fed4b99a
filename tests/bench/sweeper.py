"""A process that sweeps once, and says how long its processor took."""

from __future__ import annotations

import os
from datetime import datetime
from time import process_time
from typing import Any

from servicedesk.app import create_app
from servicedesk.escalation.sweep import sweep


def sweep_all(settings: dict[str, str], now: datetime, ready: Any, said: Any) -> None:
    """Sweep as at an instant, together with others."""
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        ready.wait(120)
        started = process_time()
        sweep(now)
        said.put(process_time() - started)
