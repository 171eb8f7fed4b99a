"""Addresses of the desk's pages as they stand in mails: whole, from DESK_URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from servicedesk.people import links
from servicedesk.people.links import Link


def desk_url() -> str:
    """Give the address at which people open the desk."""
    url: str = current_app.config["DESK_URL"]
    return url


def host() -> str:
    """Give the desk's host, for the ids of messages."""
    name = urlsplit(desk_url()).hostname or "localhost"
    return f"[{name}]" if ":" in name else name


def page(endpoint: str, **values: Any) -> str:
    """Give the address of a page; raises BuildError."""
    place = urlsplit(desk_url())
    pages = current_app.url_map.bind(place.netloc, url_scheme=place.scheme)
    return pages.build(endpoint, values, force_external=True)


def of_link(link: Link) -> str:
    """Give the address by which a link is used."""
    return page(PAGES[link.purpose], token=links.token(link))


PAGES = {  # of links, by what they are for
    "solved": "solved.answer",
    "promise": "dates.by_link",
    "handed": "bridge_links.handed",
    "approval": "approval.decide",
    "acknowledge": "responsibility.link",
    "invitation": "people.invited",
    "reset": "people.reset",
    "report": "report_approval.link",
}
