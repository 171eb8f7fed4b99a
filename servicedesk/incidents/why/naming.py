"""How clocks are called in addresses: `resolution`, `holding-network`, `answer-netone-2`."""

from __future__ import annotations

from servicedesk.incidents.clocks import Clockwork, Name
from servicedesk.setup.directory import Directory, Party


def slug(name: Name, directory: Directory) -> str:
    """Give a clock's name within its incident as it stands in addresses."""
    kind, party, n = name
    parts = [kind, _handle(directory.party(party), directory) if party else "", str(n or "")]
    return "-".join(part for part in parts if part)


def _handle(party: Party, directory: Directory) -> str:
    """Give a party's key; of a partner that has a group's key with `partner-` before it."""
    shared = party.is_partner and any(
        other.key == party.key and not other.is_partner for other in directory.parties.values()
    )
    return f"partner-{party.key}" if shared else party.key


def slugs(work: Clockwork) -> dict[str, Name]:
    """Give all clocks of an incident that have had a target, and its dates, by their slugs."""
    names = [name for name, entry in work.entries.items() if entry.targeted]
    dates: list[Name] = [(k, None, None) for k in ("requested", "promised")]
    names += [name for name in dates if work.story.current(name[0])]
    return {slug(name, work.directory): name for name in names}
