"""Who sends a form: the address behind trusted proxies, and whether the form is ours."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import falcon

from imageboard.cloaks import Address, parse_address
from imageboard.errors import BadAddress, CrossSite
from imageboard.settings import Network

#: nginx sets it from the connection (or a trusted proxy's header) and drops what a client sent.
ADDRESS_HEADER = "X-Real-IP"
#: Likewise: https where the reader has TLS.
SCHEME_HEADER = "X-Forwarded-Proto"
#: Likewise: what it calls a form that it may hand to a second writer when the first was lost.
DELIVERY_HEADER = "X-Delivery-ID"
_DELIVERY = re.compile("[0-9a-f]{32}")


def client_address(req: falcon.Request, trusted_proxies: tuple[Network, ...]) -> Address:
    """The address of whoever sent the request.

    SECURITY: the header counts only when the peer is our own nginx, over a unix socket, or a
    proxy that the settings name; from anyone else it is as good as forged.
    """
    peer = str(req.env.get("REMOTE_ADDR", ""))
    named = req.get_header(ADDRESS_HEADER)
    if named and (not peer or _is_trusted(peer, trusted_proxies)):
        try:
            return parse_address(named)
        except ValueError:
            raise BadAddress(header=ADDRESS_HEADER) from None
    return parse_address(peer or "127.0.0.1")


def delivery(req: falcon.Request) -> str | None:
    """The same for each writer that a form is handed to; None: nginx did not say.

    SECURITY: it tells the forms of one client apart (their receipts have an address too), so
    whoever comes to the writer past nginx can fool nobody else with one.
    """
    named = req.get_header(DELIVERY_HEADER) or ""
    return named if _DELIVERY.fullmatch(named) else None


def _is_trusted(peer: str, trusted_proxies: tuple[Network, ...]) -> bool:
    address = parse_address(peer)
    return any(address in network for network in trusted_proxies)


def refuse_other_sites(req: falcon.Request) -> None:
    """Raises CrossSite."""
    if is_of_other_site(req):
        raise CrossSite


def is_of_other_site(req: falcon.Request) -> bool:
    """Whether a browser says that the form stood on another site's page.

    Programs send neither header and pass: they hold no one's cookies.
    """
    fetch_site = req.get_header("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return True
    origin = req.get_header("Origin")
    if origin is None or (origin == "null" and fetch_site == "same-origin"):
        return False
    page = urlsplit(origin)
    # Host as the browser sent it: nginx passes it on unchanged.
    if page.netloc.lower() != (req.get_header("Host") or "").lower():
        return True
    # A page without TLS was anybody's to write who stood on the way. The other way round the proxy
    # that ends TLS has not told of it.
    return page.scheme != "https" and is_secure(req)


def is_secure(req: falcon.Request) -> bool:
    """Whether the reader has TLS, as far as anybody told."""
    return req.get_header(SCHEME_HEADER) == "https"
