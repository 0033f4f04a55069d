"""How a setting's text is read: what may be given, its bounds, and the fault of what may not.

A fault goes on from the setting's name ("is not a whole number from 1 to 100") and never holds the
text itself, which may be a secret. It is a message, all that its ValueError has.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from imageboard import countries, questions
from imageboard.addresses import BOARD_NAME
from imageboard.words import N_, Message

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECRET_BYTES_MIN = 32


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of value, with its bounds: read by `read`, which raises ValueError with the fault.

    `allowed` says in a table what may be given. `low` and `high` bound a number, or the length of a
    text, counted in `unit`; `choices` are all that there are.
    """

    kind: Literal["number", "flag", "choice", "list", "text"]
    read: Callable[[str], Any]
    allowed: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()


def whole(low: int, high: int, unit: str) -> Reader:
    """A whole number of `unit`, both bounds among what is allowed."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(
                N_("is not a whole number from {low} to {high}").filled(low=low, high=high)
            )
        return int(text)

    return Reader("number", read, f"{low} to {high} {unit}", unit=unit, low=low, high=high)


def flag() -> Reader:
    """'on' or 'off', in the usual other spellings too."""

    def read(text: str) -> bool:
        if text.lower() in ("on", "1", "true", "yes"):
            return True
        if text.lower() in ("off", "0", "false", "no"):
            return False
        raise ValueError(N_("is neither on nor off"))

    return Reader("flag", read, "on, off", choices=("on", "off"))


def choice(*choices: str) -> Reader:
    """One of `choices`, in any case; read as it is written there."""
    by_text = {each.lower(): each for each in choices}

    def read(text: str) -> str:
        if text.lower() not in by_text:
            raise ValueError(N_("is not one of {choices}").filled(choices=", ".join(choices)))
        return by_text[text.lower()]

    return Reader("choice", read, ", ".join(choices), choices=choices)


def some_of(*choices: str) -> Reader:
    """Any of `choices`, by blanks or commas, in any case and order; read as they are there."""

    def read(text: str) -> str:
        given = set(text.lower().replace(",", " ").split())
        if not given <= set(choices):
            raise ValueError(
                N_("is not a list of any of {choices}").filled(choices=", ".join(choices))
            )
        return " ".join(each for each in choices if each in given)

    return Reader("list", read, f"any of {', '.join(choices)}", choices=choices)


def one_line(chars_max: int, *, is_needed: bool = False) -> Reader:
    """Text without line ends or other control characters; not blank when it `is_needed`."""
    least = 1 if is_needed else 0

    def read(text: str) -> str:
        if is_needed and not text.strip():
            raise ValueError(N_("is empty"))
        if len(text) > chars_max or any(ord(char) < 32 for char in text):
            raise ValueError(
                N_("is not one line of at most {chars_max} characters").filled(chars_max=chars_max)
            )
        return text

    allowed = f"{least} to {chars_max} characters"
    return Reader("text", read, allowed, unit="characters", low=least, high=chars_max)


def country_codes(count_max: int) -> Reader:
    """'de, FR' -> 'DE, FR'"""

    def read(text: str) -> str:
        given = sorted({code.upper() for code in text.replace(",", " ").split()})
        if len(given) > count_max or any(countries.known(code) is None for code in given):
            fault = N_("is not a list of at most {count_max} countries of two letters")
            raise ValueError(fault.filled(count_max=count_max))
        return ", ".join(given)

    return Reader("list", read, f"up to {count_max} countries of two letters, by commas")


def asked_questions() -> Reader:
    """'What colour is grass? = green; Two and three? = 5, five', as it was typed."""

    def read(text: str) -> str:
        questions.read(text)
        return text.strip()

    allowed = f"up to {questions.COUNT_MAX} of `question = answer, answer`, by semicolons"
    return Reader("list", read, allowed)


def names(count_max: int, chars_max: int) -> Reader:
    """Names with commas between, read without the blanks around: 'Anime, Loop'."""

    def read(text: str) -> str:
        given = [name.strip() for name in text.split(",") if name.strip()]
        if any(len(name) > chars_max or not name.isprintable() for name in given):
            fault = N_("has a name of more than {chars_max} characters, or one that can't be read")
            raise ValueError(fault.filled(chars_max=chars_max))
        if len(given) > count_max or len(set(given)) < len(given):
            fault = N_("has more than {count_max} names, or one twice")
            raise ValueError(fault.filled(count_max=count_max))
        return ", ".join(given)

    return Reader("list", read, f"up to {count_max} names of {chars_max} characters, by commas")


def any_text() -> Reader:
    return Reader("text", str, "any text")


def path() -> Reader:
    return Reader("text", Path, "a path")


def secret() -> Reader:
    """Base64 or plain text of at least 32 bytes."""

    def read(text: str) -> bytes:
        key = text.encode()
        try:
            decoded = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) >= SECRET_BYTES_MIN:
            key = decoded
        if len(key) < SECRET_BYTES_MIN:
            raise ValueError(
                N_("is shorter than {bytes_min} bytes").filled(bytes_min=SECRET_BYTES_MIN)
            )
        return key

    return Reader("text", read, f"{SECRET_BYTES_MIN} bytes or more, in Base64 or as they are")


def secrets(most: int) -> Reader:
    """Several of them, by commas."""
    one = secret()

    def read(text: str) -> tuple[bytes, ...]:
        given = [each.strip() for each in text.split(",") if each.strip()]
        if len(given) > most:
            raise ValueError(N_("holds more than {most}").filled(most=most))
        return tuple(one.read(each) for each in given)

    return Reader(
        "text", read, f"up to {most}, by commas, each as {SECRET_BYTES_MIN} bytes or more"
    )


def url(*schemes: str) -> Reader:
    begin = " or ".join(f"{scheme}://" for scheme in schemes)

    def read(text: str) -> str:
        try:
            scheme = urlsplit(text).scheme
        except ValueError:
            # SECURITY: its own words may hold what stands before the host, a password too.
            scheme = ""
        if scheme not in schemes:
            raise ValueError(N_("is not an address that begins with {begin}").filled(begin=begin))
        return text

    return Reader("text", read, f"an address that begins with {begin}")


def word() -> Reader:
    """For what goes into a header or an address."""

    def read(text: str) -> str:
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError(N_("holds spaces or other characters that don't belong there"))
        return text

    return Reader("text", read, "ASCII without spaces")


def shaped(pattern: str, shape: Message, *, fault: Message | None = None) -> Reader:
    """Text that all of `pattern` matches; `shape` says in words what that is."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(fault or N_("is not {shape}").filled(shape=shape))
        return text

    return Reader("text", read, str(shape))


def host_and_port() -> Reader:
    def read(text: str) -> str:
        found = re.fullmatch(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})", text)
        if not found or not 0 < int(found[1]) < 2**16:
            raise ValueError(N_("is not host:port"))
        return text

    return Reader("text", read, "host:port")


def socket_or_place() -> Reader:
    """'unix:/run/nginx.sock', or as `host_and_port`."""
    place = host_and_port()

    def read(text: str) -> str:
        if text.startswith("unix:/"):
            return text
        return str(place.read(text))

    return Reader("text", read, "unix:/path or host:port")


_PLACE = re.compile(r"([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")


def places() -> Reader:
    """'one:26379, [::1]:26379' -> ('one:26379', '[::1]:26379')"""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(","))
        if not all(_PLACE.fullmatch(place) for place in found):
            raise ValueError(N_("is not a list of host:port"))
        return found

    return Reader("text", read, "host:port, by comma")


#: Of the widest networks that may be believed: 10.0.0.0/8 and fc00::/7, each all of a kind.
TRUSTED_PREFIX_MIN = {4: 8, 6: 7}


def trusted_networks() -> Reader:
    """None so wide that strangers are in it: each of them could then be whom he likes."""

    def read(text: str) -> tuple[Network, ...]:
        try:
            found = tuple(
                ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()
            )
        except ValueError as ex:
            raise ValueError(N_("is not a list of addresses or CIDR ranges")) from ex
        if any(network.prefixlen < TRUSTED_PREFIX_MIN[network.version] for network in found):
            raise ValueError(N_("holds a network so wide that anybody would be believed"))
        return found

    return Reader("text", read, "addresses or CIDR ranges, by comma")


_HOST_NAME = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def host_names() -> Reader:
    """'www.example.org, *.example.org' -> ('www.example.org', '*.example.org')"""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        if not all(_HOST_NAME.fullmatch(name) for name in found):
            raise ValueError(N_("is not a list of host names"))
        return found

    return Reader("text", read, "host names, by comma; `*.` stands for any part")


_STAND_IN = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}")


def push_services() -> Reader:
    """Host names, and 'http://127.0.0.1:8123' for a stand-in on this machine."""
    names = host_names()

    def read(text: str) -> tuple[str, ...]:
        given = [part.strip() for part in text.split(",") if part.strip()]
        stand_ins = tuple(part for part in given if _STAND_IN.fullmatch(part))
        others = ",".join(part for part in given if part not in stand_ins)
        return (*(name.lower() for name in names.read(others)), *stand_ins)

    return Reader("text", read, "host names, by comma; `*.` stands for any part")


#: nginx would read a dollar sign in the new name as a variable.
_RENAMED = re.compile(rf"({BOARD_NAME})=(?!.*\$)({BOARD_NAME})")


def renamed_boards() -> Reader:
    """'b=random, λ=lambda' -> (('b', 'random'), ('λ', 'lambda'))"""

    def read(text: str) -> tuple[tuple[str, str], ...]:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        found = [_RENAMED.fullmatch(part) for part in parts]
        if not all(found):
            raise ValueError(N_("is not a list of boards' names, old=new"))
        return tuple((pair[1], pair[2]) for pair in found if pair is not None)

    return Reader("text", read, "old=new, by comma")


def recipients() -> Reader:
    """Public keys of age."""

    def read(text: str) -> tuple[str, ...]:
        keys = tuple(text.replace(",", " ").split())
        if not all(re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", key) for key in keys):
            raise ValueError(N_("is not a list of public keys that begin with age1"))
        return keys

    return Reader("text", read, "public keys that begin with age1, by comma or blank")
