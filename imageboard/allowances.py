"""Allowances: how much may come from one address, from a network, or to a board.

One that says "6 in a minute" has 6 at once, and from then on one every 10 seconds. A single address
also has the waits of the board's settings. Whoever holds a network holds thousands of addresses,
each with a wait of its own: so the network has an allowance beside them, that of a few addresses.

Pure. They are taken in PostgreSQL, under the board's lock (store.allowances, store.posts).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from math import floor
from typing import NamedTuple

from imageboard.cloaks import Address, Cloak
from imageboard.errors import (
    BoardHasTooManyNewThreads,
    BoardTooFast,
    NetworkStartsTooManyThreads,
    NetworkTooFast,
    TooFast,
    TooManyAppeals,
    TooManyLogins,
    TooManyReports,
    TooManySearches,
)
from imageboard.settings import BoardSettings, Settings

MINUTE_S = 60.0
HOUR_S = 3600.0
#: Of all but posts and threads, whose figures are settings: in a minute or an hour, of one address.
UPLOADS_PER_MINUTE = 20
DELETIONS_PER_MINUTE = 20
REPORTS_PER_HOUR = 20
APPEALS_PER_HOUR = 3
SEARCHES_PER_MINUTE = 20
#: Threads of which somebody wants to be told, or no more.
PUSHES_PER_HOUR = 120
#: Posts of one address that may wait for staff on a board at once.
HELD_OF_ADDRESS = 20
#: And of all strangers together: of the 1,000 places of a board a fifth is left to others.
HELD_OF_STRANGERS = 800
#: Passwords that are wrong: in a quarter of an hour, of an address; of one to which an account is
#: known to be under siege; of a browser that has logged in before; and of all strangers on one
#: account, from when on it is.
LOGIN_PERIOD_S = 15 * 60.0
LOGINS_OF_ADDRESS = 5
LOGINS_OF_ADDRESS_IN_SIEGE = 1
LOGINS_OF_DEVICE = 5
LOGINS_OF_ACCOUNT = 20
#: Codes of a second factor that are wrong: in an hour, of all who have an account's password.
CODE_PERIOD_S = HOUR_S
CODES_OF_ACCOUNT = 5

#: Networks that somebody may hold as a whole, by version and bits of their prefix.
_PREFIXES = {4: (24,), 6: (56, 48)}
#: A single address, which an IPv6 one is as a /64.
_SINGLE = {4: 32, 6: 64}


class Of(Enum):
    """Whose allowance it is, and of what."""

    NETWORK_POSTS = "network_posts"
    NETWORK_THREADS = "network_threads"
    NETWORK_UPLOADS = "network_uploads"
    NETWORK_DELETIONS = "network_deletions"
    NETWORK_REPORTS = "network_reports"
    NETWORK_APPEALS = "network_appeals"
    NETWORK_SEARCHES = "network_searches"
    NETWORK_PUSHES = "network_pushes"
    NETWORK_LOGINS = "network_logins"
    DEVICE_LOGINS = "device_logins"
    ACCOUNT_LOGINS = "account_logins"
    ACCOUNT_CODES = "account_codes"
    BOARD_POSTS = "board_posts"
    BOARD_THREADS = "board_threads"

    @property
    def is_of_board(self) -> bool:
        return self in (Of.BOARD_POSTS, Of.BOARD_THREADS)


class Allowance(NamedTuple):
    """One of them, as the database takes it."""

    of: Of
    #: 16 bytes, keyed: the network can't be told from it.
    key: bytes
    #: For how long one use counts.
    cost_s: float
    #: So many seconds of uses may stand open at once.
    room_s: float

    def times(self, count: int) -> Allowance:
        """For several uses at once, which are refused together."""
        return self._replace(cost_s=self.cost_s * count)


class HeldShare(NamedTuple):
    """How many posts of a network, or of all strangers, may wait for staff on a board at once."""

    #: As an allowance's.
    key: bytes
    most: int


class Network(NamedTuple):
    """A network to which an address belongs."""

    #: '6/48 20010db80000': the same for all of its addresses.
    name: str
    #: As how many addresses it counts.
    addresses: int


class Allowances:
    """Makes the allowances that a request is to take; of a post none where the limits are off."""

    def __init__(self, settings: Settings, cloak: Cloak) -> None:
        self._cloak = cloak
        self._is_on = settings.limits
        self._addresses = {
            (4, 24): settings.ipv4_24_addresses,
            (6, 56): settings.ipv6_56_addresses,
            (6, 48): settings.ipv6_48_addresses,
        }

    def of_post(
        self, address: Address, board: str, settings: BoardSettings, *, is_thread: bool
    ) -> tuple[Allowance, ...]:
        """What a new post takes of its networks and of its board."""
        if not self._is_on:
            return ()
        found: list[Allowance] = []
        if wait_s := settings.reply_wait_s:
            found += [
                Allowance(
                    Of.NETWORK_POSTS,
                    self._key(Of.NETWORK_POSTS.value, network.name),
                    cost_s=_microseconds(wait_s / network.addresses),
                    room_s=max(MINUTE_S, float(wait_s)),
                )
                for network in self._networks(address)
            ]
        if count := settings.posts_per_minute_max:
            found.append(self._allowance(Of.BOARD_POSTS, board, count, MINUTE_S))
        if is_thread:
            if count := settings.threads_per_hour_of_address_max:
                # No network uses up the board's hour by itself.
                half = settings.threads_per_hour_max // 2 or None
                found += self._of_all(Of.NETWORK_THREADS, address, count, HOUR_S, at_most=half)
            if count := settings.threads_per_hour_max:
                found.append(self._allowance(Of.BOARD_THREADS, board, count, HOUR_S))
        return tuple(found)

    def held_shares(self, address: Address, *, is_stranger: bool) -> tuple[HeldShare, ...]:
        """What a post counts for while it waits for staff.

        A stranger is who has no post that has stood for a day.
        """
        if not self._is_on:
            return ()
        shares = tuple(
            HeldShare(self._key("held", network.name), HELD_OF_ADDRESS * network.addresses)
            for network in self._all_networks(address)
        )
        if is_stranger:
            shares += (HeldShare(self._key("held", "strangers"), HELD_OF_STRANGERS),)
        return shares

    def of_uploads(self, address: Address, count: int) -> tuple[Allowance, ...]:
        """What so many files take before they are looked into, whatever becomes of their post."""
        each = self._each(Of.NETWORK_UPLOADS, address, UPLOADS_PER_MINUTE, MINUTE_S)
        return tuple(allowance.times(count) for allowance in each)

    def of_deletion(self, address: Address) -> tuple[Allowance, ...]:
        """What a deletion takes, and a try with a wrong password."""
        return tuple(self._each(Of.NETWORK_DELETIONS, address, DELETIONS_PER_MINUTE, MINUTE_S))

    def of_reports(self, address: Address, count: int) -> tuple[Allowance, ...]:
        """What the reports of so many posts take."""
        each = self._each(Of.NETWORK_REPORTS, address, REPORTS_PER_HOUR, HOUR_S)
        return tuple(allowance.times(count) for allowance in each)

    def of_appeal(self, address: Address) -> tuple[Allowance, ...]:
        """What an appeal against a ban takes."""
        return tuple(self._each(Of.NETWORK_APPEALS, address, APPEALS_PER_HOUR, HOUR_S))

    def of_search(self, address: Address) -> tuple[Allowance, ...]:
        """What a search takes, each page of what it found."""
        return tuple(self._each(Of.NETWORK_SEARCHES, address, SEARCHES_PER_MINUTE, MINUTE_S))

    def of_push(self, address: Address) -> tuple[Allowance, ...]:
        """What it takes to be told of a thread, or no more."""
        return tuple(self._each(Of.NETWORK_PUSHES, address, PUSHES_PER_HOUR, HOUR_S))

    def of_login(self, address: Address, *, is_besieged: bool) -> tuple[Allowance, ...]:
        """What a stranger's try to log in takes, whether or not limits are on."""
        count = LOGINS_OF_ADDRESS_IN_SIEGE if is_besieged else LOGINS_OF_ADDRESS
        return tuple(self._of_all(Of.NETWORK_LOGINS, address, count, LOGIN_PERIOD_S))

    def of_device(self, device: str) -> tuple[Allowance, ...]:
        """What a try takes of a browser that somebody has logged in with before."""
        return (self._allowance(Of.DEVICE_LOGINS, device, LOGINS_OF_DEVICE, LOGIN_PERIOD_S),)

    def of_account(self, name: str) -> Allowance:
        """What strangers take of the account that they try: used up, it is under siege."""
        return self._allowance(Of.ACCOUNT_LOGINS, name, LOGINS_OF_ACCOUNT, LOGIN_PERIOD_S)

    def of_code(self, name: str) -> tuple[Allowance, ...]:
        """What a code takes that is typed after an account's password, in a browser not known."""
        return (self._allowance(Of.ACCOUNT_CODES, name, CODES_OF_ACCOUNT, CODE_PERIOD_S),)

    def _each(self, of: Of, address: Address, count: int, period_s: float) -> list[Allowance]:
        """As _of_all; none where the limits are off."""
        return self._of_all(of, address, count, period_s) if self._is_on else []

    def _of_all(
        self, of: Of, address: Address, count: int, period_s: float, *, at_most: int | None = None
    ) -> list[Allowance]:
        """Of the address itself and of its networks.

        `count` is what one address may. A network has a multiple of it, and not above `at_most`.
        """
        networks = self._all_networks(address)
        counts = [count * network.addresses for network in networks]
        if at_most is not None:
            counts = [min(each, max(at_most, count)) for each in counts]
        return [
            self._allowance(of, network.name, each, period_s)
            for network, each in zip(networks, counts, strict=True)
        ]

    def _all_networks(self, address: Address) -> tuple[Network, ...]:
        """The address itself, and they."""
        return (Network(_name(address, _SINGLE[address.version]), 1), *self._networks(address))

    def _networks(self, address: Address) -> Iterator[Network]:
        """Those that are bounded, the smallest first."""
        for bits in _PREFIXES[address.version]:
            if addresses := self._addresses[address.version, bits]:
                yield Network(_name(address, bits), addresses)

    def _allowance(self, of: Of, name: str, count: int, period_s: float) -> Allowance:
        cost_s = _microseconds(period_s / count)
        return Allowance(of, self._key(of.value, name), cost_s=cost_s, room_s=period_s)

    def _key(self, of: str, name: str) -> bytes:
        return self._cloak.hash_name(f"{of} {name}")


def _microseconds(seconds: float) -> float:
    """As the database counts, rounded down: else of seven in a minute the seventh had no room."""
    return floor(seconds * 1e6) / 1e6


def _name(address: Address, bits: int) -> str:
    """192.0.2.7 and 24 -> '4/24 c00002'."""
    return f"{address.version}/{bits} {int(address) >> (address.max_prefixlen - bits):x}"


_REFUSALS: dict[Of, type[TooFast]] = {
    Of.NETWORK_THREADS: NetworkStartsTooManyThreads,
    Of.NETWORK_REPORTS: TooManyReports,
    Of.NETWORK_APPEALS: TooManyAppeals,
    Of.NETWORK_SEARCHES: TooManySearches,
    Of.NETWORK_LOGINS: TooManyLogins,
    Of.DEVICE_LOGINS: TooManyLogins,
    Of.ACCOUNT_LOGINS: TooManyLogins,
    Of.ACCOUNT_CODES: TooManyLogins,
    Of.BOARD_POSTS: BoardTooFast,
    Of.BOARD_THREADS: BoardHasTooManyNewThreads,
}


def refusal(of: Of, wait_s: int) -> TooFast:
    """What is said when it is used up; in so many seconds there is room again."""
    return _REFUSALS.get(of, NetworkTooFast)(retry_after_s=max(1, wait_s))
