"""Names with a secret: 'tantalum#tea' is shown as 'tantalum !WokonZwxw2', on every board alike.

Both kinds are vichan's (inc/functions.php, generate_tripcode, read 2026-11-24), so that people
keep their tripcodes when a board moves here: the classic '#' needs nothing, the secure '##'
needs the old board's secret, and goes by that engine's scheme (SECURE).

Nobody types one: what would look like a tripcode or like "## Mod" in a name is changed, as boards
have done since Futaba.

They are signatures for fun, not authentication: DES looks at seven bits of the first eight bytes.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha1, sha256
from typing import NamedTuple

from imageboard import libcrypt
from imageboard.plain_text import UNSEEN, with_closed_directions

#: The scheme of boards that were made here.
OURS = "vichan"


class Signature(NamedTuple):
    """Who signs a post: the name as shown ('' when none was given) and the tripcode."""

    name: str
    tripcode: str | None


class Salt(NamedTuple):
    """By which `name##password` signs on a board."""

    secret: str
    #: A name of SECURE.
    scheme: str = OURS


# The name may be missing; three '#' are a secure password that begins with '#'.
_SIGNED_NAME = re.compile(r"([^#]*)(##|#)(.+)", re.DOTALL)
# What a Japanese keyboard types. Where '#' itself signs, vichan's rule holds and this is text.
_WIDELY_SIGNED_NAME = re.compile(r"([^＃﹟]*)([＃﹟]{1,2})(.+)", re.DOTALL)

# The mark of tripcodes on Japanese boards, and what they make of it in a name.
_HOLLOW = str.maketrans("◆⬥⯁⧫⬧", "◇⬦◇◊⬨")

# What looks like '!' or '!!', like a letter of a tripcode, like '#'; and what may stand between
# them and not be seen, among it the narrowest of blanks.
_BANG = "[!ǃⵑꜝ‼⁈⁉❕❗❢︕﹗！♦]"
_LETTER = (
    "[./0-9A-Za-z．／０-９Ａ-Ｚａ-ｚ․⁄∕\U0001d400-\U0001d7ff"
    "АВЕЅІЈКМНОРСТУХЗаеѕіјорсухһԁԛԝбΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορ]"
)
_SHARP = "[＃﹟♯⌗⧣]"
_GAP = f"[{UNSEEN}\u2006\u2008-\u200a\u202f]*"
_TEN_LETTERS = f"(?:{_LETTER}{_GAP}){{10}}"
_FALSE_MARKS = re.compile(
    f"(?:{_BANG}{_GAP})+(?={_TEN_LETTERS})"
    # '## Mod', where staff have their role.
    rf"|{_SHARP}(?:{_GAP}{_SHARP})+{_GAP}\s*(?=\w)"
)
# '!' is set to the left of the letters before it where the line runs to the left.
_FALSE_MARKS_BEHIND = re.compile(f"({_TEN_LETTERS})((?:{_BANG}{_GAP})+)")
# What goes of them. The end of a direction stays, lest it be open.
_MARKS_AND_BLANKS = re.compile(rf"{_BANG}|{_SHARP}|\s")
_RUNS_TO_THE_LEFT = frozenset({"R", "AL", "RLE", "RLI", "FSI"})

# What PHP's Shift_JIS encoder takes and Python's refuses or writes otherwise (mbfilter_sjis.c).
_WIDE_FORMS = str.maketrans(
    {
        "\uff5e": "\u301c",  # fullwidth tilde: wave dash
        "\u2225": "\u2016",  # parallel to: double vertical line
        "\uff0d": "\u2212",  # fullwidth hyphen-minus: minus sign
        "\uffe0": "\u00a2",  # fullwidth cent
        "\uffe1": "\u00a3",  # fullwidth pound
        "\uffe2": "\u00ac",  # fullwidth not
        "\u00a5": "\uffe5",  # yen: fullwidth yen, where Python writes a backslash
        "\u203e": "\uffe3",  # overline: fullwidth macron, where Python writes a tilde
    }
)

# A salt is two of [./0-9A-Za-z]. Each other byte between '.' and 'z' has a letter that stands for
# it; those outside are '.'.
_SALT_CHARACTERS = bytes(
    byte if ord(".") <= byte <= ord("z") else ord(".") for byte in range(256)
).translate(bytes.maketrans(rb":;<=>?@[\]^_`", b"ABCDEFGabcdef"))

#: '_', then 49,152 rounds spelt in crypt's own base 64, then four characters of salt.
_SECURE_ROUNDS = "_..A."


def split_name(text: str, salt: Salt) -> Signature:
    """'Anon#tea' -> ('Anon', '!WokonZwxw2'); 'Anon##tea' -> '!!…'; 'Anon' -> ('Anon', None).

    '＃' signs as '#' does, and what looks like a tripcode in the name is changed:
    'Anon !WokonZwxw2' -> ('Anon WokonZwxw2', None), 'Anon◆' -> ('Anon◇', None).

    `text` has passed `clean_line`; `salt` is of the secure kind. 'X ## Mod' is a secure
    tripcode like any other: what a member of staff may call themselves is decided elsewhere.

    Costs 10 µs (classic) and 6 ms (secure) with the system's libcrypt, which lets other threads
    run; 0.3 ms and 0.5 s where there is none and the work is done in Python (measured on a
    2-core machine).
    """
    signed = _SIGNED_NAME.fullmatch(text) or _WIDELY_SIGNED_NAME.fullmatch(text)
    if signed is None:
        return Signature(_without_false_marks(text), None)
    # A direction that was closed around both is open in each.
    name, kind, password = map(with_closed_directions, signed.groups())
    tripcode = _secure(password, salt) if len(kind) == 2 else _classic(password)
    return Signature(_without_false_marks(name.rstrip()), tripcode)


def _without_false_marks(name: str) -> str:
    """'Anon!WokonZwxw2' -> 'AnonWokonZwxw2'; 'wow!' stays."""
    name = name.translate(_HOLLOW)
    if any(unicodedata.bidirectional(char) in _RUNS_TO_THE_LEFT for char in name):
        name = _FALSE_MARKS_BEHIND.sub(
            lambda found: found[1] + _MARKS_AND_BLANKS.sub("", found[2]), name
        )
    # Once more: '!abcde!fghijklmno' is ten letters behind a mark when the second is gone.
    while _FALSE_MARKS.search(name):
        name = _FALSE_MARKS.sub(lambda found: _MARKS_AND_BLANKS.sub("", found[0]), name)
    return name


def _classic(password: str) -> str:
    secret_bytes = _shift_jis(password)
    salt = (secret_bytes + b"H..")[1:3].translate(_SALT_CHARACTERS)
    return "!" + _crypt(secret_bytes, salt.decode("ascii"))[-10:]


def _secure(password: str, salt: Salt) -> str:
    return "!!" + SECURE[salt.scheme].sign(password, salt.secret)[-10:]


def _as_vichan(password: str, secret: str) -> str:
    """Extended DES of Shift_JIS: '_..A.0yuLx2SCf2jjrk'."""
    secret_bytes = _shift_jis(password)
    digest = sha1(secret_bytes + secret.encode(), usedforsecurity=False).digest()
    salt = b64encode(digest)[:4].decode("ascii").replace("+", ".")
    return _crypt(secret_bytes, _SECURE_ROUNDS + salt)


def _as_jschan(password: str, secret: str) -> str:
    """lib/post/tripcode.js, getSecureTrip (read 2026-11-29), in base 64: '…4XzKAGoCE='."""
    return b64encode(sha256((password + secret).encode()).digest()).decode("ascii")


class SecureScheme(NamedTuple):
    """How an engine signs with a password that only it can check."""

    #: What its settings call the secret.
    secret_name: str
    #: (password, secret) -> what ends in the ten characters that are shown.
    sign: Callable[[str, str], str]


#: By the name of the engine. Boards that came from any other sign as those that were made here.
SECURE: Mapping[str, SecureScheme] = {
    OURS: SecureScheme("secure_trip_salt", _as_vichan),
    "jschan": SecureScheme("tripcodeSecret", _as_jschan),
}


def _shift_jis(password: str) -> bytes:
    """The bytes that are hashed: what Shift_JIS lacks becomes '?'."""
    return password.translate(_WIDE_FORMS).encode("shift_jis", "replace")


def _crypt(password: bytes, setting: str) -> str:
    """crypt(3) of `password`, by DES (two characters of salt) or extended DES ('_', nine)."""
    return libcrypt.crypt(password, setting) or _crypt_in_python(password, setting)


def _crypt_in_python(password: bytes, setting: str) -> str:
    # Imported here: its tables take 30 ms of a start, and libcrypt is there nearly everywhere.
    from passlib.hash import bsdi_crypt, des_crypt

    scheme = bsdi_crypt if setting.startswith("_") else des_crypt
    # Not `hash`, which makes an even count of rounds odd.
    hashed: str = scheme.genhash(password, setting)
    return hashed
