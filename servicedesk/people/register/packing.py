"""Carries a list from its preview to its application inside the page: nothing is left lying."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.people.register.roster import MOST_BYTES

MOST = 400_000  # letters; a form's fields may have 500,000 bytes together


def pack(data: bytes) -> str:
    """Write a file as one line; raises BadInput where it is too long for a page."""
    packed = b64encode(zlib.compress(data, 9)).decode()
    if len(packed) > MOST:
        raise BadInput(
            _("This list is too long for the page: please use `flask desk people import`.")
        )
    return packed


def unpack(packed: str) -> bytes:
    """Read such a line; raises BadInput."""
    try:
        return zlib.decompressobj().decompress(b64decode(packed, validate=True), MOST_BYTES)
    except (ValueError, zlib.error):
        raise BadInput(_("This form is too old: please send it again.")) from None
