"""What goes over the socket between the writer and the process that develops a file.

One line of JSON each way. The request is a `Request`. The answer is one of

    {"developed": {…}}      the fields of `DevelopedImage` but its paths, hashes in hexadecimal
    {"opened": {…}}         a slow kind that somebody waits for: the fields of `OpenedFile`
    {"refused": "FileRefused", "reason": "…", "detail": "…"}
    {"failed": "[Errno 28] No space left on device"}    not the file's fault
    {"died": "signal 11"}   from the server, of a process that gave no answer; or TIME_LIMIT
"""

from __future__ import annotations

from typing import Any, TypedDict

LINE_BYTES_MAX = 16 * 1024
#: What the server says of a process that it ended after `seconds_max`.
TIME_LIMIT = "time limit"


class Request(TypedDict):
    """`upload` is read; `original` and `thumbnail` are written.

    `limits` are the fields of the MediaLimits that hold for this file. Of a slow kind that
    `is_waited_for` nothing is written.
    """

    upload: str
    original: str
    thumbnail: str
    thumb_px_max: int
    limits: dict[str, Any]
    is_waited_for: bool
