"""Reads one mail in a process of its own, in bounded time and memory; run by `sandbox.py`.

Comes in: a line of JSON, then the mail. Goes out: a line of JSON, then the files' contents.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

NO_MEMORY, FAILED = 4, 5  # exit status
REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ftplib.")


def main() -> int:
    """Read the job and the mail, write what was found."""
    sys.dont_write_bytecode = True
    job = json.loads(sys.stdin.buffer.readline())
    limit(job["seconds"], job["megabytes"])
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    try:
        head, contents = work(sys.stdin.buffer.read(), job)
    except MemoryError:
        return NO_MEMORY
    except Exception as error:  # noqa: BLE001 - whatever a mail brings about, the desk goes on
        print(type(error).__name__, file=sys.stderr)  # noqa: T201 - its parent reads it
        return FAILED
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.writelines(contents)
    return 0


def limit(seconds: int, megabytes: int) -> None:
    """Bound processor time and memory; no files are written, nothing is connected or started."""
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, _args: tuple[Any, ...]) -> None:
    if event.startswith(REFUSED):
        raise PermissionError(f"{event} is closed")


def work(raw: bytes, job: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Read a mail; gives what was found, and the contents of its files."""
    from servicedesk.bridge.incoming import Own
    from servicedesk.bridge.reading import read

    found = read(raw, Own(**{**job["own"], "addresses": tuple(job["own"]["addresses"])}), job["to"])
    contents = [each.content for each in found.attachments]
    head = {name: getattr(found, name) for name in vars(found) if name != "attachments"}
    head["attachments"] = [
        {"name": each.name, "media_type": each.media_type, "size": len(each.content)}
        for each in found.attachments
    ]
    return head, contents


if __name__ == "__main__":
    sys.exit(main())
