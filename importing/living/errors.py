"""Why a site can't be read."""

from __future__ import annotations

from imageboard.words import Message
from importing.errors import ImportFailed


class BadSite(ImportFailed):
    code = "bad_site"
    message = Message("{address} is no address of a site: https://example.org/, please.")
    address: str


class SiteNotRead(ImportFailed):
    """It was asked as often as is decent."""

    code = "site_not_read"
    message = Message("{address} can't be read: {fault}.")
    address: str
    fault: str


class SiteGivenUp(ImportFailed):
    """Several addresses one after the other: it is down, or wants no more of this."""

    code = "site_given_up"
    message = Message(
        "The site does not answer as it should, {count} times on end: {fault}. What was read is"
        " kept: call again later."
    )
    count: int
    fault: str


class SiteNotWhole(ImportFailed):
    code = "site_not_whole"
    message = Message(
        "{count} addresses of the site could not be read, and nothing was brought. Call again: what"
        " was read is kept. --incomplete brings what there is."
    )
    count: int
