"""How incidents stand in addresses: `/incidents/INC-00018342`."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from servicedesk.incidents.models import label

LARGEST = 2**31 - 1  # that the database's integers take


class IdConverter(IntegerConverter):
    """Reads a whole number in an address; one beyond the database's integers is nobody's."""

    def __init__(self, rules: Map) -> None:
        super().__init__(rules, max=LARGEST)


class NumberConverter(BaseConverter):
    """Reads and writes an incident's number in an address."""

    regex = r"INC-\d{1,12}"

    def to_python(self, value: str) -> int:
        """Read `INC-00018342`; numbers beyond the database's integers are nobody's."""
        number = int(value.removeprefix("INC-"))
        if number > LARGEST:
            raise ValidationError
        return number

    def to_url(self, value: int) -> str:
        """Write the number as people say it."""
        return label(int(value))


class SlugConverter(BaseConverter):
    """Reads a short name in an address, such as a clock's: `holding-network`."""

    regex = r"[a-z0-9-]{1,160}"
