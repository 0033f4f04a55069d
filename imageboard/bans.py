"""Bans: whom they hit, and for how long. Pure; the store keeps them.

One poster is banned by the keyed hash of the address, so that no address is stored; a range is
stored as it is, since it has to be compared with addresses.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast

from imageboard import plain_text
from imageboard.cloaks import Address, parse_address, parse_network
from imageboard.errors import BadField
from imageboard.settings import Network
from imageboard.words import N_, Message

REASON_CHARS_MAX = 500
MESSAGE_CHARS_MAX = 200
DURATION_S_MAX = 10 * 365 * 86_400
DURATION_S_MIN = 60
#: A warning that is never read is over then.
WARNING_S_MAX = 90 * 86_400
FOR_GOOD = "never"

#: What else means a ban that never ends; in vichan it is the empty field.
_FOR_GOOD = frozenset(
    f"{FOR_GOOD} permanent permanently perm perma forever indefinite indefinitely infinite".split()
) | {"", "for good"}

# vichan's units, months of 30 days as there (inc/bans.php, parse_time, read 2026-11-28).
_UNITS = (
    (1, "s sec secs second seconds"),
    (60, "m mi min mins minute minutes"),
    (3600, "h hr hrs hour hours"),
    (86_400, "d day days"),
    (7 * 86_400, "w wk wks week weeks"),
    (30 * 86_400, "mo mon mos month months"),
    (365 * 86_400, "y yr yrs year years"),
)
_UNIT_S = {name: seconds for seconds, names in _UNITS for name in names.split()}
_DURATION_PART = re.compile(
    r"(?:(?P<number>[0-9]{1,8}) ?|an? )(?P<unit>[a-z]{1,7})(?:(?:, ?| )(?:and )?|(?=[0-9])|\Z)"
)
_DURATION_CHARS_MAX = 80

# '192.0.2.*', '192.0.*.*' and, short, '192.0.*'.
_IPV4_WILDCARD = re.compile(r"((?:[0-9]{1,3}\.){1,3})\*(?:\.\*)*")
_IPV4_PARTS = 4
# '2001:db8:1:*': whole parts before it, none left out.
_IPV6_WILDCARD = re.compile(r"((?:[0-9a-f]{1,4}:){1,7})\*(?::\*)*", re.IGNORECASE)
_IPV6_PARTS = 8
# As logs and addresses of pages write it; what stands behind may be a port.
_BRACKETED = re.compile(r"\[([^\[\]]*)\](/[0-9]{1,3}|:[0-9]{1,5})?")
_IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")

#: The narrowest range that holds more than one poster ends before this: an address, or the /64 of
#: one IPv6 subscriber.
_ONE_POSTER_PREFIX = {4: 32, 6: 64}
#: The widest range that one ban may hold: a million IPv4 addresses, or a large provider's IPv6.
#: Wider ones are typing errors that shut out a continent.
_WIDEST_PREFIX = {4: 12, 6: 24}
#: Of ranges that together are what was typed: more are said to be there.
_PARTS_NAMED_MAX = 8
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
    #: It refuses one post, by which it is read.
    is_warning: bool = False
    #: When the banned were first told of it; None: nobody was yet.
    seen_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBan:
    """A ban to be stored: of one poster (`address_hash`) or of a range."""

    board: str | None
    reason: str
    #: From now on; None: for good.
    duration_s: int | None
    address_hash: bytes | None = None
    range: Network | None = None
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BanMessage:
    """What is said of a ban under a post, for all to read."""

    board: str
    no: int
    text: str


def read_target(text: str) -> Address | Network:
    """'192.0.2.7' -> the address; '192.0.2.7/24' or '192.0.2.*' -> the range 192.0.2.0/24.

    '192.0.2.0-192.0.2.255' is that range too, where the two are the ends of one; '[2001:db8::1]' is
    2001:db8::1, and a port behind an address is nobody's. A range that holds
    one poster only (an IPv4 /32, anything from an IPv6 /64 on) is given as an address.

    Raises:
        BadField: it is neither, or too wide.
    """
    first, *last = map(str.strip, re.split("[-\u2013]", plain_text.only_seen(text), maxsplit=1))
    network = _read_network(_in_cidr(first))
    if last:
        network = _read_span(network, _read_network(_in_cidr(last[0])))
    if network.prefixlen >= _ONE_POSTER_PREFIX[network.version]:
        return parse_address(str(network.network_address))
    widest = _WIDEST_PREFIX[network.version]
    if network.prefixlen < widest:
        raise BadField(
            N_("{range} is too wide: /{widest} at most for IPv{version}."),
            field="target",
            range=str(network),
            widest=widest,
            version=network.version,
        )
    return network


def whole_interval(first: Address, last: Address) -> list[Address | Network]:
    """Posters and ranges that together are all from one address to another: at most 128.

    An engine whose bans hold any interval (vichan) has one ban where here are several.
    """
    parts = cast("Iterator[Network]", ipaddress.summarize_address_range(first, last))
    return list(dict.fromkeys(map(_poster_or_range, parts)))


def _poster_or_range(network: Network) -> Address | Network:
    """Of what lies within one IPv6 /64 its first address: it is one poster."""
    one = _ONE_POSTER_PREFIX[network.version]
    if network.prefixlen < one:
        return network
    return parse_address(str(network.supernet(new_prefix=one).network_address))


def offered_ranges(address: Address) -> tuple[str, ...]:
    """'192.0.2.7' -> ('192.0.2.0/24', '192.0.0.0/20', '192.0.0.0/16')."""
    return tuple(
        str(ipaddress.ip_network((address, prefix), strict=False))
        for prefix in _OFFERED_PREFIXES[address.version]
    )


def read_duration(text: str) -> int | None:
    """Seconds: '12h', '3d', '1w 2d', '30 minutes', '1h30m', '1 mo'; None for 'never' and ''.

    Raises BadField.
    """
    typed = " ".join(plain_text.only_seen(text).lower().split()).removeprefix("+")
    if typed in _FOR_GOOD:
        return None
    seconds = _seconds(typed) if len(typed) <= _DURATION_CHARS_MAX else None
    if seconds is None:
        raise BadField(
            N_("How long? 30m, 12h, 3d, 1w, 1mo, 1y, several of them, or {for_good}."),
            field="duration",
            for_good=FOR_GOOD,
        )
    if not DURATION_S_MIN <= seconds <= DURATION_S_MAX:
        raise BadField(
            N_("A ban lasts from one minute to ten years, or {for_good} ends."),
            field="duration",
            for_good=FOR_GOOD,
        )
    return seconds


def _seconds(typed: str) -> int | None:
    """'1 week and 2 days' -> 777600; None: something else stands there too."""
    seconds = position = 0
    while position < len(typed):
        part = _DURATION_PART.match(typed, position)
        if part is None or part["unit"] not in _UNIT_S:
            return None
        seconds += int(part["number"] or 1) * _UNIT_S[part["unit"]]
        position = part.end()
    return seconds


def read_reason(text: str) -> str:
    """One line that the banned will read. Raises BadField."""
    reason = plain_text.clean_line(text, "reason")
    if not plain_text.shows_anything(reason) or len(reason) > REASON_CHARS_MAX:
        raise BadField(
            N_("A reason, please: {chars_max} characters at most. The banned read it."),
            field="reason",
            chars_max=REASON_CHARS_MAX,
        )
    return reason


def read_message(text: str, usual: Message) -> str:
    """One line that stands under the post for all to read; '': the usual one. Raises BadField."""
    message = plain_text.clean_line(text, "message")
    if len(message) > MESSAGE_CHARS_MAX:
        raise BadField(
            N_("What is said under the post has {chars_max} characters at most."),
            field="message",
            chars_max=MESSAGE_CHARS_MAX,
        )
    return message if plain_text.shows_anything(message) else str(usual)


def _in_cidr(text: str) -> str:
    """'192.0.2.*' -> '192.0.2.0/24'; '[2001:db8::1]:443' -> '2001:db8::1'; all else as typed."""
    if (bracketed := _BRACKETED.fullmatch(text)) is not None:
        address, behind = bracketed.groups()
        return f"{address}{behind}" if behind and behind[0] == "/" else address
    if (with_port := _IPV4_WITH_PORT.fullmatch(text)) is not None:
        return with_port[1]
    if (wild := _IPV4_WILDCARD.fullmatch(text)) is not None:
        parts = wild[1].count(".")
        if text.count(".") < _IPV4_PARTS:
            return f"{wild[1]}{'.'.join('0' * (_IPV4_PARTS - parts))}/{8 * parts}"
    if (wild := _IPV6_WILDCARD.fullmatch(text)) is not None:
        parts = wild[1].count(":")
        if text.count(":") < _IPV6_PARTS:
            return f"{wild[1]}{':'.join('0' * (_IPV6_PARTS - parts))}/{16 * parts}"
    return text


def _read_span(first: Network, last: Network) -> Network:
    """From one address to another: as long as that is one range.

    Raises:
        BadField: it is several, which it names as far as they are few; or it is none.
    """
    if first.num_addresses > 1 or last.num_addresses > 1 or first.version != last.version:
        raise BadField(
            N_("A range goes from one address to another: 192.0.2.0-192.0.2.255."), field="target"
        )
    try:
        parts = cast("Iterator[Network]", ipaddress.summarize_address_range(first[0], last[0]))
        networks = list(islice(parts, _PARTS_NAMED_MAX + 1))
    except ValueError:
        raise BadField(N_("The range ends before it begins."), field="target") from None
    if len(networks) == 1:
        return networks[0]
    named = ", ".join(map(str, networks[:_PARTS_NAMED_MAX]))
    more = ", …" if len(networks) > _PARTS_NAMED_MAX else ""
    raise BadField(
        N_("These are several ranges; a ban holds one: {ranges}."),
        field="target",
        ranges=named + more,
    )


def _read_network(text: str) -> Network:
    try:
        # A zone (fe80::1%eth0) names a network card, not a poster.
        return parse_network(text if "%" not in text else "")
    except ValueError:
        raise BadField(
            N_(
                "An address or a range is expected: 192.0.2.7, 192.0.2.0/24, 192.0.2.*,"
                " 2001:db8::/48."
            ),
            field="target",
        ) from None
