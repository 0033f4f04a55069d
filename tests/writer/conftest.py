"""What all tests of the writer leave out, and the application that most of them send forms to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from falcon import testing

from deploy.embedded.valkey import Valkey
from imageboard.media import MediaLimits
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.app import create_app, parts_with
from writer.captchas import altcha
from writer.media.darkroom import Darkroom
from writer.search import Places


@pytest.fixture(scope="session")
def shared_darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    darkroom = Darkroom(MediaLimits(), tmp_path_factory.mktemp("scratch"))
    yield darkroom
    darkroom.close()


@pytest.fixture
def one_fork_server(shared_darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever darkroom the test makes asks the shared one's fork server.

    PERF: its start takes 0.3 s of CPU, which each test that sends a file would pay.
    """
    running, forget = shared_darkroom._running_server, shared_darkroom._forget
    monkeypatch.setattr(Darkroom, "_running_server", lambda _self: running())
    monkeypatch.setattr(Darkroom, "_forget", lambda _self, server: forget(server))


@pytest.fixture
def environment(database_url: str, valkey_server: Valkey, tmp_path: Path) -> dict[str, str]:
    """The settings that every writer needs."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_server.url,
        "STILLBOARD_DATA": str(tmp_path),
        "STILLBOARD_ADDRESS_KEY": "k" * 32,
        "CSRF_KEY": "c" * 32,
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return Settings.read(environment | {"STILLBOARD_OWN_POST_WAIT_MS": "50"})


@pytest.fixture
def client(
    settings: Settings, database: Database, queue: redis.Redis, one_fork_server: None
) -> Iterator[testing.TestClient]:
    """PERF: on the test's own connection. Another would have to learn every plan anew."""
    parts = parts_with(settings, database, Places(database))
    yield testing.TestClient(create_app(parts))
    parts.darkroom.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are found at once."""
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)
