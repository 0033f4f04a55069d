"""Appeals: what the banned ask of staff, and what staff answer. Pure; the store keeps them."""

from __future__ import annotations

from typing import NamedTuple

from imageboard import plain_text
from imageboard.bans import Ban
from imageboard.errors import BadField
from imageboard.words import N_

APPEAL_CHARS_MAX = 1000
ANSWER_CHARS_MAX = 500
#: A shorter ban is over before anybody has read an appeal.
APPEALED_S_MIN = 6 * 3600


class Appeal(NamedTuple):
    """What one of the banned asked, as they see it themselves."""

    body: str
    #: What staff answered; None: nobody has yet.
    answer: str | None


class WaitingAppeal(NamedTuple):
    """An appeal that nobody has answered, as staff see it."""

    id: int
    #: Unix seconds.
    made_s: int
    body: str
    ban: Ban


def is_long_enough(ban: Ban) -> bool:
    """Whether a ban lasts long enough for an appeal."""
    lasts_s = None if ban.expires_s is None else ban.expires_s - ban.created_s
    return not ban.is_warning and (lasts_s is None or lasts_s > APPEALED_S_MIN)


def read_appeal(text: str) -> str:
    """What staff will read. Raises BadField."""
    body = plain_text.clean_body(text, "body")
    if not plain_text.shows_anything(body) or len(body) > APPEAL_CHARS_MAX:
        raise BadField(
            N_("Say why the ban should go: {chars_max} characters at most."),
            field="body",
            chars_max=APPEAL_CHARS_MAX,
        )
    return body


def read_answer(text: str) -> str:
    """One line that the banned will read. Raises BadField."""
    answer = plain_text.clean_line(text, "answer")
    if not plain_text.shows_anything(answer) or len(answer) > ANSWER_CHARS_MAX:
        raise BadField(
            N_("An answer, please: {chars_max} characters at most. The banned read it."),
            field="answer",
            chars_max=ANSWER_CHARS_MAX,
        )
    return answer
