"""What one machine decides about its web server, and the nginx.conf that follows."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import jinja2

from nginx.checks import (
    Check,
    check_bool,
    check_host,
    check_networks,
    check_number,
    check_path,
    check_seconds,
    check_upstreams,
    check_user,
    or_else,
)
from nginx.checks import WrongSite as WrongSite
from nginx.refusals import NOT_FOUND, REFUSALS


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
        return f"{bracketed(self.listen_host)}:{self.listen_port}"


def render(site: NginxSite) -> str:
    """The whole nginx.conf for `site`, to be run as `nginx -c FILE` in the foreground."""
    return TEMPLATES.get_template("nginx.conf.jinja").render(
        site=site, refusals=REFUSALS, not_found=NOT_FOUND
    )


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - nginx.conf is not HTML; NginxSite checks what goes in
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def bracketed(host: str) -> str:
    """'::1' -> '[::1]'; a name or an IPv4 address stays as it is."""
    return f"[{host}]" if ":" in host else host


_CHECKS: dict[str, Check] = {
    "web_root": check_path,
    "writer_upstreams": check_upstreams,
    "run_dir": check_path,
    "listen_host": check_host,
    "listen_port": check_number(1, 65535),
    "trusted_proxies": check_networks,
    "body_bytes_max": check_number(1, 2**31),
    "limits": check_bool,
    "cdn_fresh_s": check_number(0, 31_536_000),
    "error_log": or_else("stderr", check_path),
    "access_log": or_else(None, check_path),
    "worker_processes": or_else("auto", check_number(1, 512)),
    "user": or_else(None, check_user),
    "client_header_timeout_s": check_seconds,
    "client_body_timeout_s": check_seconds,
    "send_timeout_s": check_seconds,
    "writer_timeout_s": check_seconds,
}
