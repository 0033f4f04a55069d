"""The story of `./stillboard reload`: a board that is up comes to the version in the checkout.

Runs as the new version, beside an `up` that is still the one of before: so what only the new
version knows, its migrations and its nginx.conf, is brought here. Programs are replaced by the
`up` whose children they are.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from deploy import environment as environments
from deploy.data_folder import DataFolder, Renewed, Rollout, Run
from deploy.embedded.nginx import Nginx
from deploy.embedded.service import ServiceFailed
from deploy.founding import prepare_database
from deploy.own_site import WRITER_SOCKET, is_ok, own_url, site_of
from deploy.supervisor import RENEW_SIGNAL
from imageboard.settings import Settings

#: `up` bounds the time of each part; this only ends the wait for one that hangs.
ROLLOUT_WAIT_S_MAX = 900.0
LOOK_EVERY_S = 0.1


def reload(data: Path, environ: Mapping[str, str], tell: Callable[[Renewed], None]) -> None:
    """Bring the tables, then each program, to this version; `tell` hears of each when it is.

    Raises:
        ServiceFailed: no board is up, or a part did not come up: it and those after it go on as
            they were.
        ImageboardError: the tables could not be brought forward; nothing else was touched.
    """
    folder = DataFolder(data)
    with _alone(folder):
        run = _running(folder)
        settings = environments.settings_of_board(data, environ)
        tell(_timed("tables", lambda: _bring_tables_forward(folder, settings)))
        tell(_timed("nginx.conf", lambda: _renew_nginx_conf(folder, settings, run)))
        for renewed in _roll_out(folder, run):
            if renewed.fault:
                raise ServiceFailed(
                    f"{renewed.name} stays as it was, and what comes after it: {renewed.fault}"
                )
            tell(renewed)
    if not is_ok(own_url(*_address(run)), "readyz"):
        raise ServiceFailed("all is renewed, but the board is not ready: ./stillboard doctor")


@contextmanager
def _alone(folder: DataFolder) -> Iterator[None]:
    if not folder.path.is_dir():
        raise _not_up(folder)
    with (folder.path / "reload.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceFailed("another reload is at work") from None
        yield


def _running(folder: DataFolder) -> Run:
    run = folder.run() if folder.is_locked() else None
    if run is None:
        raise _not_up(folder)
    if run.rollout is None:
        raise ServiceFailed(
            f"the `up` of process {run.pid} is of a version that can't reload: stop it, start it"
        )
    return run


def _not_up(folder: DataFolder) -> ServiceFailed:
    return ServiceFailed(
        f"no board is up on {folder.path}: start it with ./stillboard up, or name another --data"
    )


def _bring_tables_forward(folder: DataFolder, settings: Settings) -> None:
    prepare_database(
        settings, keep=lambda login: folder.keep_first_login(login.name, login.password)
    )


def _renew_nginx_conf(folder: DataFolder, settings: Settings, run: Run) -> None:
    host, port = _address(run)
    writer = Path(run.socket_dir) / WRITER_SOCKET
    Nginx(site_of(settings, folder, writer, host=host, port=port)).renew_configuration()


def _address(run: Run) -> tuple[str, int]:
    """'http://[::1]:8080/' -> ('::1', 8080)."""
    parts = urlsplit(run.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _roll_out(folder: DataFolder, run: Run) -> Iterator[Renewed]:
    """Ask `up` for it; each part when it is renewed, or is not."""
    assert run.rollout is not None
    os.kill(run.pid, RENEW_SIGNAL)
    deadline = time.monotonic() + ROLLOUT_WAIT_S_MAX
    told = 0
    while True:
        rollout = _rollout_of(folder)
        if rollout.number > run.rollout.number:
            yield from rollout.renewed[told:]
            told = len(rollout.renewed)
            if rollout.is_over:
                return
        if time.monotonic() > deadline:
            raise ServiceFailed(f"process {run.pid} does not come to an end with it; see its log")
        time.sleep(LOOK_EVERY_S)


def _rollout_of(folder: DataFolder) -> Rollout:
    run = folder.run() if folder.is_locked() else None
    if run is None or run.rollout is None:
        raise ServiceFailed("the board went down meanwhile; ./stillboard up starts it")
    return run.rollout


def _timed(name: str, step: Callable[[], None]) -> Renewed:
    began = time.monotonic()
    step()
    return Renewed(name, time.monotonic() - began)
