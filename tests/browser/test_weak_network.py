"""The network between browser and board leaves nothing open when it ends."""

from __future__ import annotations

import socket

import pytest

from tests.browser.weak_network import WeakNetwork


def test_connection_whose_end_is_still_on_its_way_is_closed_with_the_network() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        WeakNetwork(server.getsockname()[1], latency_s=3600, loss=0) as network,
    ):
        network.is_weak = True
        browser = socket.create_connection(("127.0.0.1", network.port))
        board, _ = server.accept()
        for end in (browser, board):
            end.shutdown(socket.SHUT_WR)
        # Once another one comes in, the ends of the first have been heard.
        with socket.create_connection(("127.0.0.1", network.port)):
            server.accept()[0].close()
    for end in (browser, board):
        with end, pytest.raises(ConnectionResetError):
            end.recv(1, socket.MSG_DONTWAIT)
