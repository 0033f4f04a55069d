"""What goes over the socket between the writer and the process that develops the files of a post.

Lines of JSON. The first is a list of `Request`, one for each file. The process answers each with a
line, in their order and up to the first file that can't be had, one of

    {"developed": {…}}      the fields of `DevelopedImage` but its paths, hashes in hexadecimal
    {"opened": {…}}         a slow kind that somebody waits for: the fields of `OpenedFile`
    {"refused": "FileRefused", "message": {…}}    a Message, as `plain` has it
    {"failed": "[Errno 28] No space left on device"}    not the file's fault
    {"broken": "KeyError: …"}    a fault of ours
    {"outgrown": true}      a light process (`budget.py`) can't hold it; ask for a heavy one
    {"needs": "av"}         a kind whose library it has not loaded; ask for one that has

beside it `missing`, the layers of its confinement that the machine lacks, if there are any. When it
is gone, and can alter nothing of what it made, the server says the last line:

    {"ended": ""}           by itself; else "signal 11", or TIME_LIMIT
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from typing import Any, TypedDict

from imageboard.errors import FileRefused, FileTooLarge, ImageTooLarge
from imageboard.media_kinds import BY_NAME
from imageboard.words import N_, Message
from writer.media.confinement import LAYERS

LINE_BYTES_MAX = 16 * 1024
#: What a process may refuse a file with.
REFUSALS = {error.__name__: error for error in (FileRefused, FileTooLarge, ImageTooLarge)}
#: As many as a post has at most (a test compares them).
FILES_AT_ONCE_MAX = 5
#: Of one exchange: all requests, all answers with the verdict, and what is not worth more.
REQUESTS_BYTES_MAX = FILES_AT_ONCE_MAX * LINE_BYTES_MAX
ANSWERS_BYTES_MAX = (FILES_AT_ONCE_MAX + 1) * LINE_BYTES_MAX
TOO_MUCH_MEMORY = N_("The image needs too much memory to be read. Send a smaller one.")
#: What goes with the socket of a post's files, before how many they are: which sort of process is
#: to read them.
LIGHT, HEAVY = b"l", b"h"
#: A heavy one that has loaded a library for some kinds alone, by that library's name.
HEAVY_WITH = {"av": b"a"}
#: How the server's last line begins.
VERDICT = b'{"ended": '
#: What the server says of a process that took all of its time.
TIME_LIMIT = "time limit"
#: Of one that the kernel ended: nobody else sends this signal, and it does so for memory.
KILLED = "signal 9"


#: What an answer may have as its value.
_ONE_OF: Mapping[str, Collection[object]] = {
    "outgrown": (True,),
    "needs": HEAVY_WITH,
    "refused": REFUSALS,
}

# SECURITY: what a hostile picture makes of the process that reads it can fill blanks, but reach
# nothing behind them and ask for no padding by the gigabyte: '{a.b}', '{a[0]}', '{a:999999999}'.
_SENTENCE = re.compile(r"(?:[^{}]|\{\{|\}\}|\{\w+(?::[,.0-9a-z]{1,3})?\})*")


class BadAnswer(Exception):
    """The process that develops a file answered with something that none of ours says."""


def plain(message: Message) -> dict[str, object]:
    """As JSON can have it."""
    whole = {each.name: getattr(message, each.name) for each in fields(message)}
    return whole | {"data": {name: _plain_value(value) for name, value in message.data.items()}}


def answers_of(said: bytes, count: int) -> list[dict[str, Any]]:
    """The process's answers on `count` files. Where there are fewer, the last says why.

    That is {"died": cause}, by the server's word, where the process does not say it itself. The
    message of a refusal is a Message.

    SECURITY: what comes of a process that was taken over is held to what one of ours could say.

    Raises BadAnswer.
    """
    *lines, verdict = said.splitlines()
    try:
        if ended := json.loads(verdict)["ended"]:
            return [{"died": str(ended)}]
        answers = [_answer(line) for line in lines]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as ex:
        raise BadAnswer(type(ex).__name__) from ex
    if len(answers) > count:
        raise BadAnswer(f"{len(answers)} answers")
    if len(answers) < count and (not answers or goes_on(answers[-1])):
        answers.append({"died": "no answer"})
    return answers


def goes_on(answer: Mapping[str, object]) -> bool:
    """Whether the process turns to the next file after this answer."""
    return not answer.keys().isdisjoint(("developed", "opened", "outgrown", "needs"))


def _answer(line: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line)
    _check(answer)
    if "refused" in answer:
        answer["message"] = message_of(answer["message"])
    return answer


def _check(answer: dict[str, Any]) -> None:
    """Raises ValueError, KeyError, TypeError."""
    ((how, value),) = ((k, v) for k, v in answer.items() if k not in ("message", "missing"))
    if not set(answer.get("missing", ())) <= set(LAYERS):
        raise ValueError("missing")
    if how in ("failed", "broken"):
        answer[how] = str(value)[:LINE_BYTES_MAX]
    elif how in _ONE_OF:
        if value not in _ONE_OF[how]:
            raise ValueError(how)
    else:
        _check_fields(how, value)


def _check_fields(how: str, value: dict[str, Any]) -> None:
    expected = {"developed": _SHAPES.keys(), "opened": _OF_OPENED}[how]
    if value.keys() != expected or not all(_SHAPES[name](value[name]) for name in expected):
        raise ValueError(how)
    ending = value.get("thumb_extension")
    if ending not in (None, *_THUMB_ENDINGS, BY_NAME[value["kind"]].extension("")):
        raise ValueError("thumb_extension")
    if len({value.get(name) is None for name in ("duration_ms", "has_sound", "codecs")}) > 1:
        raise ValueError("played")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**40


def _is_count_or_none(value: object) -> bool:
    return value is None or _is_count(value)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", value))


_CODECS = re.compile(r"[a-z0-9_, ]{1,40}")
_THUMB_ENDINGS = (".jpg", ".png", ".webp")
DIGESTS = frozenset({"sha256", "md5"})
_SHAPES: dict[str, Callable[[object], bool]] = {
    "kind": BY_NAME.__contains__,
    "bytes": _is_count,
    **dict.fromkeys(sorted(DIGESTS), _is_digest),
    "frames": _is_count,
    "width": _is_count,
    "height": _is_count,
    "thumb_width": _is_count_or_none,
    "thumb_height": _is_count_or_none,
    "thumb_extension": lambda ending: ending is None or isinstance(ending, str),
    "dense_extension": lambda ending: ending in (None, ".jpg", ".webp"),
    "duration_ms": lambda ms: ms is None or (type(ms) is int and 0 < ms < 2**31),
    "has_sound": lambda sounds: sounds is None or type(sounds) is bool,
    "likeness": lambda number: (
        number is None or (type(number) is int and -(2**63) <= number < 2**63)
    ),
    "colour": lambda colour: colour is None or (type(colour) is int and 0 <= colour <= 0xFFFFFF),
    "codecs": lambda codecs: codecs is None or bool(_CODECS.fullmatch(str(codecs))),
}
_OF_OPENED = frozenset({"kind", "bytes", "sha256", "md5"})


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
    """`upload` is read; `original`, `thumbnail` and `dense` are made.

    `limits` are the fields of the MediaLimits that hold for this file. Of a slow kind that
    `is_waited_for` nothing is written.
    """

    upload: str
    original: str
    thumbnail: str
    dense: str
    thumb_px_max: int
    thumbs_in_webp: bool
    thumbs_move: bool
    thumbs_dense: bool
    limits: dict[str, Any]
    #: Names of the kinds that the board takes.
    kinds: list[str]
    is_waited_for: bool
    #: The file is not read where a layer of the confinement is missing.
    must_be_confined: bool
    #: Read by a process of no more than budget.LIGHT_BYTES.
    is_light: bool
    #: What the process has loaded beside.
    library: str | None
