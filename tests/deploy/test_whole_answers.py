"""What is sent of an answer at once."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from deploy.whole_answers import WholeAnswer


@pytest.mark.parametrize(
    ("pieces", "writes"), [([b"body"], 1), ([b"one", b"two"], 2), ([], 1), ([b""], 1)]
)
def test_headers_of_an_answer_go_out_with_its_body(pieces: list[bytes], writes: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(0)
        request = SimpleNamespace(version=(1, 1), method="GET", should_close=lambda: False)
        answer = WholeAnswer(request, theirs, SimpleNamespace(sendfile=False))
        length = str(sum(map(len, pieces)))
        answer.start_response("200 OK", [("Content-Length", length)])
        for piece in pieces:
            answer.write(piece)
        answer.close()
        # Of such a socket each write is read by itself.
        received = [ours.recv(4096) for _ in range(writes)]
        with pytest.raises(BlockingIOError):
            ours.recv(4096)
    headers, _, body = b"".join(received).partition(b"\r\n\r\n")
    assert headers.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b"".join(pieces)
    assert b"\r\n\r\n" in received[0]
    assert received[0].endswith(pieces[0] if pieces else b"\r\n\r\n")
