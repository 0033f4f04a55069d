"""The hosts that a text leads to: 'see http://shop.example.com/x or evil.net' -> two names."""

from __future__ import annotations

import re
from collections.abc import Iterator

_JOINED = re.compile(r"[\w.-]+")
#: Longer ones no name server knows (RFC 1035).
_CHARS_MAX = 253


def of_text(text: str) -> tuple[str, ...]:
    """Each once, in small letters, in their order; of text as it is seen.

    With or without http:// before it: what is typed as a name is followed by hand. So 'i.e' and
    'index.html' are names too, which no rule names.
    """
    if "." not in text:
        return ()
    found = (joined.strip(".-") for joined in _JOINED.findall(text.lower()))
    return tuple(dict.fromkeys(name for name in found if "." in name and len(name) <= _CHARS_MAX))


def and_above(host: str) -> Iterator[str]:
    """'shop.example.com' -> itself, 'example.com', 'com'."""
    while host:
        yield host
        host = host.partition(".")[2]
