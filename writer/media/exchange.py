"""What goes over the socket between the writer and the process that develops a file.

One line of JSON each way. The request is a `Request`. The answer is one of

    {"developed": {…}}      the fields of `DevelopedImage` but its paths, hashes in hexadecimal
    {"opened": {…}}         a slow kind that somebody waits for: the fields of `OpenedFile`
    {"refused": "FileRefused", "message": {…}}    a Message, as `plain` has it
    {"failed": "[Errno 28] No space left on device"}    not the file's fault
    {"died": "signal 11"}   from the server, of a process that gave no answer; or TIME_LIMIT
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, TypedDict

from imageboard.words import Message

LINE_BYTES_MAX = 16 * 1024
#: What the server says of a process that it ended after `seconds_max`.
TIME_LIMIT = "time limit"


# SECURITY: what a hostile picture makes of the process that reads it can fill blanks, but reach
# nothing behind them and ask for no padding by the gigabyte: '{a.b}', '{a[0]}', '{a:999999999}'.
_SENTENCE = re.compile(r"(?:[^{}]|\{\{|\}\}|\{\w+(?::[,.0-9a-z]{1,3})?\})*")


class BadAnswer(Exception):
    """The process that develops a file answered with something that none of ours says."""


def plain(message: Message) -> dict[str, object]:
    """As JSON can have it."""
    whole = {each.name: getattr(message, each.name) for each in fields(message)}
    return whole | {"data": {name: _plain_value(value) for name, value in message.data.items()}}


def message_of(answer: dict[str, Any]) -> Message:
    """The message that was sent as `plain` has it. Raises BadAnswer."""
    for sentence in (answer["id"], answer["plural"] or ""):
        if not _SENTENCE.fullmatch(sentence):
            raise BadAnswer(sentence[:80])
    data = answer["data"].items()
    return Message(**answer | {"data": {name: _value_of(value) for name, value in data}})


def _plain_value(value: object) -> object:
    if isinstance(value, Message):
        return plain(value)
    return value if isinstance(value, int) else str(value)


def _value_of(value: Any) -> object:
    return message_of(value) if isinstance(value, dict) else value


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
