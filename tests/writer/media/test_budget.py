"""What the writer may take of memory is what its processes can take, wherever it is shipped to."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from imageboard.settings import Settings
from tests.deploy.stand_ins import eventually
from tests.tables import for_each
from tests.writer.media import hostile
from writer.media import budget

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024
WORKERS = Settings.read({}).writer_workers


def of_systemd() -> str:
    unit = (ROOT / "deploy/systemd/stillboard-writer.service").read_text()
    return re.findall(r"^MemoryMax=(.+)$", unit, re.MULTILINE)[0]


def of_compose() -> str:
    services = yaml.safe_load((ROOT / "deploy/compose.yml").read_text())["services"]
    return services["writer"]["deploy"]["resources"]["limits"]["memory"]


def of_kubernetes() -> str:
    deployment, _ = yaml.safe_load_all((ROOT / "deploy/k8s/base/writer.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container["resources"]["limits"]["memory"]


@for_each("limit", [of_systemd, of_compose, of_kubernetes])
def test_shipped_limit_is_what_they_take_at_most(limit: object) -> None:
    whole = budget.allotment(WORKERS, None).bytes_max(WORKERS)
    shipped = int(re.sub("Mi?$", "", limit())) * MIB
    assert whole <= shipped <= whole + 256 * MIB
    assert budget.allotment(WORKERS, shipped) == budget.allotment(WORKERS, None)


def test_unit_goes_on_when_one_of_its_processes_is_ended_for_memory() -> None:
    assert "OOMPolicy=continue" in (ROOT / "deploy/systemd/stillboard-writer.service").read_text()


@for_each(
    ("workers", "limit_mib"),
    [(workers, mib) for workers in (1, 2, 4, 16) for mib in (512, 768, 1024, 4096, 32768)],
)
def test_what_is_allotted_fits_or_is_the_least_that_works(workers: int, limit_mib: int) -> None:
    allotted = budget.allotment(workers, limit_mib * MIB)
    least = budget.Allotment(at_once=1, heavy_bytes=budget.LIGHT_BYTES)
    assert allotted.bytes_max(workers) <= limit_mib * MIB or allotted == least


@for_each(
    ("membership", "files", "limit"),
    [
        ("0::/board/writer", {"board/memory.max": "700", "board/writer/memory.max": "max"}, 700),
        ("0::/board/writer", {"board/memory.max": "700", "board/writer/memory.max": "600"}, 600),
        ("0::/../..", {"memory.max": "500"}, 1024_000),
        ("4:memory:/board\n0::/", {"memory/board/memory.limit_in_bytes": "400"}, 400),
        ("4:memory:/not/seen/here", {"memory/memory.limit_in_bytes": "300"}, 300),
        ("0::/", {}, 1024_000),
    ],
)
def test_limit_is_the_least_of_the_machine_and_the_groups(
    tmp_path_factory: pytest.TempPathFactory, membership: str, files: dict[str, str], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("kernel")
    told = {"proc/self/cgroup": f"{membership}\n", "proc/meminfo": "MemTotal:  1000 kB\n"}
    for name, text in (told | {f"groups/{name}": text for name, text in files.items()}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert budget.limit_here(folder / "proc", folder / "groups") == limit


# --- within a real limit ---


class Group:
    """A control group of the kernel's, of the first or second version, with a limit of memory."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        path.mkdir()
        self.path = path
        self._is_second = (path / "memory.max").exists()
        name = "memory.max" if self._is_second else "memory.limit_in_bytes"
        (path / name).write_text(str(limit_bytes))

    def enter(self) -> None:
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def is_removed(self) -> bool:
        """False: a process that nobody waits for has not ended yet."""
        try:
            self.path.rmdir()
        except OSError as ex:
            if ex.errno != errno.EBUSY:
                raise
            return False
        return True

    def killed(self) -> int:
        """How often the kernel ended a process in it."""
        events = "memory.events" if self._is_second else "memory.oom_control"
        told = dict(line.split() for line in (self.path / events).read_text().splitlines())
        return int(told["oom_kill"])


def own_group() -> Path | None:
    """Where a group with a limit of memory can be made below ours; None: nowhere."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        root = Path("/sys/fs/cgroup")
        if "memory" in controllers.split(","):
            return Path(f"{root}/memory{path}")
        enabled = Path(f"{root}{path}/cgroup.subtree_control")
        if not controllers and enabled.exists() and "memory" in enabled.read_text().split():
            return Path(f"{root}{path}")
    return None


@pytest.fixture
def small_group() -> Iterator[Group]:
    """Of 512 MiB, as the writer was given before its pictures were counted."""
    above = own_group()
    if above is None or not os.access(above, os.W_OK):
        pytest.skip("this machine lets us make no control group")
    group = Group(above / f"stillboard-test-{uuid4().hex}", 512 * MIB)
    yield group
    assert eventually(group.is_removed)


#: A worker: as many pictures at once as it may, then one that any board takes.
WORKER = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from imageboard.errors import ImageTooLarge
from imageboard.media import MediaLimits
from imageboard.settings import BoardSettings
from writer.media import budget
from writer.media.darkroom import Darkroom

scratch, *uploads = map(Path, sys.argv[1:])
allotted = budget.allotment(2, budget.limit_here())
limits = replace(MediaLimits(), memory_bytes_max=allotted.heavy_bytes)
room = Darkroom(limits, scratch, at_once=allotted.at_once)

def told(upload):
    try:
        return room.develop(upload, settings=BoardSettings(), wait_s=180).kind.name
    except ImageTooLarge as ex:
        return ex.sentence

with ThreadPoolExecutor(4) as threads:
    print(json.dumps(list(threads.map(told, uploads))))
room.close()
"""


@pytest.mark.slow
def test_small_file_of_a_large_picture_has_nobody_killed(
    small_group: Group, tmp_path: Path
) -> None:
    """Its pixels take 600 MB. It is refused before, by each of two workers."""
    bomb, photo, scratch = tmp_path / "bomb", tmp_path / "photo", tmp_path / "scratch"
    bomb.write_bytes(hostile.a_webp(hostile.scene(1, 1).resize((5500, 5500)), lossless=True))
    assert bomb.stat().st_size < 10_000
    photo.write_bytes(hostile.flat_jpeg(4000, 3000))
    scratch.mkdir()
    uploads = [bomb, photo, bomb, photo, bomb]
    command = [sys.executable, "-c", WORKER, str(scratch), *map(str, uploads)]
    workers = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            preexec_fn=small_group.enter,
        )
        for _ in range(2)
    ]
    for worker in workers:
        out, _ = worker.communicate()
        first, second, *_ = told = json.loads(out)
        assert told == [first, second, first, second, first]
        assert "megapixels" in first
        assert second == "jpeg"
    assert small_group.killed() == 0
