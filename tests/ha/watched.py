"""Valkey servers that sentinels watch, and the sentinels, with the configuration of deploy/ha/."""

from __future__ import annotations

import socket
from pathlib import Path
from string import Template

from deploy.embedded.service import Service
from deploy.embedded.valkey import quoted, says_pong
from deploy.embedded.wheels import valkey_binary
from deploy.environment import ROOT

HA = ROOT / "deploy/ha"

#: Put behind what deploy/ha/ says: of two lines the last one counts.
OF_THIS_MACHINE = """
bind 127.0.0.1
port {port}
dir "{folder}"
"""


class _Watched(Service):
    """A server on 127.0.0.1 that writes what it learns into its own configuration."""

    def __init__(
        self, name: str, folder: Path, *, port: int, password: str, log: Path | None = None
    ) -> None:
        super().__init__(name, log)
        self.folder = folder.absolute() / name
        self.port = port
        self.password = password
        self.configuration = self.folder / "valkey.conf"

    def ready(self) -> bool:
        """Whether it answers."""
        return says_pong(socket.AF_INET, ("127.0.0.1", self.port), self.password)

    def _write_once(self, template: str, more: str = "", **blanks: object) -> None:
        """The second start finds what the first has learned."""
        if self.configuration.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = Template((HA / template).read_text(encoding="utf-8")).substitute(
            VALKEY_PASSWORD=self.password, **blanks
        )
        text += OF_THIS_MACHINE.format(port=self.port, folder=quoted(self.folder)) + more
        self.configuration.touch(mode=0o600)
        self.configuration.write_text(text, encoding="utf-8")


class WatchedValkey(_Watched):
    """A primary, or a replica of the server on port `follows`: until the sentinels decide anew."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        port: int,
        password: str,
        follows: int | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__(name, folder, port=port, password=password, log=log)
        self._follows = follows

    def prepare(self) -> None:
        """Its configuration, the first time."""
        role = f"replicaof 127.0.0.1 {self._follows}\n" if self._follows else ""
        self._write_once("valkey.conf", role)

    def command(self) -> list[str]:
        """In the foreground, which is Valkey's default."""
        return [str(valkey_binary()), str(self.configuration)]


class Sentinel(_Watched):
    """One of three; `primary_port` is where the primary is when all begins."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        port: int,
        password: str,
        primary_port: int,
        log: Path | None = None,
    ) -> None:
        super().__init__(name, folder, port=port, password=password, log=log)
        self._primary_port = primary_port

    def prepare(self) -> None:
        """Its configuration, the first time."""
        self._write_once(
            "sentinel.conf",
            VALKEY_PRIMARY_HOST="127.0.0.1",
            VALKEY_PRIMARY_PORT=self._primary_port,
        )

    def command(self) -> list[str]:
        """The server's own program, in another role."""
        return [str(valkey_binary()), str(self.configuration), "--sentinel"]
