"""The hosts that a text leads to: 'see http://shop.example.com/x or evil.net' -> two names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

_JOINED = re.compile(r"[\w.-]+")
#: In an address browsers take it for a dot. In a text it may end a sentence.
_OTHER_DOT = "\u3002"
_PUNYCODE = "xn--"
_BEHIND_HOST = re.compile("[/?#]")
#: Longer ones no name server knows (RFC 1035).
_CHARS_MAX = 253


def of_text(text: str) -> tuple[str, ...]:
    """Each once, in small letters, in their order; of text as it is seen.

    With or without http:// before it: what is typed as a name is followed by hand. So 'i.e' and
    'index.html' are names too, which no rule names. One that is spelled for name servers (xn--…) is
    there by its letters too.
    """
    if "." not in text and _OTHER_DOT not in text:
        return ()
    joined = _JOINED.findall(text.lower())
    if _OTHER_DOT in text:
        joined += _JOINED.findall(text.lower().replace(_OTHER_DOT, "."))
    found = [
        name for each in joined if "." in (name := each.strip(".-")) and len(name) <= _CHARS_MAX
    ]
    return tuple(dict.fromkeys(chain(found, map(_in_letters, found))))


def named(text: str) -> str:
    """Which is meant: 'https://example.com/x' and '*.example.com' -> 'example.com'."""
    address = text.lower().split("://", 1)[-1].lstrip("/").replace(_OTHER_DOT, ".")
    host = _BEHIND_HOST.split(address)[0].rpartition("@")[2].partition(":")[0]
    return _in_letters(host.strip("*.- "))


def _in_letters(name: str) -> str:
    """'xn--e1afmkfd.com' -> 'пример.com'; what can't be read so stays."""
    if _PUNYCODE not in name:
        return name
    try:
        spelled = ".".join(
            label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
            if label.startswith(_PUNYCODE)
            else label
            for label in name.split(".")
        )
        # Half a character can be spelled so too, and no automaton takes it.
        spelled.encode()
    except UnicodeError:
        return name
    return spelled


def and_above(host: str) -> Iterator[str]:
    """'shop.example.com' -> itself, 'example.com', 'com'."""
    while host:
        yield host
        host = host.partition(".")[2]
