"""Reads many mails in one process as limited as the sandbox is, and measures each."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from servicedesk.bridge import child, sandbox
from servicedesk.bridge.incoming import Own
from tests.bridge import hostile

OWN = Own(host="desk.kita.example", addresses=("desk@kita.example",), voucher=hostile.VOUCHER)


def _most_memory() -> float:
    """MB at most so far; what getrusage says includes the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(seed: int) -> None:
    job = {"own": asdict(OWN), "to": "desk+token@kita.example"}
    child.limit(600, sandbox.MEGABYTES)
    for each in hostile.mails(seed):
        began = time.process_time()
        try:
            found, _files = child.work(each.raw, job)
        except MemoryError:
            found = {"unreadable": "memory"}
        said = {"name": each.name, "size": len(each.raw), "forged": each.forged, **found}
        said["seconds"] = time.process_time() - began
        said["megabytes"] = _most_memory()
        said["whole"] = said.get("whole", "")[:100]
        print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]))
