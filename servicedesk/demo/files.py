"""Files that people attach in the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from servicedesk.incidents.files import Upload

FOLDER = Path(__file__).parent / "attached"


@dataclass(frozen=True)
class Given:
    """A file of the folder beside, and what its sender calls it."""

    stored: str
    name: str

    def upload(self) -> Upload:
        """Open it as it would come in."""
        content = (FOLDER / self.stored).read_bytes()
        return Upload(self.name, BytesIO(content), len(content))


FILES: Mapping[str, Given] = {
    "error": Given("error-500.png", "error-500.png"),
    "test-page": Given("test-page.png", "test page.png"),
    "縞": Given("test-page.png", "縞の出たページ.png"),
    "log": Given("controller.txt", "controller-AP-2.txt"),
    "delivery-note": Given("delivery-note.pdf", "delivery-note-FX90.pdf"),
    "座席表": Given("seats.pdf", "座席表_大阪7F.pdf"),
    "名簿": Given("people.csv", "名簿.csv"),
    "printers": Given("printers.csv", "printers.csv"),
}
