"""A second nginx that keeps copies of the first one's answers: the CDN's twin in the tests.

It keeps an answer for as long as CDN-Cache-Control says (RFC 9213), hands an old one out while it
asks for the new one (stale-while-revalidate) and while the first nginx is down (stale-if-error),
folds concurrent misses into one, and is purged by URL with EdgeTwinPurger.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, cast

import jinja2

from nginx.checks import (
    Check,
    bracketed,
    check_host,
    check_number,
    check_path,
    check_seconds,
    check_upstream,
    check_user,
    or_else,
)
from nginx.site import TEMPLATES


@dataclass(frozen=True)
class NginxEdge:
    """Everything that differs from one edge to another. Durations in seconds, sizes in bytes.

    Raises:
        WrongSite: a value would break the configuration, or smuggle a directive into it.
    """

    origin: str
    """Where the first nginx listens: `unix:/run/nginx.sock` or `host:port`. It has to trust this
    machine (NginxSite.trusted_proxies), or all readers look like one to it."""

    run_dir: Path
    """A folder of this nginx's own; the copies are kept in its `cache`. An nginx that was killed
    leaves `translator.sock` there, which whoever starts the next one has to remove."""

    listen_host: str = "127.0.0.1"
    listen_port: int = 8081
    cache_bytes_max: int = 2**30

    unread_s_max: int = 86_400
    """What nobody has asked for that long is dropped, fresh or not."""

    body_bytes_max: int = 11 * 2**20
    origin_timeout_s: int = 60
    error_log: Path | Literal["stderr"] = "stderr"
    worker_processes: int | Literal["auto"] = "auto"
    user: str | None = None

    def __post_init__(self) -> None:
        """Check every value, since each is pasted into the configuration as it is."""
        for field in fields(self):
            _CHECKS[field.name](field.name, getattr(self, field.name))

    @property
    def listen(self) -> str:
        """'127.0.0.1:8081', '[::1]:8081'."""
        return f"{bracketed(self.listen_host)}:{self.listen_port}"

    @property
    def cache_dir(self) -> Path:
        """What EdgeTwinPurger removes files from."""
        return self.run_dir / "cache"


def render(edge: NginxEdge) -> str:
    """The whole nginx.conf for `edge`, to be run as `nginx -c FILE` in the foreground."""
    return _TEMPLATES.get_template("edge.conf.jinja").render(edge=edge)


#: The edge negotiates encodings as the board does, by the same template.
_TEMPLATES = TEMPLATES.overlay(
    loader=jinja2.ChoiceLoader(
        [jinja2.FileSystemLoader(Path(__file__).parent), cast(jinja2.BaseLoader, TEMPLATES.loader)]
    )
)

_CHECKS: dict[str, Check] = {
    "origin": check_upstream,
    "run_dir": check_path,
    "listen_host": check_host,
    "listen_port": check_number(1, 65535),
    "cache_bytes_max": check_number(2**20, 2**50),
    "unread_s_max": check_number(1, 31_536_000),
    "body_bytes_max": check_number(1, 2**31),
    "origin_timeout_s": check_seconds,
    "error_log": or_else("stderr", check_path),
    "worker_processes": or_else("auto", check_number(1, 512)),
    "user": or_else(None, check_user),
}
