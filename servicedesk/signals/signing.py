"""Signs calls as Standard Webhooks has it: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """Make a secret: 256 bits, written as receivers' libraries read it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode("ascii")


def headers(id: str, at: datetime, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """Give the headers by which a receiver checks a call; more secrets give more signatures."""
    text = body.decode()
    signatures = (Webhook(key).sign(id, at, text) for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
