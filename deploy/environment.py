"""From a data folder and the caller's environment to the environment that the parts are given.

The caller's settings win over what a data folder provides, so each part can be replaced by a
server of the operator's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.data_folder import DataFolder
from deploy.embedded.service import ServiceFailed
from imageboard.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_DATA = ROOT / "var"
DEFAULT_WEB_ROOT = ROOT / "public"

#: Without these no command knows what it reads.
NEEDED_SECRETS = ("STILLBOARD_ADDRESS_KEY", "STILLBOARD_SECURE_TRIP_SALT", "CSRF_KEY")
SECRETS_OF_THE_BOARD = (*NEEDED_SECRETS, "STILLBOARD_LOG_KEY", "STILLBOARD_PUSH_KEY")


def data_path(given: Path | None, environ: Mapping[str, str]) -> Path:
    """`--data`, else STILLBOARD_DATA, else var/ in the checkout; absolute."""
    from_environ = environ.get("STILLBOARD_DATA")
    return (given or (Path(from_environ) if from_environ else DEFAULT_DATA)).absolute()


def web_root(data: Path, environ: Mapping[str, str]) -> Path:
    """STILLBOARD_WEB_ROOT, else public/: the checkout's for the default folder, else its own."""
    if environ.get("STILLBOARD_WEB_ROOT"):
        return Path(environ["STILLBOARD_WEB_ROOT"]).absolute()
    return DEFAULT_WEB_ROOT if data == DEFAULT_DATA else data / "public"


def of_parts(
    folder: DataFolder, environ: Mapping[str, str], *, keys: Mapping[str, str], limits: bool
) -> dict[str, str]:
    """What the writer and the renderer are started with, but for the servers' URLs."""
    environment = {
        name: keys[name]
        for name in SECRETS_OF_THE_BOARD
        if f"{name}_FILE" not in environ and name in keys
    }
    environment.update(environ)
    environment["STILLBOARD_DATA"] = str(folder.path)
    environment["STILLBOARD_WEB_ROOT"] = str(web_root(folder.path, environ))
    if not limits:
        environment["STILLBOARD_LIMITS"] = "off"
    environment["PYTHONPATH"] = str(ROOT)
    environment["PYTHONUNBUFFERED"] = "1"
    # glibc gives each thread an arena of its own and keeps what was freed in all of them: with
    # two, the writer and the renderer need a third less memory.
    environment["MALLOC_ARENA_MAX"] = "2"
    return environment


def settings_of_board(data: Path | None, environ: Mapping[str, str]) -> Settings:
    """For commands: the settings of the board that is up on `data`, or of the operator's servers.

    Raises:
        ServiceFailed: neither is there.
        BadSetting: a setting is wrong.
    """
    folder = DataFolder(data_path(data, environ))
    run = folder.run() if folder.is_locked() else None
    if run is not None:
        return Settings.read(run.environment | dict(environ) | _places(folder, environ))
    if Settings.read(environ).database_url:
        keys = {} if _has_all_secrets(environ) else folder.keys()
        return Settings.read(of_parts(folder, environ, keys=keys, limits=True))
    if owner := folder.owner_if_closed():
        raise ServiceFailed(
            f"{folder.path} is of the user {owner}: call it as that one, "
            f"runuser -u {owner} -- ./stillboard …"
        )
    raise ServiceFailed(
        f"no board is up on {folder.path}: start it with ./stillboard up, or name another --data. "
        "Of programs that systemd or an engine of containers starts, see docs/operations.md, "
        '"Commands"'
    )


def _has_all_secrets(environ: Mapping[str, str]) -> bool:
    """Whether nothing is wanted of the folder: its keys may be another user's, or not there."""
    return all(environ.get(name) or environ.get(f"{name}_FILE") for name in NEEDED_SECRETS)


def environment_for_run(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the parts' environment that run.json keeps for other commands."""
    names = {row.name for row in Settings.rows()}
    return {name: value for name, value in environment.items() if name in names}


def _places(folder: DataFolder, environ: Mapping[str, str]) -> dict[str, str]:
    return {
        "STILLBOARD_DATA": str(folder.path),
        "STILLBOARD_WEB_ROOT": str(web_root(folder.path, environ)),
    }
