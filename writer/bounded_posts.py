"""A request to a server of somebody else's, which may not take our time or our memory."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    #: As much of it as was asked for.
    body: bytes


def post(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    bytes_max: int,
) -> Answer:
    """One POST on a connection that is not open yet, and is closed afterwards. No redirection is
    followed.

    In `timeout_s` altogether, whatever takes long: a socket's time-out is that of each step
    alone, and a name that is looked up has none.

    Raises OSError, http.client.HTTPException.
    """
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    sockets: list[socket.socket] = []

    def ask() -> None:
        try:
            connection.connect()
            # Ours to close: the connection lets go of it before its answer is read.
            sockets.append(connection.sock)
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answers.put(Answer(answer.status, answer.headers, answer.read(bytes_max)))
        except Exception as ex:
            answers.put(ex)
        finally:
            connection.close()
            for each in sockets:
                each.close()

    threading.Thread(target=ask, name="bounded post", daemon=True).start()
    try:
        came = answers.get(timeout=timeout_s)
    except Empty as ex:
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        raise TimeoutError(f"no whole answer within {timeout_s:g} s") from ex
    if isinstance(came, Exception):
        raise came
    return came
