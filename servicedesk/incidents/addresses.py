"""How incidents stand in addresses: `/incidents/INC-00018342`."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

from servicedesk.incidents.models import label


class NumberConverter(BaseConverter):
    """Reads and writes an incident's number in an address."""

    regex = r"INC-\d{1,12}"

    def to_python(self, value: str) -> int:
        """Read `INC-00018342`; numbers beyond the database's integers are nobody's."""
        number = int(value.removeprefix("INC-"))
        if number > 2**31 - 1:
            raise ValidationError
        return number

    def to_url(self, value: int) -> str:
        """Write the number as people say it."""
        return label(int(value))
