"""`stillboard nginx`: nginx.conf, for operators who start nginx themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from deploy.nginx_configuration import nginx_configuration
from imageboard.page_policy import CAPTCHA_SOURCES, captcha_sources, named_in
from imageboard.settings import Settings
from imageboard.settings.environment import completed
from imageboard.words import LANGUAGES
from nginx import cloudflare
from nginx.binary import USUAL, Abilities, abilities_of
from nginx.rates import HOUSEHOLD, PERSON
from nginx.site import NginxSite, WrongSite
from nginx.tls import HSTS_S, Tls

_F = TypeVar("_F", bound=Callable[..., Any])
_RATES = {"household": HOUSEHOLD, "person": PERSON}
_EXAMPLE = """Example: ./stillboard nginx --web-root /srv/stillboard/public --run-dir /run/nginx
--writer unix:/run/stillboard-writer.sock --user stillboard --listen 0.0.0.0:80
--tls-listen 0.0.0.0:443 --server-name example.org --acme-root /srv/acme
--tls-certificate /etc/letsencrypt/live/example.org/fullchain.pem
--tls-key /etc/letsencrypt/live/example.org/privkey.pem >/etc/nginx/nginx.conf"""


class Address(click.ParamType[tuple[str, int]]):
    """'0.0.0.0:443' -> ('0.0.0.0', 443); brackets around an IPv6 address."""

    name = "HOST:PORT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """NginxSite checks the host."""
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not host or not port.isascii() or not port.isdigit():
            self.fail(f"{value!r} is not host:port, as in 0.0.0.0:443 or [::]:443", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


def a_path(*names: str, help_text: str, required: bool = False) -> Callable[[_F], _F]:
    """An option that takes a path, which need not exist on this machine."""
    kind = click.Path(path_type=Path, resolve_path=False)
    return click.option(*names, type=kind, metavar="PATH", help=help_text, required=required)


@click.command("nginx", epilog=_EXAMPLE)
@a_path("--web-root", required=True, help_text="The folder of published pages.")
@a_path("--run-dir", required=True, help_text="A folder of nginx's own, for its pid and uploads.")
@click.option(
    "--writer",
    "writers",
    multiple=True,
    required=True,
    metavar="ADDRESS",
    help="Where a writer listens: unix:/run/writer.sock or host:port. Once per writer.",
)
@click.option(
    "--listen", type=Address(), default="127.0.0.1:8080", show_default=True, help="For plain HTTP."
)
@click.option(
    "--tls-listen",
    type=Address(),
    default="0.0.0.0:443",
    show_default=True,
    help="For HTTPS, if there is a certificate; --listen then leads there.",
)
@a_path("--tls-certificate", help_text="With the certificates between it and the root.")
@a_path("--tls-key", help_text="The certificate's key.")
@click.option("--http3/--no-http3", default=None, help="Needs nginx with HTTP/3.  [--nginx knows]")
@click.option(
    "--hsts",
    type=click.IntRange(0),
    default=HSTS_S,
    show_default=True,
    metavar="SECONDS",
    help="How long browsers refuse to come without TLS.",
)
@click.option("--hsts-subdomains/--no-hsts-subdomains", default=True, show_default=True)
@click.option("--hsts-preload", is_flag=True, help="See hstspreload.org before.")
@click.option(
    "--ocsp-resolver",
    metavar="HOST",
    help="Staple OCSP answers, whose responder this name server finds.  [default: none]",
)
@click.option(
    "--public-port", type=int, default=443, show_default=True, help="Readers' HTTPS port."
)
@a_path("--acme-root", help_text="certbot's --webroot-path; answered over plain HTTP.")
@click.option(
    "--server-name",
    "server_names",
    multiple=True,
    metavar="NAME",
    help="What the site is called; another name is refused. Once per name; none, or _, for any.",
)
@click.option(
    "--metrics-listen",
    metavar="ADDRESS",
    help="host:port or unix:/path for /stub_status, /healthz and /readyz; never a public one.",
)
@click.option(
    "--health-networks",
    default="127.0.0.0/8,::1",
    show_default=True,
    metavar="NETWORKS",
    help="Who may ask for /healthz and /readyz at the public address.",
)
@click.option(
    "--trusted-proxies",
    metavar="NETWORKS",
    help="Whose word about the reader's address counts, with commas between.  "
    "[default: $STILLBOARD_TRUSTED_PROXIES]",
)
@click.option("--cloudflare", "behind_cloudflare", is_flag=True, help="Trust Cloudflare as well.")
@click.option(
    "--worker-zone",
    metavar="NAME",
    help="The zone whose Worker may hand on posts.  [default: $STILLBOARD_CDN_WORKER_ZONE]",
)
@click.option(
    "--country-header",
    metavar="NAME",
    help="Where proxies tell a client's country.  [default: $STILLBOARD_COUNTRY_HEADER]",
)
@click.option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    help="Of what nginx itself tells readers.  [default: $STILLBOARD_LANGUAGE, or en]",
)
@click.option(
    "--origin-secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Refuse who lacks the secret in it, which the CDN says in X-Origin-Secret.  "
    "[default: $STILLBOARD_ORIGIN_SECRET, or the file that its _FILE names]",
)
@click.option(
    "--captcha",
    "captchas",
    type=click.Choice(tuple(CAPTCHA_SOURCES)),
    multiple=True,
    help="Let pages load this captcha.  [default: the one whose public key is set]",
)
@click.option(
    "--rates",
    type=click.Choice(tuple(_RATES)),
    default="household",
    show_default=True,
    help="How much one address may post and log in: as a household, or as one person.",
)
@click.option(
    "--open-files",
    "open_files_max",
    type=int,
    default=2000,
    show_default=True,
    help="Files that a worker keeps open; 0 for a web root on a network file system.",
)
@a_path("--access-log", help_text="JSON lines without addresses.  [default: none]")
@click.option(
    "--log-to",
    metavar="ADDRESS",
    help="Where catch-up hears of failures: its STILLBOARD_NGINX_LOG_LISTEN.  [default: nowhere]",
)
@click.option(
    "--user",
    metavar="NAME",
    help="Whom the workers run as, if nginx is started by root: who reaches the writer's socket.",
)
@a_path("--nginx", "binary", help_text="Use what this nginx can, as HTTP/3.")
@click.pass_obj
def nginx_conf(
    environ: dict[str, str],
    /,
    listen: tuple[str, int],
    writers: tuple[str, ...],
    server_names: tuple[str, ...],
    rates: str,
    captchas: tuple[str, ...],
    health_networks: str,
    trusted_proxies: str | None,
    behind_cloudflare: bool,
    worker_zone: str | None,
    country_header: str | None,
    language: str | None,
    origin_secret_file: Path | None,
    binary: Path | None,
    http3: bool | None,
    web_root: Path,
    run_dir: Path,
    metrics_listen: str | None,
    open_files_max: int,
    access_log: Path | None,
    log_to: str | None,
    user: str | None,
    **of_tls: Any,
) -> None:
    """Print nginx.conf for a server where nginx is started by something else than `up`.

    The folders need not be there yet, so it can be written on another machine. Needs nginx 1.25.1
    or newer for TLS. docs/tls.md leads through certificates.
    """
    environ = completed(environ, ["STILLBOARD_ORIGIN_SECRET"])
    if origin_secret_file is not None:
        environ["STILLBOARD_ORIGIN_SECRET"] = origin_secret_file.read_text("utf-8").strip()
    if trusted_proxies is None:
        trusted_proxies = environ.get("STILLBOARD_TRUSTED_PROXIES", "")
    captchas = captchas or named_in(environ)
    code = language or environ.get("STILLBOARD_LANGUAGE", "")
    renamed = environ.get("STILLBOARD_RENAMED_BOARDS", "")
    settings = Settings.read({"STILLBOARD_LANGUAGE": code, "STILLBOARD_RENAMED_BOARDS": renamed})
    try:
        site = NginxSite(
            web_root=web_root,
            run_dir=run_dir,
            writer_upstreams=writers,
            listen_host=listen[0],
            listen_port=listen[1],
            server_names=tuple(name for name in server_names if name != "_"),
            tls=_tls(**of_tls),
            metrics_listen=metrics_listen,
            health_networks=_listed(health_networks),
            trusted_proxies=_listed(trusted_proxies)
            + (cloudflare.ranges() if behind_cloudflare else ()),
            worker_zone=worker_zone or environ.get("STILLBOARD_CDN_WORKER_ZONE", ""),
            country_header=country_header or environ.get("STILLBOARD_COUNTRY_HEADER", ""),
            renamed_boards=settings.renamed_boards,
            origin_secret=environ.get("STILLBOARD_ORIGIN_SECRET", ""),
            captcha_sources=captcha_sources(captchas),
            rates=_RATES[rates],
            open_files_max=open_files_max,
            access_log=access_log,
            log_to=log_to,
            binary=_abilities(binary, http3),
            user=user,
        )
    except WrongSite as ex:
        sys.exit(f"stillboard: {ex}")
    click.echo(nginx_configuration(site, settings.language), nl=False)


def _listed(networks: str) -> tuple[str, ...]:
    """'10.0.0.0/8, ::1' -> ('10.0.0.0/8', '::1')."""
    return tuple(part.strip() for part in networks.split(",") if part.strip())


def _tls(
    *,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_listen: tuple[str, int],
    acme_root: Path | None,
    public_port: int,
    hsts: int,
    hsts_subdomains: bool,
    hsts_preload: bool,
    ocsp_resolver: str | None,
) -> Tls | None:
    """None without a certificate: the options that only TLS needs may be there all the same."""
    if (tls_certificate is None) != (tls_key is None):
        raise click.UsageError("--tls-certificate and --tls-key go together.")
    if tls_certificate is None or tls_key is None:
        return None
    return Tls(
        certificate=tls_certificate,
        key=tls_key,
        listen_host=tls_listen[0],
        listen_port=tls_listen[1],
        acme_root=acme_root,
        public_port=public_port,
        hsts_s=hsts,
        hsts_subdomains=hsts_subdomains,
        hsts_preload=hsts_preload,
        ocsp_resolver=ocsp_resolver,
    )


def _abilities(binary: Path | None, http3: bool | None) -> Abilities:
    try:
        known = abilities_of(binary) if binary else USUAL
    except (OSError, subprocess.CalledProcessError) as ex:
        raise click.UsageError(f"--nginx can't be asked what it can: {ex}") from ex
    return known if http3 is None else replace(known, http3=http3)
