"""A list of ranges of addresses, as those who keep such lists publish them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from imageboard.cloaks import Address, parse_network


class Ranges(NamedTuple):
    """Of each version the first and last addresses of ranges, in order, none within another."""

    starts: dict[int, list[int]]
    ends: dict[int, list[int]]
    lines: int = 0
    #: Lines that were none.
    unread: int = 0

    def hold(self, address: Address) -> bool:
        starts = self.starts[address.version]
        place = bisect_right(starts, int(address)) - 1
        return place >= 0 and int(address) <= self.ends[address.version][place]


NONE = Ranges({4: [], 6: []}, {4: [], 6: []})


def read(lines: Iterable[str]) -> Ranges:
    """One a line, an address or a range in CIDR; what stands behind it is somebody's remark.

    '192.0.2.0/24 ; SBL1234', '2001:db8::1 # an exit of Tor'; a line of remarks alone is none.
    """
    found: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    unread = 0
    for line in lines:
        words = line.partition("#")[0].partition(";")[0].replace(",", " ").split()
        if not words:
            continue
        try:
            network = parse_network(words[0])
        except ValueError:
            unread += 1
            continue
        first = int(network.network_address)
        found[network.version].append((first, first + network.num_addresses - 1))
    starts, ends = {}, {}
    for version, pairs in found.items():
        starts[version], ends[version] = _merged(pairs)
    return Ranges(starts, ends, sum(map(len, found.values())), unread)


def _merged(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(pairs):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends
