"""Bans: whom they hit, and for how long. Pure; the store keeps them.

One poster is banned by the keyed hash of the address, so that no address is stored; a range is
stored as it is, since it has to be compared with addresses.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from imageboard import plain_text
from imageboard.cloaks import Address, parse_address
from imageboard.errors import BadField
from imageboard.settings import Network

REASON_CHARS_MAX = 500
DURATION_S_MAX = 10 * 365 * 86_400
FOR_GOOD = "never"

_UNIT_S = {"h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_DURATION_PART = re.compile(r"([0-9]{1,4})([hdwy])")
_DURATION_CHARS_MAX = 40

#: The narrowest range that holds more than one poster ends before this: an address, or the /64 of
#: one IPv6 subscriber.
_ONE_POSTER_PREFIX = {4: 32, 6: 64}
#: The widest range that one ban may hold: a million IPv4 addresses, or a large provider's IPv6.
#: Wider ones are typing errors that shut out a continent.
_WIDEST_PREFIX = {4: 12, 6: 24}
#: Ranges that are offered for an address, narrow to wide.
_OFFERED_PREFIXES = {4: (24, 20, 16), 6: (56, 48, 32)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A ban in force."""

    id: int
    #: None: all boards.
    board: str | None
    #: '192.0.2.0/24'; None: one poster.
    range: str | None
    reason: str
    created_by: str
    #: Unix seconds.
    created_s: int
    #: None: never.
    expires_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBan:
    """A ban to be stored: of one poster (`address_hash`) or of a range."""

    board: str | None
    reason: str
    #: From now on; None: for good.
    duration_s: int | None
    address_hash: bytes | None = None
    range: Network | None = None


def read_target(text: str) -> Address | Network:
    """'192.0.2.7' -> the address; '192.0.2.7/24' -> the range 192.0.2.0/24.

    A range that holds one poster only (an IPv4 /32, anything from an IPv6 /64 on) is given as an
    address.

    Raises:
        BadField: it is neither, or too wide.
    """
    network = _read_network(text.strip())
    if network.prefixlen >= _ONE_POSTER_PREFIX[network.version]:
        return parse_address(str(network.network_address))
    widest = _WIDEST_PREFIX[network.version]
    if network.prefixlen < widest:
        raise BadField(
            field="target",
            reason=f"{network} is too wide: /{widest} at most for IPv{network.version}.",
        )
    return network


def offered_ranges(address: Address) -> tuple[str, ...]:
    """'192.0.2.7' -> ('192.0.2.0/24', '192.0.0.0/20', '192.0.0.0/16')."""
    return tuple(
        str(ipaddress.ip_network((address, prefix), strict=False))
        for prefix in _OFFERED_PREFIXES[address.version]
    )


def read_duration(text: str) -> int | None:
    """Seconds: '12h', '3d', '1w 2d', '1y'; None for 'never'.

    Raises BadField.
    """
    compact = "".join(text.lower().split())
    if compact == FOR_GOOD:
        return None
    parts = _DURATION_PART.findall(compact) if len(compact) <= _DURATION_CHARS_MAX else []
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise BadField(
            field="duration",
            reason=f"How long? 12h, 3d, 1w, 1y, several of them, or {FOR_GOOD}.",
        )
    seconds = sum(int(number) * _UNIT_S[unit] for number, unit in parts)
    if not 0 < seconds <= DURATION_S_MAX:
        raise BadField(
            field="duration", reason=f"A ban lasts from one hour to ten years, or {FOR_GOOD} ends."
        )
    return seconds


def read_reason(text: str) -> str:
    """One line that the banned will read. Raises BadField."""
    reason = plain_text.clean_line(text, "reason")
    if not plain_text.shows_anything(reason) or len(reason) > REASON_CHARS_MAX:
        raise BadField(
            field="reason",
            reason=f"A reason, please: {REASON_CHARS_MAX} characters at most. The banned read it.",
        )
    return reason


def _read_network(text: str) -> Network:
    try:
        # A zone (fe80::1%eth0) names a network card, not a poster.
        network = ipaddress.ip_network(text if "%" not in text else "", strict=False)
    except ValueError:
        raise BadField(
            field="target",
            reason="An address or a range is expected: 192.0.2.7, 192.0.2.0/24, 2001:db8::/48.",
        ) from None
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network
