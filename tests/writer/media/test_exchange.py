"""What a process that reads a hostile file can make the writer say is a plain sentence."""

from __future__ import annotations

import json

import pytest

from imageboard.settings import BoardSettings
from imageboard.words import N_, NN_, Message
from tests.tables import for_each
from writer.media.exchange import (
    FILES_AT_ONCE_MAX,
    LINE_BYTES_MAX,
    BadAnswer,
    answers_of,
    message_of,
    plain,
)


@pytest.mark.parametrize(
    "message",
    [
        N_("The file is damaged."),
        N_("The file is {what}.").filled(what=N_("an icon"), detail="x"),
        NN_("{frames} frame.", "{frames:,} frames.", "frames").filled(frames=7),
        N_("{width} × {height} {{pixels}}").filled(width=1, height=2),
    ],
)
def test_message_arrives_as_it_was_sent(message: Message) -> None:
    arrived = message_of(json.loads(json.dumps(plain(message))))
    assert arrived == message
    assert arrived.said() == message.said()


@pytest.mark.parametrize(
    "sentence",
    [
        "{a.__class__}",
        "{a[0]}",
        "{a:999999999}",
        "{a!r:>99999}",
        "{",
        "}",
        "{a:{b}}",
        "{}",
        "{0.x}",
    ],
)
def test_sentence_that_reaches_behind_its_blanks_is_refused(sentence: str) -> None:
    for answer in (Message(sentence), Message("{a}", plural=sentence), _within(sentence)):
        with pytest.raises(BadAnswer):
            message_of(json.loads(json.dumps(plain(answer))))


def _within(sentence: str) -> Message:
    return N_("The file is {what}.").filled(what=Message(sentence))


OPENED = {"opened": {"kind": "jpeg", "bytes": 1, "sha256": "0" * 64, "md5": "0" * 32}}
OUTGROWN = {"outgrown": True}
FAILED = {"failed": "no space"}
ENDED = {"ended": ""}


def said(*lines: object) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@for_each(
    ("lines", "answers"),
    [
        ((OPENED, OUTGROWN, ENDED), [OPENED, OUTGROWN]),
        ((OUTGROWN, FAILED, ENDED), [OUTGROWN, FAILED]),
        ((FAILED, ENDED), [FAILED]),
        ((OPENED, ENDED), [OPENED, {"died": "no answer"}]),
        ((ENDED,), [{"died": "no answer"}]),
        # What a process said before it was ended says nothing of what it has made.
        ((OPENED, OPENED, {"ended": "signal 11"}), [{"died": "signal 11"}]),
    ],
)
def test_each_file_has_an_answer_or_the_last_says_why_there_is_none(
    lines: tuple[object, ...], answers: list[object]
) -> None:
    assert answers_of(said(*lines), 2) == answers


@for_each(
    "lines",
    [
        (OPENED, OPENED, OPENED, ENDED),
        ({"opened": {"kind": "jpeg"}}, OPENED, ENDED),
        ({**OPENED, "failed": "x"}, ENDED),
        (OPENED, OPENED),
        ([], ENDED),
    ],
)
def test_answer_that_none_of_ours_gives_is_refused(lines: tuple[object, ...]) -> None:
    with pytest.raises(BadAnswer):
        answers_of(said(*lines), 2)


def test_as_many_files_are_read_at_once_as_a_post_may_have() -> None:
    (row,) = (row for row in BoardSettings.rows() if row.name == "files_max")
    assert row.reader.high == FILES_AT_ONCE_MAX < LINE_BYTES_MAX
