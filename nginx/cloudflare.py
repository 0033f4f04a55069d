"""Cloudflare's addresses, from which a request may come on a reader's behalf."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from pathlib import Path

_RANGES = Path(__file__).with_name("cloudflare_ranges.txt")


def ranges() -> tuple[str, ...]:
    """('173.245.48.0/20', ..., '2c0f:f248::/32'), for NginxSite.trusted_proxies."""
    lines = _RANGES.read_text(encoding="ascii").split("\n")
    return tuple(line for line in lines if line and not line.startswith("#"))


def is_among(networks: Iterable[str]) -> bool:
    """Whether one of these networks is Cloudflare's, or a part of it."""
    theirs = [ipaddress.ip_network(network) for network in ranges()]
    return any(
        ours.overlaps(network)
        for ours in map(ipaddress.ip_network, networks)
        for network in theirs
        if ours.version == network.version
    )
