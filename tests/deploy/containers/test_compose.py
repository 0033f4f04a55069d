"""The compose files hold together: what they name is there, and nobody is given more than it needs.

No container engine is at hand, so these are the mistakes that `docker compose up` would show.
"""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.environment import ROOT
from imageboard.settings import Settings
from tests.deploy.containers import programs
from tests.deploy.containers.compose import (
    FOLDER,
    Compose,
    environment,
    filled,
    mounts,
    words,
)

FILES = {"compose.yml": ("compose.yml",), "compose.ha.yml": ("compose.yml", "compose.ha.yml")}
#: Made on the server: `deploy/make-secrets` makes the folders.
FILLED_BY_THE_OPERATOR = {"certificates", "acme", "secrets"}


@pytest.fixture(params=FILES)
def compose(request: pytest.FixtureRequest) -> Compose:
    return Compose.read(*FILES[request.param])


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `deploy/make-secrets` makes on a new server."""
    folder = tmp_path_factory.mktemp("deploy")
    (folder / "make-secrets").write_bytes((FOLDER / "make-secrets").read_bytes())
    make_secrets(folder)
    return folder / "secrets"


def make_secrets(folder: Path) -> str:
    """What the script says."""
    done = subprocess.run(
        ["sh", str(folder / "make-secrets")], check=True, capture_output=True, text=True
    )
    return done.stdout


def settings_names() -> set[str]:
    return {row.name for row in Settings.rows()}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_file_is_what_compose_understands(name: str, tmp_path: Path) -> None:
    # A tag of compose's own is not YAML's: the schema is asked about the rest.
    text = (FOLDER / name).read_text().replace(" !override", "")
    (tmp_path / name).write_text(text)
    check = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [sys.executable, *check, name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- Each service ---


def test_every_service_is_restarted_watched_and_kept_small(compose: Compose) -> None:
    for name, service in compose.services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory"} <= limits.keys(), name
        if name in compose.jobs:
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"].get("disable") or service["healthcheck"]["test"], name


def test_who_is_waited_for_can_be_asked_and_who_can_not_is_asked_by_prometheus(
    compose: Compose,
) -> None:
    """Images hold ever less: from some their health can't be told from within."""
    text = (ROOT / "monitoring/prometheus.yml").read_text()
    mute = {n for n, one in compose.services.items() if one.get("healthcheck", {}).get("disable")}
    assert {"loki", "nginx-exporter"} <= mute
    for name in mute:
        assert f'targets: ["{name}:' in text, name
    for name, service in compose.services.items():
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or other not in mute, (name, other)


def test_no_service_can_gain_rights_or_change_its_program(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name
        assert "cap_add" not in service, name


def test_every_image_has_a_version(compose: Compose) -> None:
    for name, service in compose.services.items():
        image = filled(service["image"])
        if "build" not in service:
            assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$", image), name


# --- What they name ---


def test_everything_that_is_mounted_is_there(compose: Compose) -> None:
    for name, service in compose.services.items():
        for source, _target in mounts(service):
            if source.startswith("/"):
                assert source == "/var/run/docker.sock", name
            elif source.startswith("."):
                place = (FOLDER / source).resolve()
                assert place.exists() or place.name in FILLED_BY_THE_OPERATOR, (name, source)
            else:
                assert source in compose.document["volumes"], (name, source)


def test_every_volume_network_and_secret_is_used_and_declared(compose: Compose) -> None:
    used: dict[str, set[str]] = {"volumes": set(), "networks": set(), "secrets": set()}
    for service in compose.services.values():
        used["volumes"] |= {source for source, _ in mounts(service) if source[0] not in "./"}
        used["networks"] |= set(service.get("networks", ()))
        used["secrets"] |= set(service.get("secrets", ()))
    for kind, names in used.items():
        assert names == set(compose.document[kind]), kind


def test_every_secret_is_made_by_the_script_for_it(compose: Compose, secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    for secret in compose.document["secrets"].values():
        path = secrets / Path(secret["file"]).relative_to("secrets")
        # Whoever is let into the folder may read it: users have other numbers in containers.
        assert path.stat().st_mode & 0o777 == 0o444


def test_a_second_call_of_the_script_changes_no_secret(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert make_secrets(secrets.parent) == ""
    assert before == {path.name: path.read_text() for path in secrets.iterdir()}
    made = [text for name, text in before.items() if name.endswith(("_password", "_key"))]
    assert len(set(filter(None, map(str.strip, made)))) >= 8, "no two are the same"


def test_a_secret_is_read_only_from_a_file_that_the_service_has(compose: Compose) -> None:
    secret_names = {row.name for row in Settings.rows() if row.is_secret}
    secret_names |= {"DB_PASSWORD", "REDIS_PASSWORD"}
    for name, service in compose.services.items():
        given = environment(service)
        assert not secret_names & given.keys(), f"{name}: give it as a file"
        text = " ".join([*given.values(), *words(service.get("command"))])
        for secret in re.findall(r"/run/secrets/(\w+)", text):
            assert secret in service["secrets"], (name, secret)


def test_every_setting_that_is_given_exists(compose: Compose) -> None:
    known = settings_names() | programs.OTHER_NAMES
    for name, service in compose.ours.items():
        given = {setting.removesuffix("_FILE") for setting in environment(service)}
        assert given <= known, name


def test_the_programs_start_with_the_settings_that_they_are_given(
    compose: Compose, secrets: Path
) -> None:
    """With every secret there and nothing in .env: no setting is refused, none is missing."""
    for name, service in compose.ours.items():
        given = environment(service)
        if "DB_HOST" not in given and "DATABASE_URL" not in given:
            continue
        for setting in [name for name in given if name.endswith("_FILE")]:
            path = given[setting]
            assert path.startswith("/run/secrets/")
            given[setting] = str(secrets / Path(path).name)
        settings = Settings.read(given)
        settings.require("database_url", "redis_url", "address_key", "csrf_key")
        assert settings.environment == "production", name


def test_every_command_is_one_that_the_image_has(compose: Compose) -> None:
    for service in compose.ours.values():
        for command in (words(service.get("command")), _health_words(service)):
            programs.check(command)


def _health_words(service: dict[str, Any]) -> list[str]:
    match service.get("healthcheck", {}).get("test", []):
        case ["CMD-SHELL", line]:
            return words(line)
        case ["CMD", *command]:
            return command
    return []


def test_every_address_that_a_service_is_told_leads_to_one_it_shares_a_network_with(
    compose: Compose,
) -> None:
    place = re.compile(r"(?:^|[/=,@])([a-z][a-z0-9-]*):(\d{2,5})\b")
    services = compose.services
    for name, service in services.items():
        texts = [*environment(service).values(), *words(service.get("command"))]
        for host, port in (found for text in texts for found in place.findall(text)):
            assert host in services, (name, host)
            assert port in services[host]["expose"], (name, host, port)
            assert set(services[host]["networks"]) & set(service["networks"]), (name, host)


def test_the_web_server_is_told_of_each_writer_by_the_address_that_it_has(compose: Compose) -> None:
    told = {
        word.removeprefix("--writer=")
        for word in words(compose.services["nginx-conf"]["command"])
        if word.startswith("--writer=")
    }
    front = {
        f"{filled(service['networks']['front']['ipv4_address'])}:{environment(service)['PORT']}"
        for name, service in compose.services.items()
        if name.startswith("writer")
    }
    assert told == front
    assert len(told) == (2 if "writer-b" in compose.services else 1)


def test_prometheus_shares_a_network_with_each_part_that_it_asks(compose: Compose) -> None:
    text = (ROOT / "monitoring/prometheus.yml").read_text()
    asked = dict(re.findall(r"names: \[([a-z-]+)\], type: A, port: (\d+)", text))
    asked |= dict(re.findall(r'targets: \["([a-z][a-z-]+):(\d+)"\]', text))
    assert {"writer", "renderer", "publisher", "catch-up", "postgres-exporter"} <= asked.keys()
    for name, port in asked.items():
        service = compose.services[name]
        assert port in service["expose"], name
        assert "metrics" in service["networks"], name


# --- Who reaches whom ---


def test_the_web_server_reaches_no_server_and_the_servers_reach_nobody_outside(
    compose: Compose,
) -> None:
    networks = compose.document["networks"]
    assert networks["back"]["internal"] is networks["metrics"]["internal"] is True
    assert "back" not in compose.services["nginx"]["networks"]
    for name in compose.services:
        if name.startswith(("postgres", "valkey", "sentinel")) and "exporter" not in name:
            assert list(compose.services[name]["networks"]) == ["back"], name


def test_only_nginx_is_published_and_grafana_on_this_machine_alone(compose: Compose) -> None:
    published = {
        name: [filled(port) for port in service["ports"]]
        for name, service in compose.services.items()
        if "ports" in service
    }
    assert published == {
        "nginx": ["80:8080", "443:8443"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_the_writer_trusts_the_network_that_nginx_speaks_from(compose: Compose) -> None:
    subnet = filled(compose.document["networks"]["front"]["ipam"]["config"][0]["subnet"])
    assert ipaddress.ip_network(subnet).is_private
    for name, service in compose.services.items():
        if name.startswith("writer"):
            assert environment(service)["STILLBOARD_TRUSTED_PROXIES"] == subnet, name


def test_the_web_server_sees_the_pages_and_no_uploads(compose: Compose) -> None:
    (pages,) = [
        volume
        for volume in compose.services["nginx"]["volumes"]
        if isinstance(volume, dict) and volume["source"] == "board"
    ]
    assert pages["read_only"] is True
    assert pages["volume"] == {"subpath": "public"}
    (place,) = [
        word for word in words(compose.services["nginx-conf"]["command"]) if "web-root" in word
    ]
    assert place == f"--web-root={pages['target']}"


# --- .env.example ---


def names_in_example() -> dict[str, bool]:
    """{name: whether its line is on}"""
    found = re.findall(
        r"^(# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE
    )
    return {name: not off for off, name in found}


def test_every_name_of_the_example_exists(compose: Compose) -> None:
    assert names_in_example().keys() <= settings_names() | compose.variables() | {
        "COMPOSE_FILE",
        "COMPOSE_PROFILES",
    }


def test_every_secret_and_every_variable_is_in_the_example(compose: Compose) -> None:
    secret = {row.name for row in Settings.rows() if row.is_secret}
    assert secret | compose.variables() <= names_in_example().keys()


def test_the_example_is_a_board_in_production_once_its_secrets_are_there() -> None:
    example = dict(
        re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    settings = Settings.read(example)
    assert settings.environment == "production"
    assert settings.limits
    secret = {row.name for row in Settings.rows() if row.is_secret}
    assert not secret & example.keys(), "a secret's line is off, so that none is made of an example"
