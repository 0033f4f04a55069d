"""What one machine decides about its web server, and the nginx.conf that follows."""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

import jinja2

from imageboard import served_kinds
from imageboard.old_addresses import OLD_ADDRESSES, OLD_FILE, OldAddress, of_renamed
from imageboard.page_policy import NO_CAPTCHA, CaptchaSources, page_policy
from imageboard.words import ENGLISH, Language
from nginx import cloudflare
from nginx import tls as tls_rules
from nginx.binary import USUAL, Abilities
from nginx.checks import (
    Check,
    bracketed,
    check_bool,
    check_header,
    check_host,
    check_instance,
    check_log_to,
    check_names,
    check_networks,
    check_number,
    check_path,
    check_proxies,
    check_renamed,
    check_seconds,
    check_secret,
    check_upstream,
    check_upstreams,
    check_user,
    or_else,
)
from nginx.checks import WrongSite as WrongSite
from nginx.rates import ADDRESSES_OF_NETWORK, HOUSEHOLD, Rates
from nginx.refusals import ALLOWED, NOT_FOUND, REFUSALS, Say, in_quotes, with_style
from nginx.tls import Tls

#: How long nginx keeps an idle connection to the writer, which keeps it for longer.
KEPT_IDLE_S_MAX = 60


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

    server_names: tuple[str, ...] = ()
    """The names this site answers to, as in 'example.org' or '*.example.org'; asked for another,
    it refuses. Empty: every name is this site's."""

    is_asked_by_address: bool = False
    """Whether an address in the place of a name is this site's too, whichever it is."""

    tls: Tls | None = None
    """With it the port above only leads to HTTPS, and answers ACME challenges."""

    metrics_listen: str | None = None
    """`host:port` or `unix:/run/status.sock` for machines that watch this one: /stub_status for the
    Prometheus exporter, /healthz and /readyz of the writer. Never a public address."""

    health_networks: tuple[str, ...] = ("127.0.0.0/8", "::1")
    """Who may ask for /healthz and /readyz at the public address; everybody else gets a 404."""

    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) whose word about the reader's address and scheme counts. Nobody else's."""

    worker_zone: str = ""
    """The zone at Cloudflare whose Worker may hand on posts; another's may only read."""

    country_header: str = ""
    """The header in which a trusted proxy tells the reader's country. '': none does."""

    renamed_boards: tuple[tuple[str, str], ...] = ()
    """Boards that came here under another name: (('b', 'random'),)."""

    origin_secret: str = field(default="", repr=False)
    """What the site's CDN says in X-Origin-Secret: requests without it came past the CDN, and are
    refused, but for those from `health_networks`. '': there is none."""

    body_bytes_max: int = 11 * 2**20
    """A file of 10 MB and the rest of the form around it."""

    limits: bool = True
    """False for load tests: nobody is slowed down or turned away."""

    rates: Rates = HOUSEHOLD

    open_files_max: int = 2000
    """How many files a worker keeps open. 0 for a web root on a network file system, where the
    number of an inode may be given to a new file while the old one is still open here."""

    cdn_fresh_s: int = served_kinds.FRESH_AT_CDN_S
    """How long a CDN may keep a page unasked. It bounds what a lost purge costs: headers.jinja."""

    captcha_sources: CaptchaSources = NO_CAPTCHA
    """From where pages may load the captchas that are switched on."""

    error_log: Path | Literal["stderr"] = "stderr"
    access_log: Path | None = None
    """JSON lines without the reader's address; None writes none."""

    log_to: str | None = None
    """`unix:/run/nginx.sock` or `host:port` where catch-up hears of failures and errors
    (STILLBOARD_NGINX_LOG_LISTEN); a name has to be known when nginx starts."""

    binary: Abilities = USUAL
    """What the nginx that will run this was built with."""

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
        for each in fields(self):
            _CHECKS[each.name](each.name, getattr(self, each.name))

    @property
    def is_default(self) -> bool:
        """Whether this site answers to every name."""
        return not self.server_names

    @property
    def host_patterns(self) -> tuple[str, ...]:
        """For nginx's server_name: the names, and what stands for an address."""
        addresses = ("~^[0-9.]+$", r"~^\[[0-9a-fA-F:.]+\]$") if self.is_asked_by_address else ()
        return (*self.server_names, *addresses) if self.server_names else ("_",)

    @property
    def client_address_header(self) -> str:
        """Where a trusted proxy names the reader.

        SECURITY: at Cloudflare X-Forwarded-For goes on from what the client wrote there, and a
        Worker of anybody's comes from Cloudflare's own networks.
        """
        is_cloudflare = cloudflare.is_among(self.trusted_proxies)
        return "CF-Connecting-IP" if is_cloudflare else "X-Forwarded-For"

    @property
    def country_variable(self) -> str:
        """'CF-IPCountry' -> 'http_cf_ipcountry'."""
        return f"http_{self.country_header.lower().replace('-', '_')}"

    @property
    def curves(self) -> tuple[str, ...]:
        """For the key exchange of TLS, the best first."""
        return (tls_rules.MLKEM_CURVE,) * self.binary.mlkem + tls_rules.CURVES

    @property
    def listen(self) -> str:
        """'127.0.0.1:8080', '[::1]:8080'."""
        return f"{bracketed(self.listen_host)}:{self.listen_port}"


def render(site: NginxSite, *, say: Say = str, language: Language = ENGLISH) -> str:
    """The whole nginx.conf for `site`, to be run as `nginx -c FILE` in the foreground.

    What readers are told is in the `language` in which `say` says it.
    """
    return TEMPLATES.get_template("nginx.conf.jinja").render(
        site=site,
        addresses_of_network=ADDRESSES_OF_NETWORK,
        kept_idle_s_max=KEPT_IDLE_S_MAX,
        kinds=served_kinds,
        old_addresses=[
            _in_nginx(old) for old in (*of_renamed(site.renamed_boards), *OLD_ADDRESSES)
        ],
        old_file=OLD_FILE,
        page_policy=page_policy(site.captcha_sources),
        refusal_policy=with_style(page_policy(site.captcha_sources)),
        allowed=ALLOWED,
        refusals=REFUSALS,
        not_found=NOT_FOUND,
        say=say,
        language=language,
        protocols=tls_rules.PROTOCOLS,
        ciphers=tls_rules.CIPHERS,
    )


def _in_nginx(old: OldAddress) -> tuple[str, str]:
    """The expression and the target, with groups that are variables."""
    return old.whole.replace("(?<", "(?<old_"), re.sub(r"{([a-z]+)}", r"$old_\1", old.target)


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - nginx.conf is not HTML; NginxSite checks what goes in
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


TEMPLATES.filters["bracketed"] = bracketed
TEMPLATES.filters["in_quotes"] = in_quotes

_CHECKS: dict[str, Check] = {
    "web_root": check_path,
    "writer_upstreams": check_upstreams,
    "run_dir": check_path,
    "listen_host": check_host,
    "listen_port": check_number(1, 65535),
    "server_names": check_names,
    "is_asked_by_address": check_bool,
    "tls": or_else(None, check_instance(Tls)),
    "metrics_listen": or_else(None, check_upstream),
    "health_networks": check_networks,
    "trusted_proxies": check_proxies,
    "worker_zone": or_else("", check_host),
    "country_header": or_else("", check_header),
    "renamed_boards": check_renamed,
    "origin_secret": or_else("", check_secret),
    "body_bytes_max": check_number(1, 2**31),
    "limits": check_bool,
    "rates": check_instance(Rates),
    "open_files_max": check_number(0, 4000),
    "cdn_fresh_s": check_number(0, 31_536_000),
    "captcha_sources": check_instance(CaptchaSources),
    "error_log": or_else("stderr", check_path),
    "access_log": or_else(None, check_path),
    "log_to": or_else(None, check_log_to),
    "binary": check_instance(Abilities),
    "worker_processes": or_else("auto", check_number(1, 512)),
    "user": or_else(None, check_user),
    "client_header_timeout_s": check_seconds,
    "client_body_timeout_s": check_seconds,
    "send_timeout_s": check_seconds,
    "writer_timeout_s": check_seconds,
}
