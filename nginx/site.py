"""What one machine decides about its web server, and the nginx.conf that follows."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import jinja2

from nginx.refusals import NOT_FOUND, REFUSALS

# Inside double quotes nginx still expands `$` and reads `\`, so these cannot be quoted away.
_SAFE_PATH = re.compile(r"""/[^\x00-\x1f\x7f"'\\$;{}#]*""")
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}( [A-Za-z_][A-Za-z0-9_-]{0,31})?")


class WrongSite(ValueError):
    """A value that must not reach nginx.conf: says which, and what would be right."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value!r}: expected {expected}")


@dataclass(frozen=True)
class NginxSite:
    """Everything that differs from one board's web server to another's.

    Durations are in seconds, sizes in bytes. Folders must exist; nginx makes the ones it needs
    below `run_dir` itself.

    Raises:
        WrongSite: a value would break the configuration, or smuggle a directive into it.
    """

    web_root: Path
    """The folder of published pages; the only folder that is ever read from."""

    writer_upstreams: tuple[str, ...]
    """Where the writer listens: `unix:/run/writer.sock` or `host:port`, one or more."""

    run_dir: Path
    """A folder of nginx's own: nginx.pid and the bodies that wait for the writer."""

    listen_host: str = "127.0.0.1"
    listen_port: int = 8080

    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed. Nobody else's."""

    body_bytes_max: int = 11 * 2**20
    """A file of 10 MB and the rest of the form around it."""

    limits: bool = True
    """False for load tests: nobody is slowed down or turned away."""

    cdn_fresh_s: int = 60
    """How long a CDN may keep a page unasked. It bounds what a lost purge costs: headers.jinja."""

    error_log: Path | Literal["stderr"] = "stderr"
    access_log: Path | None = None
    """JSON lines without the reader's address; None writes none."""

    worker_processes: int | Literal["auto"] = "auto"
    user: str | None = None
    """Whom the workers run as, 'name' or 'name group'; nginx reads it only when started as root."""

    client_header_timeout_s: int = 10
    client_body_timeout_s: int = 15
    """The longest pause within an upload, not the longest upload."""

    send_timeout_s: int = 30
    writer_timeout_s: int = 60
    """How long the writer may take to answer before the poster is told to look again."""

    def __post_init__(self) -> None:
        """Check every value, since each is pasted into the configuration as it is."""
        for field in fields(self):
            _CHECKS[field.name](field.name, getattr(self, field.name))

    @property
    def listen(self) -> str:
        """'127.0.0.1:8080', '[::1]:8080'."""
        return f"{_bracketed(self.listen_host)}:{self.listen_port}"


def render(site: NginxSite) -> str:
    """The whole nginx.conf for `site`, to be run as `nginx -c FILE` in the foreground."""
    return _TEMPLATES.get_template("nginx.conf.jinja").render(
        site=site, refusals=REFUSALS, not_found=NOT_FOUND
    )


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - nginx.conf is not HTML; NginxSite checks what goes in
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _check_path(field: str, value: object) -> None:
    if not (isinstance(value, Path) and _SAFE_PATH.fullmatch(str(value))):
        raise WrongSite(field, value, "an absolute Path without quotes or any of \\ $ ; { } #")


def _check_host(field: str, value: object) -> None:
    if not (isinstance(value, str) and (_is_address(value) or _HOST_NAME.fullmatch(value))):
        raise WrongSite(field, value, "an address or a host name, as in '127.0.0.1'")


def _is_address(value: str) -> bool:
    try:
        # A zone ("fe80::1%eth0") may hold any character.
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _check_upstreams(field: str, value: object) -> None:
    if not (isinstance(value, tuple) and value and all(_is_upstream(one) for one in value)):
        raise WrongSite(field, value, "a tuple of 'unix:/run/writer.sock' or '127.0.0.1:8000'")


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


def _check_networks(field: str, value: object) -> None:
    if not (isinstance(value, tuple) and all(_is_network(one) for one in value)):
        raise WrongSite(field, value, "a tuple of networks, as in ('10.0.0.0/8', '2001:db8::/32')")


def _is_network(value: object) -> bool:
    try:
        return isinstance(value, str) and "%" not in value and bool(ipaddress.ip_network(value))
    except ValueError:
        return False


def _check_number(low: int, high: int) -> Callable[[str, object], None]:
    def check(field: str, value: object) -> None:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not (is_number and low <= value <= high):  # type: ignore[operator]
            raise WrongSite(field, value, f"a whole number from {low} to {high}")

    return check


def _check_bool(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise WrongSite(field, value, "True or False")


def _check_user(field: str, value: object) -> None:
    if not (isinstance(value, str) and _USER.fullmatch(value)):
        raise WrongSite(field, value, "'name' or 'name group'")


def _or(word: str | None, check: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """`check`, except that `word` is right too."""
    return lambda field, value: None if value == word else check(field, value)


_check_seconds = _check_number(1, 3600)

_CHECKS: dict[str, Callable[[str, object], None]] = {
    "web_root": _check_path,
    "writer_upstreams": _check_upstreams,
    "run_dir": _check_path,
    "listen_host": _check_host,
    "listen_port": _check_number(1, 65535),
    "trusted_proxies": _check_networks,
    "body_bytes_max": _check_number(1, 2**31),
    "limits": _check_bool,
    "cdn_fresh_s": _check_number(0, 31_536_000),
    "error_log": _or("stderr", _check_path),
    "access_log": _or(None, _check_path),
    "worker_processes": _or("auto", _check_number(1, 512)),
    "user": _or(None, _check_user),
    "client_header_timeout_s": _check_seconds,
    "client_body_timeout_s": _check_seconds,
    "send_timeout_s": _check_seconds,
    "writer_timeout_s": _check_seconds,
}
