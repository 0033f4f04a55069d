"""What may go into an nginx.conf: each check takes a field's name and its value.

Values are pasted into the configuration as they are, so a check allows what is known to be harmless
and refuses the rest.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

from imageboard.addresses import BOARD_NAME
from imageboard.settings.readers import TRUSTED_PREFIX_MIN

Check = Callable[[str, object], None]

# Inside double quotes nginx still expands `$` and reads `\`, so these cannot be quoted away.
_SAFE_PATH = re.compile(r"""/[^\x00-\x1f\x7f"'\\$;{}#]*""")
_BOARD = re.compile(BOARD_NAME)
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}( [A-Za-z_][A-Za-z0-9_-]{0,31})?")


class WrongSite(ValueError):
    """A value that must not reach nginx.conf: says which, and what would be right."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value!r}: expected {expected}")


def check_path(field: str, value: object) -> None:
    if not (isinstance(value, Path) and _SAFE_PATH.fullmatch(str(value))):
        raise WrongSite(field, value, "an absolute Path without quotes or any of \\ $ ; { } #")


def bracketed(host: str) -> str:
    """'::1' -> '[::1]'; a name or an IPv4 address stays as it is."""
    return f"[{host}]" if ":" in host else host


def check_host(field: str, value: object) -> None:
    if not (isinstance(value, str) and (_is_address(value) or _HOST_NAME.fullmatch(value))):
        raise WrongSite(field, value, "an address or a host name, as in '127.0.0.1'")


def _is_address(value: str) -> bool:
    try:
        # A zone ("fe80::1%eth0") may hold any character.
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def check_upstreams(field: str, value: object) -> None:
    if not (isinstance(value, tuple) and value and all(_is_upstream(one) for one in value)):
        raise WrongSite(field, value, "a tuple of 'unix:/run/writer.sock' or '127.0.0.1:8000'")


def check_upstream(field: str, value: object) -> None:
    if not _is_upstream(value):
        raise WrongSite(field, value, "'unix:/run/nginx.sock' or '127.0.0.1:8080'")


def check_log_to(field: str, value: object) -> None:
    check_upstream(field, value)
    # It stands in a list.
    if "," in str(value):
        raise WrongSite(field, value, "an address without a comma")


def _is_upstream(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if value.startswith("unix:"):
        # A colon would end the path: nginx reads "unix:path:uri".
        path = value.removeprefix("unix:")
        return bool(_SAFE_PATH.fullmatch(path)) and ":" not in path
    host, _, port = value.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_host = _is_address(bare) if bare != host else bool(_HOST_NAME.fullmatch(host))
    return is_host and bool(re.fullmatch(r"[0-9]{1,5}", port)) and 0 < int(port) < 65536


def check_networks(field: str, value: object) -> None:
    if not (isinstance(value, tuple) and all(_is_network(one) for one in value)):
        raise WrongSite(field, value, "a tuple of networks, as in ('10.0.0.0/8', '2001:db8::/32')")


def _is_network(value: object) -> bool:
    try:
        return isinstance(value, str) and "%" not in value and bool(ipaddress.ip_network(value))
    except ValueError:
        return False


def check_proxies(field: str, value: object) -> None:
    """Networks as above, none of them so wide that strangers are in it."""
    check_networks(field, value)
    assert isinstance(value, tuple)
    for one in value:
        network = ipaddress.ip_network(one)
        if network.prefixlen < TRUSTED_PREFIX_MIN[network.version]:
            raise WrongSite(field, one, "networks of proxies; this one holds half the world")


def check_secret(field: str, value: object) -> None:
    # The value itself stays out of the message.
    if not (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_+/=-]{32,88}", value)):
        raise WrongSite(field, "not shown", "32 to 88 of letters, digits, _ + / = and -")


def check_names(field: str, value: object) -> None:
    if not (isinstance(value, tuple) and all(_is_server_name(one) for one in value)):
        raise WrongSite(field, value, "a tuple of names, as in ('example.org', '*.example.org')")


def _is_server_name(value: object) -> bool:
    return isinstance(value, str) and bool(_HOST_NAME.fullmatch(value.removeprefix("*.")))


def check_renamed(field: str, value: object) -> None:
    """SECURITY: they stand in the configuration, and in Location."""
    if not (isinstance(value, tuple) and all(_is_renamed(one) for one in value)):
        raise WrongSite(field, value, "pairs of boards' names, as in (('b', 'random'),)")


def _is_renamed(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(name, str) and _BOARD.fullmatch(name) for name in value)
        and "$" not in value[1]
    )


def check_header(field: str, value: object) -> None:
    if not (isinstance(value, str) and _HEADER.fullmatch(value)):
        raise WrongSite(field, value, "the name of a header, as in 'CF-IPCountry'")


def check_number(low: int, high: int) -> Check:
    def check(field: str, value: object) -> None:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not (is_number and low <= value <= high):  # type: ignore[operator]
            raise WrongSite(field, value, f"a whole number from {low} to {high}")

    return check


def check_bool(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise WrongSite(field, value, "True or False")


def check_instance(kind: type) -> Check:
    """A value of a class that has checked itself."""

    def check(field: str, value: object) -> None:
        if not isinstance(value, kind):
            raise WrongSite(field, value, f"an instance of {kind.__name__}")

    return check


def check_user(field: str, value: object) -> None:
    if not (isinstance(value, str) and _USER.fullmatch(value)):
        raise WrongSite(field, value, "'name' or 'name group'")


check_seconds = check_number(1, 3600)


def or_else(word: str | None, check: Check) -> Check:
    """`check`, except that `word` is right too."""
    return lambda field, value: None if value == word else check(field, value)
