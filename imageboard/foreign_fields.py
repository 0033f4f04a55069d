"""Fields of a form that this board does not take: each is refused by its name, none is ignored.

What is ignored is lost without a word: a poster's embed, or the wish to hide who they are. Empty
ones ask for nothing. Names of vichan's form: https://github.com/vichan-devel/vichan,
templates/post_form.html, inc/config.php and inc/anti-bot.php (read 2026-11-28).
"""

from __future__ import annotations

from collections.abc import Mapping

from imageboard.captchas import ANSWER_FIELDS, PASS_FIELD
from imageboard.errors import BadField
from imageboard.fields import (
    ABOUT_THE_FORM,
    ALT_OF_ONE,
    KEPT_FILE,
    LABELS,
    SELECTED_POST,
    SPOILER_OF_ONE,
    TRAP_FIELD,
)
from imageboard.words import N_, Message

_IN_THE_DESK = N_("Staff do this in the desk, at /mod/: take the field {name} out.")
_UNTAKEN = {
    "embed": N_("This board takes no embeds: write the address into the comment."),
    "file_url": N_("This board fetches no file from an address: choose the file itself."),
    "sticky": _IN_THE_DESK,
    "lock": _IN_THE_DESK,
    "raw": _IN_THE_DESK,
}

_IGNORED = frozenset(
    {
        # Of the page that holds the form, and against robots that fill in whatever they find.
        *("page", "mod", "quick-reply", "hash", "mode", "MAX_FILE_SIZE"),
        # Answers to what this board has not asked.
        *("captcha", "captcha_cookie", "simple_spam", "t-challenge", "t-response"),
        *("recaptcha_challenge_field", "recaptcha_response_field"),
    }
)
_TAKEN = LABELS.keys() | ABOUT_THE_FORM | ANSWER_FIELDS | {PASS_FIELD, TRAP_FIELD} | _IGNORED
_TAKEN_OF_MANY = (SELECTED_POST, SPOILER_OF_ONE, ALT_OF_ONE, KEPT_FILE)

#: What 4chan, jschan and lynxchan call a field, and its name here.
_CALLED_HERE = {
    "boardUri": "board",
    "resto": "thread",
    "threadId": "thread",
    "com": "body",
    "message": "body",
    "sub": "subject",
    "pwd": "password",
    "postpassword": "password",
    "spoiler_all": "spoiler",
}
_CALLED_OTHERWISE = N_("The field {name} is called {here} on this board.")
_UNKNOWN = N_("This board does not know the field {name}: take it out.")


def refuse_untaken(sent: Mapping[str, str], *, unknown_too: bool) -> None:
    """Let a form pass whose fields this board takes, or that are empty.

    `unknown_too` is False for vichan's clients: the page that they send from may have fields of any
    name, which were there to catch robots.

    Raises:
        BadField: of the first that is not taken.
    """
    for name, text in sent.items():
        if text.strip() and not _is_taken(name):
            sentence = _sentence(name, unknown_too=unknown_too)
            if sentence is not None:
                raise BadField(sentence, field=name, name=name)


def _is_taken(name: str) -> bool:
    return name in _TAKEN or any(each.fullmatch(name) for each in _TAKEN_OF_MANY)


def _sentence(name: str, *, unknown_too: bool) -> Message | None:
    if name in _UNTAKEN:
        return _UNTAKEN[name]
    if not unknown_too:
        return None
    if name in _CALLED_HERE:
        return _CALLED_OTHERWISE.filled(here=_CALLED_HERE[name])
    return _UNKNOWN
