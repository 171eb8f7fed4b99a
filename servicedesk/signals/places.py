"""Where webhooks may call: no address of our own networks, but those that are said to be meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from urllib.parse import SplitResult, urlsplit

from servicedesk.errors import DeskError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST = 2000
PORTS = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL = IPv6Network("2000::/3")  # all that is given out to anybody
# Those that lead to another address than their own, or to the cloud that a machine is in.
NEVER = (
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
)


class BadPlace(DeskError):
    """An address cannot be called; the message is one short reason without the address."""


@dataclass(frozen=True)
class Place:
    """An address taken apart."""

    secure: bool
    host: str  # as it is looked up, and as its certificate has to name it
    port: int
    target: str  # path and query; as secret as a key
    usual: bool  # the port is that of its scheme

    @property
    def authority(self) -> str:
        """Give the host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.usual else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """Give what may be shown of it: not the path, which for many receivers is the key."""
        return f"{'https' if self.secure else 'http'}://{self.authority}/…"


def read(url: str, *, http: bool) -> Place:
    """Take an address apart; raises BadPlace."""
    if len(url) > LONGEST or re.search(r"[^\x21-\x7e]|\\", url):
        raise BadPlace("address: not one")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.rstrip(".").encode("idna").decode("ascii")
    except ValueError:  # its message may hold a part of the address
        raise BadPlace("address: not one") from None
    if parts.scheme != "https" and not (http and parts.scheme == "http"):
        raise BadPlace("address: not https")
    if not host or port == 0 or parts.fragment or "@" in parts.netloc or "%" in host:
        raise BadPlace("address: not one")
    if port and port < 1024 and port not in PORTS.values():  # mail, shells, names: no web
        raise BadPlace("address: port")
    usual = PORTS[parts.scheme]
    target = _target(parts)
    return Place(parts.scheme == "https", host, port or usual, target, port in (None, usual))


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def checked(found: Collection[str], networks: Collection[Network]) -> list[Address]:
    """Give the addresses that a host has, if all of them may be called; raises BadPlace.

    One that leads inside makes the whole name suspect: the next look-up may give only that.
    """
    addresses = [_address(each) for each in found]
    if not addresses:
        raise BadPlace("address: no such host")
    for address in addresses:
        if not _may(address, networks):
            raise BadPlace("address: internal")
    return addresses


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise BadPlace("address: not one") from None


def _may(address: Address, networks: Collection[Network]) -> bool:
    meant = _meant(address)
    if any(one in network for network in networks for one in {address, meant}):
        return True
    if any(meant in network for network in NEVER):
        return False
    if isinstance(meant, IPv6Address) and (meant not in GLOBAL or meant.scope_id):
        return False
    return meant.is_global and not meant.is_multicast


def _meant(address: Address) -> Address:
    """Give the address that one of the newer kind stands for."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
