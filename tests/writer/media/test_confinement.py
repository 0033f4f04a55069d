"""A decoder that is taken over gets nothing: neither the writer's secrets, nor files, nor network.

`hijacked.py` plays it, in the process and the place of the real one.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from imageboard.errors import DarkroomUnavailable, FileRefused, ImageboardError, ImageTooLarge
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from imageboard.settings import BoardSettings
from monitoring import metrics
from tests.writer.media import hostile
from tests.writer.media import odd_pictures as odd
from tests.writer.media.conftest import Develop
from tests.writer.media.hijacked import ATTACK
from writer.media import confinement, containers, picture
from writer.media.confinement import LAYERS
from writer.media.darkroom import Darkroom

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
Hijack = Callable[..., ImageboardError]
SECRET = b"the writer's password"


def with_another_program(monkeypatch: pytest.MonkeyPatch, *program: str) -> None:
    """Darkrooms that are made from now on run `program` in the place of their own."""
    start = subprocess.Popen

    def started(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
        own = ["writer.media.process"]
        words = [program if word in own else (word,) for word in arguments]
        return start([word for some in words for word in some], **options)

    monkeypatch.setattr(subprocess, "Popen", started)


@pytest.fixture(scope="module")
def hijacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    limits = MediaLimits(seconds_max=2.0, upload_bytes_max=1024 * 1024)
    room = Darkroom(limits, tmp_path_factory.mktemp("scratch"))
    with pytest.MonkeyPatch.context() as patch:
        with_another_program(patch, "tests.writer.media.hijacked")
        yield room
    room.close()


@pytest.fixture
def hijack(hijacked: Darkroom, tmp_path: Path) -> Hijack:
    """`hijack("read", path)`: what the writer hears of a process that tries to."""

    def _hijack(attack: str, *arguments: Any) -> ImageboardError:
        upload = tmp_path / "upload.jpg"
        order = json.dumps([attack, arguments]).encode()
        upload.write_bytes(hostile.a_jpeg() + ATTACK + order)
        with pytest.raises(ImageboardError) as told:
            hijacked.develop(upload, settings=BoardSettings())
        return told.value

    return _hijack


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A file that anybody may read and write, as far as its mode goes."""
    path = tmp_path / "keys.json"
    path.write_bytes(SECRET)
    path.chmod(0o666)
    tmp_path.chmod(0o777)
    return path


def assert_refused(told: ImageboardError) -> None:
    assert told.sentence.startswith("was refused"), told.sentence


def test_the_stand_in_does_what_it_is_told(hijack: Hijack) -> None:
    """Or all that is below would prove nothing."""
    assert hijack("allocate", 4096).sentence == "got 4096 bytes."


@pytest.mark.parametrize("what", ["environ", "maps", "mem", "cmdline", "root/etc/passwd", "fd/0"])
def test_it_reads_nothing_of_the_writer(hijack: Hijack, what: str) -> None:
    assert_refused(hijack("read", f"/proc/{os.getpid()}/{what}"))


def test_it_reads_no_memory_of_the_writer(hijack: Hijack) -> None:
    address = ctypes.cast(ctypes.c_char_p(SECRET), ctypes.c_void_p).value
    assert_refused(hijack("memory", os.getpid(), address))


def test_it_reads_no_file(hijack: Hijack, keys: Path) -> None:
    for path in (str(keys), "/etc/passwd", "/proc/self/environ", "/dev/null"):
        assert_refused(hijack("read", path))


def test_it_writes_no_file(hijack: Hijack, keys: Path, tmp_path: Path) -> None:
    assert_refused(hijack("write", str(keys)))
    assert_refused(hijack("write", str(tmp_path / "new")))
    assert_refused(hijack("nameless", str(tmp_path)))
    assert_refused(hijack("delete", str(keys)))
    assert keys.read_bytes() == SECRET


@pytest.mark.parametrize("place", [0, 1])
def test_nor_do_its_threads(hijacked: Darkroom, keys: Path, tmp_path: Path, place: int) -> None:
    """Of several files two are read at once; what a process gives up is given up by all of it."""
    for attack in (["read", [str(keys)]], ["call", ["memfd_create", 0, 0]]):
        bodies = [hostile.a_jpeg(), hostile.a_jpeg()]
        bodies[place] += ATTACK + json.dumps(attack).encode()
        paths = [tmp_path / f"upload{number}" for number in range(2)]
        for path, body in zip(paths, bodies, strict=True):
            path.write_bytes(body)
        with pytest.raises(FileRefused) as told:
            hijacked.receive(paths, settings=BoardSettings())
        assert_refused(told.value)


def test_it_learns_of_no_file(hijack: Hijack, keys: Path) -> None:
    assert_refused(hijack("list", str(keys.parent)))
    assert_refused(hijack("stat", str(keys)))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["TCP", "UDP"])
def test_it_reaches_no_network(hijack: Hijack, kind: int) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        assert_refused(hijack("connect", socket.AF_INET, kind, other.getsockname()))


@pytest.mark.parametrize("name", ["a file", "none"])
def test_it_reaches_no_server_of_this_machine(hijack: Hijack, tmp_path: Path, name: str) -> None:
    """PostgreSQL's socket, and the others."""
    where = f"\0{tmp_path}" if name == "none" else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(where)
        other.listen()
        assert_refused(hijack("connect", socket.AF_UNIX, socket.SOCK_STREAM, where))


def test_it_starts_no_program_and_no_process(hijack: Hijack) -> None:
    assert_refused(hijack("execute", "/bin/true"))
    assert_refused(hijack("fork"))
    assert_refused(hijack("program"))


def test_it_signals_nobody(hijack: Hijack) -> None:
    assert_refused(hijack("signal", os.getpid()))
    assert_refused(hijack("call", "tgkill", os.getpid(), os.getpid(), signal.SIGUSR1))


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("ptrace", (16, os.getpid(), 0, 0)),
        ("process_vm_readv", (os.getpid(), 0, 0, 0, 0, 0)),
        ("process_vm_writev", (os.getpid(), 0, 0, 0, 0, 0)),
        ("pidfd_open", (os.getpid(), 0)),
        ("keyctl", (0, -3, 1)),
        ("unshare", (0x10000000,)),
        ("memfd_create", (0, 0)),
        ("userfaultfd", (1,)),
    ],
)
def test_the_kernel_does_it_no_favour(
    hijack: Hijack, call: str, arguments: tuple[int, ...]
) -> None:
    """Of calls that nothing forbids some fail too, by another error than this."""
    assert_refused(hijack("call", call, *arguments))


def test_it_fills_neither_disk_nor_memory(hijack: Hijack, hijacked: Darkroom) -> None:
    assert "got" not in hijack("fill", 64 * 1024 * 1024).sentence
    assert_refused(hijack("allocate", 4 * 1024**3))
    assert list(hijacked.scratch.iterdir()) == []


def test_it_does_not_go_on_for_ever(hijack: Hijack) -> None:
    told = hijack("loop")
    assert isinstance(told, ImageTooLarge)
    assert "too long to read" in told.sentence


def developed(**altered: Any) -> str:
    """What a process of ours may say, and what is wrong with it."""
    digests = {"sha256": "0" * 64, "md5": "0" * 32}
    size = {"frames": 1, "width": 9, "height": 9, "thumb_width": 9, "thumb_height": 9}
    played = {
        "duration_ms": None,
        "has_sound": None,
        "codecs": None,
        "likeness": None,
        "colour": None,
        "dense_extension": None,
    }
    fields = {"kind": "jpeg", "bytes": 9, "thumb_extension": ".jpg"} | digests | size | played
    return json.dumps({"developed": fields | altered}) + "\n"


def test_its_picture_is_not_taken_before_it_is_gone(hijack: Hijack, hijacked: Darkroom) -> None:
    """It could alter it after everybody has looked."""
    assert isinstance(hijack("answer", developed(), "goes on"), ImageTooLarge)
    assert list(hijacked.scratch.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no JSON\n",
        developed() * 2,
        developed(kind="exe"),
        developed(width=-1),
        developed(width="9"),
        developed(bytes=2**63),
        developed(sha256="../../keys"),
        developed(thumb_extension="/../../index.html"),
        developed(another=1),
        developed(likeness=2**63),
        developed(colour=1 << 24),
        developed(dense_extension=".php"),
        developed(colour="red"),
        developed(duration_ms=1000),
        developed(duration_ms=1000, has_sound=True, codecs="VP9;"),
        developed(duration_ms=2**31, has_sound=True, codecs="vp9"),
        '{"refused": "OSError", "message": {}}\n',
        '{"refused": "FileRefused", "message": {"id": "{a.__class__}", "plural": ""}}\n',
        '{"developed": {}, "opened": {}}\n',
        '{"missing": ["everything"], "failed": ""}\n',
        '{"ended": ""}\n',
    ],
)
def test_it_says_nothing_that_ours_could_not_say(
    hijack: Hijack, hijacked: Darkroom, said: str
) -> None:
    started = hijacked.counts["started"]
    told = hijack("answer", said, "ends")
    assert isinstance(told, FileRefused)
    assert told.sentence.startswith("The file could not be read as an image.")
    assert list(hijacked.scratch.iterdir()) == []
    assert hijacked.counts["started"] in (started, 1), "the server is not blamed for it"


def test_it_holds_nothing_but_its_own(hijack: Hijack) -> None:
    """The upload, the three files that it makes, and sockets to those who wait for it."""
    told = hijack("tell").sentence.removeprefix("got ").removesuffix(".")
    files, sockets, environment = json.loads(told)
    assert (files, sockets) == (4, 2)
    assert environment == ["LC_ALL", "MALLOC_ARENA_MAX", "PYTHONPATH"]


def test_a_picture_after_it_is_developed_as_ever(hijacked: Darkroom, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(hostile.a_jpeg())
    made = hijacked.develop(upload, settings=BoardSettings())
    assert made.kind.name == "jpeg"
    made.discard()
    upload.write_bytes(hostile.a_jpeg()[:300])
    with pytest.raises(FileRefused):
        hijacked.develop(upload, settings=BoardSettings())


# --- what it can do all the same ---


def every_way() -> Iterator[tuple[str, bytes]]:
    """Files that are read, turned, mended and coded in different ways."""
    upside = hostile.exif(6)
    turned = {kind: make(exif=upside) for kind, make in hostile.GOOD.items() if kind != "gif"}
    yield from ((f"{kind}, turned", data) for kind, data in turned.items())
    yield from ((f"{kind}, in colours", in_colours(kind)) for kind in hostile.GOOD if kind != "gif")
    yield from ((f"{kind}, moving", hostile.an_animation(kind)) for kind in ("GIF", "PNG", "WEBP"))
    yield "WEBP, moving and turned", hostile.an_animation("WEBP", exif=upside)
    yield from hostile.without_their_end().items()
    yield from ((f"{mode} PNG", hostile.a_png(hostile.scene(300, 300, mode))) for mode in MODES)
    yield "ink", hostile.a_jpeg(hostile.scene(300, 300, "CMYK"), icc_profile=odd.icc(b"CMYK"))
    yield "deep", odd.png(hostile.scene(300, 300), odd.orientation(6), depth=16)
    yield "bright", odd.png(hostile.scene(300, 300), odd.code(9, 16))
    yield "dark", odd.png(hostile.scene(300, 300), odd.gamma(2_300))


MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def in_colours(kind: str) -> bytes:
    profile = odd.icc(b"RGB ", swaps_red_and_blue=True)
    return hostile.GOOD[kind](hostile.scene(300, 300), icc_profile=profile)


def test_confined_or_not_the_same_comes_of_every_picture(develop: Develop) -> None:
    """Nothing that is asked of the kernel late, by Python or a library, is missing."""
    picture.preload()
    for what, data in every_way():
        container = containers.read(data, MediaLimits(), BY_NAME)
        free = picture.develop(container, thumb_px_max=100, is_dense=True)
        made = develop(data, thumb_px_max=100)
        assert made.original.read_bytes() == free.original, what
        assert made.thumbnail is not None, what
        assert made.thumbnail.read_bytes() == free.thumbnail, what
        assert (made.dense and made.dense.read_bytes()) == free.dense, what


# --- where the kernel lacks it ---


@pytest.mark.parametrize("lacking", [["landlock"], ["seccomp"], ["landlock", "seccomp"]], ids=str)
def test_a_machine_without_it_reads_files_all_the_same_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: list[str]
) -> None:
    with_another_program(monkeypatch, "tests.writer.media.unconfinable", ",".join(lacking))
    upload = tmp_path / "upload"
    upload.write_bytes(hostile.a_jpeg())
    with closing(Darkroom(MediaLimits(), tmp_path)) as room, capture_logs() as logs:
        for _ in range(2):
            assert room.develop(upload, settings=BoardSettings()).kind.name == "jpeg"
    warnings = [line["missing"] for line in logs if line["event"] == "darkroom_not_confined"]
    assert warnings == [", ".join(lacking)], "once"
    shown = {layer: metrics.darkroom_confined.labels(layer)._value.get() for layer in LAYERS}
    assert shown == {layer: layer not in lacking for layer in LAYERS}


def test_a_machine_without_it_reads_no_file_where_it_must_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_another_program(monkeypatch, "tests.writer.media.unconfinable", "landlock")
    upload = tmp_path / "upload"
    upload.write_bytes(hostile.a_jpeg())
    with (
        closing(Darkroom(MediaLimits(), tmp_path, must_be_confined=True)) as room,
        pytest.raises(DarkroomUnavailable) as told,
    ):
        room.develop(upload, settings=BoardSettings())
    assert told.value.detail == "not confined: no landlock"


def test_doctor_names_what_a_machine_lacks() -> None:
    assert confinement.missing_here() == frozenset()
    here, confinement_of = sys.executable, "writer.media.confinement"
    command = [here, "-P", "-m", "tests.writer.media.unconfinable", "seccomp", confinement_of]
    said = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True)
    assert json.loads(said.stdout) == ["seccomp"]


def test_the_writer_lets_nobody_read_its_memory() -> None:
    ask = (
        "import ctypes, runpy; runpy.run_path('deploy/gunicorn.py')['on_starting'](None);"
        "print(ctypes.CDLL(None).prctl(3))"  # PR_GET_DUMPABLE
    )
    said = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    assert said.stdout.strip() == b"0"
