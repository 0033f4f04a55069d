"""What a process that reads a hostile file can make the writer say is a plain sentence."""

from __future__ import annotations

import json

import pytest

from imageboard.words import N_, NN_, Message
from writer.media.exchange import BadAnswer, message_of, plain


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
