"""Each choice of the documentation starts every program, and its secrets reach those who need them.

What an engine or systemd would give a service is put together here, and Settings are read from it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from deploy.env_file import with_env_file
from deploy.environment import ROOT
from imageboard.settings import Settings
from tests.deploy.containers.compose import Compose, environment, filled
from tests.deploy.containers.kustomization import build, containers, pod_specs
from tests.deploy.containers.test_compose import make_secrets
from tests.tables import for_each

pytestmark = pytest.mark.slow

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
BACKUPS = {"STILLBOARD_BACKUP_RECIPIENTS": RECIPIENT}

#: {choice: (lines of .env, secrets)}, as docs/ has them.
CHOICES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "none": ({}, {}),
    "backups in a folder": (BACKUPS | {"STILLBOARD_BACKUP_TO": "/backups"}, {}),
    "backups in a bucket": (
        BACKUPS
        | {
            "STILLBOARD_BACKUP_TO": "s3://stillboard-backups",
            "STILLBOARD_BACKUP_S3_ENDPOINT_URL": "https://s3.example.org",
        },
        {"STILLBOARD_BACKUP_ACCESS_KEY": "k", "STILLBOARD_BACKUP_SECRET_KEY": "s"},
    ),
    "R2": (
        {"R2_ACCOUNT_ID": "0" * 32, "R2_BUCKET_NAME": "stillboard"},
        {"R2_ACCESS_KEY": "k", "R2_SECRET_KEY": "s"},
    ),
    "another S3": (
        {"S3_ENDPOINT_URL": "https://s3.example.org", "R2_BUCKET_NAME": "stillboard"},
        {"R2_ACCESS_KEY": "k", "R2_SECRET_KEY": "s"},
    ),
    "CDN": (
        {"CDN_ZONE_ID": "0" * 32, "CDN_BASE_URL": "https://files.example.org"},
        {"CDN_API_TOKEN": "t"},
    ),
    "captcha": ({"RECAPTCHA_SITE_KEY": "6Lc"}, {"RECAPTCHA_SECRET_KEY": "6Lc"}),
}
#: Without a file of its own, the secret is in the address that compose is given.
FILES = {"one server": ("compose.yml",), "replicas": ("compose.yml", "compose.ha.yml")}
OF_BACKUPS_ALONE = ("backup_access_key", "backup_secret_key", "backup_database_url")


def is_of_backups(name: str) -> bool:
    return name.startswith("backup")


def check(name: str, settings: Settings) -> None:
    """What each program wants at its start."""
    settings.require("database_url", "redis_url", "address_key", "csrf_key")
    assert settings.environment == "production"
    if is_of_backups(name) and settings.backup_to:
        settings.require("backup_recipients", "backup_database_url")
    if is_of_backups(name) and settings.backup_to.startswith("s3://"):
        settings.require("backup_access_key", "backup_secret_key")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `deploy/make-secrets` makes."""
    folder = tmp_path_factory.mktemp("deploy")
    (folder / "make-secrets").write_bytes((ROOT / "deploy/make-secrets").read_bytes())
    make_secrets(folder)
    return folder


@for_each("files", list(FILES))
@for_each("choice", list(CHOICES))
def test_compose_starts_every_program(server: Path, files: str, choice: str) -> None:
    lines, given = CHOICES[choice]
    compose = Compose.read(*FILES[files])
    for name, secret in given.items():
        (server / "secrets" / _file_of(name)).chmod(0o600)
        (server / "secrets" / _file_of(name)).write_text(secret)
    try:
        for name, service in compose.ours.items():
            told = (lines if service.get("env_file") else {}) | environment(service)
            for setting in [each for each in told if each.endswith("_FILE")]:
                secret = told[setting].removeprefix("/run/secrets/")
                assert secret in service["secrets"], (name, setting)
                told[setting] = str(server / "secrets" / secret)
            if "DB_HOST" in told or "DATABASE_URL" in told:
                settings = Settings.read(told)
                check(name, settings)
                reached = [each for each in OF_BACKUPS_ALONE if getattr(settings, each)]
                assert is_of_backups(name) or not reached, name
    finally:
        for name in given:
            (server / "secrets" / _file_of(name)).write_text("")


def _file_of(setting: str) -> str:
    """'STILLBOARD_BACKUP_ACCESS_KEY' -> 'backup_access_key', as make-secrets calls it."""
    return setting.removeprefix("STILLBOARD_").lower()


@for_each("choice", list(CHOICES))
def test_systemd_starts_every_program(tmp_path: Path, choice: str) -> None:
    """One file has all, which systemd reads as root; what a unit says itself is not lost to it."""
    lines, given = CHOICES[choice]
    key = "a key of 32 bytes, as they are typed"
    servers = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://stillboard:x@127.0.0.1/stillboard",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "STILLBOARD_ADDRESS_KEY": key,
        "CSRF_KEY": key,
        "STILLBOARD_BACKUP_DATABASE_URL": "postgresql://backup:x@127.0.0.1/postgres",
        # What `doctor --production` advises.
        "STILLBOARD_METRICS_LISTEN": "127.0.0.1:9400",
    }
    env_file = tmp_path / "env"
    env_file.write_text("".join(f"{n}={v}\n" for n, v in (servers | lines | given).items()))
    shown = set()
    for unit in sorted((ROOT / "deploy/systemd").glob("stillboard-*.service")):
        if "-nginx" in unit.name:
            continue
        settings = Settings.read(_of_unit(unit, env_file))
        check(unit.name.removeprefix("stillboard-"), settings)
        if "backup" not in unit.name and "migrate" not in unit.name:
            assert settings.metrics_listen not in shown, f"{unit.name} shows nothing"
            shown.add(settings.metrics_listen)


def _of_unit(unit: Path, env_file: Path) -> dict[str, str]:
    """As systemd puts it together: Environment=, then the file, then what `env` says before it."""
    told: dict[str, str] = {}
    confined = unit.parent / "stillboard-.service.d/confined.conf"
    for text in (unit.read_text(), confined.read_text()):
        for line in text.splitlines():
            if line.startswith("Environment="):
                told |= _pairs(line.partition("=")[2])
    told |= with_env_file({}, env_file)
    (start,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    words = start.removeprefix("ExecStart=").replace("%i", "1")
    return told | (_pairs(words.split("/opt/")[0]) if words.startswith("/usr/bin/env ") else {})


def _pairs(words: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(words) if "=" in word]
    return {name: value for name, _, value in pairs}


def test_kubernetes_starts_every_program() -> None:
    """The example has two buckets; the secret of the backups is theirs alone."""
    manifests = build(ROOT / "deploy/k8s/overlays/example")
    (plain,) = [one for one in manifests if one["metadata"]["name"] == "settings"]
    key = "a key of 32 bytes, as they are typed"
    of_the_operator = {
        "stillboard": {
            "DATABASE_URL": "postgresql://stillboard:x@db/stillboard",
            "REDIS_PASSWORD": "x",
            "STILLBOARD_ADDRESS_KEY": key,
            "CSRF_KEY": key,
            "R2_ACCESS_KEY": "k",
            "R2_SECRET_KEY": "s",
        },
        "stillboard-backups": {
            "STILLBOARD_BACKUP_DATABASE_URL": "postgresql://backup:x@db/postgres",
            "STILLBOARD_BACKUP_ACCESS_KEY": "k",
            "STILLBOARD_BACKUP_SECRET_KEY": "s",
        },
    }
    looked_at = set()
    for name, spec in pod_specs(manifests):
        for container in containers(spec):
            secrets = [
                one["secretRef"]["name"]
                for one in container.get("envFrom", ())
                if "secretRef" in one
            ]
            if not secrets:
                continue
            assert is_of_backups(name) == ("stillboard-backups" in secrets), name
            told = dict(plain["data"])
            for secret in secrets:
                told |= of_the_operator[secret]
            told |= {
                one["name"]: filled(str(one["value"]))
                for one in container.get("env", ())
                if "value" in one
            }
            check(name, Settings.read(told))
            looked_at.add(name)
    assert {"writer", "renderer", "catch-up", "publisher", "backup", "backup-wal"} <= looked_at
