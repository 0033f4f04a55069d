"""What the fields of a form are called on its page, so that a refusal names them alike."""

from __future__ import annotations

LABELS = {
    "board": "Board",
    "thread": "Thread",
    "name": "Name",
    "email": "Email",
    "subject": "Subject",
    "body": "Comment",
    "password": "Password",
    "file": "File",
    "reason": "Reason",
}


def label(field: str) -> str:
    """Within a sentence: 'body' -> 'comment'; no page shows 'nonce' -> 'field nonce'."""
    return LABELS[field].lower() if field in LABELS else f"field {field}"
