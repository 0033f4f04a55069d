"""The form of a post, as a program sends it and as a browser does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

_BOUNDARY = "one-part-of-the-form-ends-here"


class Encoded(NamedTuple):
    """A body and the Content-Type that goes with it."""

    body: bytes
    headers: dict[str, str]


def post_fields(board: str, thread: int | str | None, text: str, **more: str) -> dict[str, str]:
    """Fields of a thread (`thread` is None) or of a reply, to be answered with JSON."""
    fields = {"board": board, "body": text, "json_response": "1", **more}
    if thread is None:
        return fields | {"post": "New Topic"}
    return fields | {"post": "New Reply", "thread": str(thread)}


def urlencoded(fields: Mapping[str, str]) -> Encoded:
    """A form without a file."""
    return Encoded(
        urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )


def multipart(fields: Mapping[str, str], *files: bytes, name: str = "picture.jpg") -> Encoded:
    """A form with files, as if they had been chosen together."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    )
    body = "".join(parts).encode()
    body += b"".join(head.encode() + file + b"\r\n" for file in files)
    body += f"--{_BOUNDARY}--\r\n".encode()
    return Encoded(body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})
