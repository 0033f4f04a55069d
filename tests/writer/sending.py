"""Forms as clients send them, to an application without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from urllib.parse import urlencode

from falcon import testing

from tests.writer.media.hostile import a_jpeg


def send(client: testing.TestClient, path: str = "/post", **fields: str) -> Any:
    body = urlencode({"board": "b", "body": "Hello.", "json_response": "1"} | fields)
    return client.simulate_post(
        path, body=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )


def send_picture(client: testing.TestClient, *, address: str = "127.0.0.1", **fields: str) -> Any:
    return send_files(client, [("file", "my cat.jpeg", a_jpeg())], address=address, **fields)


def send_files(
    client: testing.TestClient,
    files: Sequence[tuple[str, str, bytes]],
    *,
    address: str = "127.0.0.1",
    **fields: str,
) -> Any:
    """`files` are each a field, a name and what is in it."""
    boundary = "one-part-ends-here"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in ({"board": "b", "body": "", "json_response": "1"} | fields).items()
    ]
    for field, name, body in files:
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"--{boundary}\r\n{head}\r\n".encode() + body + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    content_type = f"multipart/form-data; boundary={boundary}"
    return client.simulate_post(
        "/post",
        body=b"".join(parts),
        headers={"Content-Type": content_type},
        remote_addr=address,
    )


def until_spent(
    send: Callable[[int], Any], room: int, refill_s: float, *, taken: int = 200, refused: int = 429
) -> Any:
    """The first answer that is `refused`, after as many as there was room for were `taken`.

    And after those for which there was room again meanwhile: on a slow machine some more.
    """
    began_s = time.monotonic()
    for sent in count():
        answer = send(sent)
        if answer.status_code == refused:
            break
        assert answer.status_code == taken
        came_back = int((time.monotonic() - began_s) / refill_s)
        assert sent < room + came_back + 1
    assert sent >= room
    return answer
