"""The operator's pages, typed as they stand on a Debian that was just installed."""

from __future__ import annotations

import os

import pytest

from tests.deploy.debian import systemd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("debootstrap", "debian-pip", "git", "unshare"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root boots a Debian in namespaces"),
]


def test_pages_lead_from_an_empty_server_to_a_board_that_was_lost_and_is_back() -> None:
    """By systemd. The other ways take as long again: `python -m tests.deploy.debian`."""
    systemd.follow()
