"""Who sends: the address that counts, and forms from other sites."""

from __future__ import annotations

import ipaddress

import falcon
import pytest
from falcon import testing

from imageboard.errors import BadAddress, CrossSite
from writer.clients import client_address, refuse_other_sites

PROXIES = (ipaddress.ip_network("198.51.100.0/24"), ipaddress.ip_network("2001:db8:1::/48"))
UNIX_SOCKET = ""


def request(peer: str = UNIX_SOCKET, **headers: str) -> falcon.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = testing.create_environ(
        method="POST", path="/post", host="board.example", port=8080, headers=named
    )
    return falcon.Request(environ | {"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("peer", "named", "expected"),
    [
        # Our own nginx, over the socket.
        (UNIX_SOCKET, "192.0.2.7", "192.0.2.7"),
        (UNIX_SOCKET, "::ffff:192.0.2.7", "192.0.2.7"),
        (UNIX_SOCKET, "2001:db8::7", "2001:db8::7"),
        (UNIX_SOCKET, None, "127.0.0.1"),
        # A proxy that the settings name.
        ("198.51.100.1", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:1::1", "192.0.2.7", "192.0.2.7"),
        ("198.51.100.1", None, "198.51.100.1"),
        # Anybody else: what the header says is as good as forged.
        ("203.0.113.9", "192.0.2.7", "203.0.113.9"),
        ("127.0.0.1", "192.0.2.7", "127.0.0.1"),
        ("2001:db8:2::1", "192.0.2.7", "2001:db8:2::1"),
    ],
)
def test_header_counts_from_our_own_nginx_and_named_proxies_alone(
    peer: str, named: str | None, expected: str
) -> None:
    headers = {"X_Real_IP": named} if named is not None else {}
    assert str(client_address(request(peer, **headers), PROXIES)) == expected


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "Forwarded", "CF_Connecting_IP", "Client_IP"]
)
def test_no_other_header_names_an_address(header: str) -> None:
    """nginx reads X-Forwarded-For where it may; here nobody does."""
    req = request("198.51.100.1", **{header: "192.0.2.7"})
    assert str(client_address(req, PROXIES)) == "198.51.100.1"


@pytest.mark.parametrize("named", ["nobody", "192.0.2.7, 192.0.2.8", "192.0.2.7:80"])
def test_address_that_is_none_is_a_bad_request(named: str) -> None:
    with pytest.raises(BadAddress):
        client_address(request(X_Real_IP=named), PROXIES)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://board.example:8080"},
        {"Origin": "https://BOARD.example:8080", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "https://board.example:8080", "X_Forwarded_Proto": "https"},
        {"Origin": "http://board.example:8080", "X_Forwarded_Proto": "http"},
        # A page with Referrer-Policy: no-referrer sends its own forms so.
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
    ],
)
def test_own_forms_and_programs_pass(headers: dict[str, str]) -> None:
    refuse_other_sites(request(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://board.example"},
        {"Origin": "http://board.example:8080", "X_Forwarded_Proto": "https"},
        {"Origin": "http://board.example.evil.example:8080"},
        {"Origin": "http://evil.example/board.example:8080"},
        {"Origin": "http://board.example:8080@evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://board.example:8080"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    ],
)
def test_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSite):
        refuse_other_sites(request(**headers))
