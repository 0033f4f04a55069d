"""What the fields of a form are called on its page, so that a refusal names them alike."""

from __future__ import annotations

from imageboard.words import N_, Message

LABELS = {
    "board": N_("Board"),
    "thread": N_("Thread"),
    "name": N_("Name"),
    "email": N_("Email"),
    "subject": N_("Subject"),
    "body": N_("Comment"),
    "password": N_("Password"),
    "file": N_("File"),
    "reason": N_("Reason"),
}
_IN_SENTENCES = {
    "board": N_("board"),
    "thread": N_("thread"),
    "name": N_("name"),
    "email": N_("email"),
    "subject": N_("subject"),
    "body": N_("comment"),
    "password": N_("password"),
    "file": N_("file"),
    "reason": N_("reason"),
}
_OTHER = N_("field {name}")


def label(field: str) -> Message:
    """Within a sentence: 'body' -> 'comment'; no page shows 'nonce' -> 'field nonce'."""
    return _IN_SENTENCES.get(field) or _OTHER.filled(name=field)
