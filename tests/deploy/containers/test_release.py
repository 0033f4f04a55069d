"""deploy/release goes to an image and back.

docker is played by a script that notes what it is told: there is no engine here.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.environment import ROOT

OLD = "ghcr.io/example/stillboard@sha256:" + "a" * 64
NEW = "ghcr.io/example/stillboard@sha256:" + "b" * 64
NEW_OPERATIONS = "ghcr.io/example/stillboard-operations@sha256:" + "c" * 64

#: Notes each call with the image that .env names then; fails where a call matches $FAIL, as long as
#: the new image is the one.
_DOCKER = f"""#!/bin/sh
echo "$(sed -n 's/^STILLBOARD_IMAGE=.*sha256:\\(.\\).*/\\1/p' .env) $*" >>calls
case "$*" in
    *"config --services"*) printf '%s\\n' postgres writer renderer catch-up nginx nginx-conf ;;
esac
if [ -n "$FAIL" ] && echo "$*" | grep -q "$FAIL" && grep -q {NEW} .env; then exit 1; fi
"""


class Server:
    """A checkout on a server, and what docker was told there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "deploy").mkdir()
        (folder / "bin").mkdir()
        (folder / "deploy/release").write_bytes((ROOT / "deploy/release").read_bytes())
        (folder / "bin/docker").write_text(_DOCKER)
        (folder / "bin/docker").chmod(0o755)
        (folder / ".env").write_text(f"LOG_LEVEL=INFO\nSTILLBOARD_IMAGE={OLD}\n")

    def release(self, *images: str, fail: str = "", asked: str = "") -> int:
        done = subprocess.run(
            ["sh", str(self.folder / "deploy/release"), *images],
            env={
                "PATH": f"{self.folder}/bin:/usr/bin:/bin",
                "FAIL": fail,
                "SSH_ORIGINAL_COMMAND": asked,
            },
            capture_output=True,
            check=False,
        )
        return done.returncode

    @property
    def calls(self) -> list[str]:
        """'b compose up … writer': the image's digit, and what docker was told."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def env(self) -> str:
        return (self.folder / ".env").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def replaced(server: Server, image: str) -> list[str]:
    """The programs that were started with an image, in order."""
    return [
        call.split()[-1] for call in server.calls if call.startswith(f"{image} compose up --detach")
    ]


def test_the_tables_come_first_then_each_program_then_a_look(server: Server) -> None:
    assert server.release(NEW, NEW_OPERATIONS) == 0
    migrated = next(i for i, call in enumerate(server.calls) if call.endswith("migrate"))
    started = next(i for i, call in enumerate(server.calls) if call.endswith(" writer"))
    assert migrated < started
    assert replaced(server, "b") == ["writer", "renderer", "catch-up"]
    assert server.calls[-1].endswith("deploy.health_probe http://127.0.0.1:8000/readyz")
    assert f"STILLBOARD_IMAGE={NEW}\n" in server.env
    assert f"STILLBOARD_OPERATIONS_IMAGE={NEW_OPERATIONS}\n" in server.env
    assert "LOG_LEVEL=INFO\n" in server.env


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["migrate", "wait-timeout 90 renderer", "health_probe"])
def test_what_does_not_get_well_goes_back_to_the_image_before(server: Server, fault: str) -> None:
    assert server.release(NEW, NEW_OPERATIONS, fail=fault) == 1
    assert f"STILLBOARD_IMAGE={OLD}\n" in server.env
    assert NEW not in server.env
    assert replaced(server, "a") == ["writer", "renderer", "catch-up"]
    assert not [call for call in server.calls if call.startswith("a") and "migrate" in call]


def test_an_image_that_can_not_be_fetched_changes_nothing(server: Server) -> None:
    (server.folder / "bin/docker").write_text("#!/bin/sh\nexit 1\n")
    before = server.env
    assert server.release(NEW, NEW_OPERATIONS) != 0
    assert server.env == before


@pytest.mark.parametrize(
    "images",
    [
        (),
        (NEW,),
        (NEW, "ghcr.io/example/stillboard-operations:latest"),
        (NEW + "0", NEW_OPERATIONS),
        (NEW, "x; reboot@sha256:" + "c" * 64),
        (NEW + "\n" + NEW, NEW_OPERATIONS),
    ],
)
def test_anything_but_two_digests_is_a_wrong_call(server: Server, images: tuple[str, ...]) -> None:
    assert server.release(*images) == 2
    assert server.calls == []


def test_over_ssh_it_does_nothing_but_release(server: Server) -> None:
    assert server.release(asked=f"release {NEW} {NEW_OPERATIONS}") == 0
    assert server.release(asked="sh -c reboot") == 2
    assert server.release(asked=f"release $(reboot) {NEW}") == 2
    assert server.release(asked=f"release * {NEW}") == 2
