"""The processes: what dies, who notices, what is left."""

from __future__ import annotations

import errno
import hashlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from imageboard.errors import (
    DarkroomUnavailable,
    FileRefused,
    FileTooLarge,
    ImageboardError,
    ImageTooLarge,
)
from imageboard.media import MediaLimits
from imageboard.settings import BoardSettings
from tests.deploy.stand_ins import WAIT_S, eventually, is_alive
from tests.writer.media import hostile, odd_pictures
from tests.writer.media.conftest import Develop
from writer.media import darkroom
from writer.media.darkroom import Darkroom, DevelopedImage
from writer.statuses import status_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@pytest.fixture
def make_darkroom(scratch: Path) -> Iterator[Callable[..., Darkroom]]:
    rooms: list[Darkroom] = []

    def make(limits: MediaLimits | None = None, at_once: int = 2) -> Darkroom:
        rooms.append(Darkroom(limits or MediaLimits(), scratch, at_once=at_once))
        return rooms[-1]

    yield make
    for room in rooms:
        room.close()


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "good.jpg"
    path.write_bytes(hostile.a_jpeg())
    return path


class SlowUpload:
    """An upload that arrives when the test says so: a child that reads it waits, for certain."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path

    @contextmanager
    def being_read(self) -> Iterator[int]:
        """Waits until a child has opened the file; gives the end to write to."""
        fd = self._end_to_write_to(deadline=monotonic() + WAIT_S)
        try:
            yield fd
        finally:
            os.close(fd)

    def _end_to_write_to(self, deadline: float) -> int:
        while True:
            try:
                return os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as ex:
                if ex.errno != errno.ENXIO:  # which says that nobody reads it yet
                    raise
                assert monotonic() < deadline, "no child opened the upload"
                sleep(0.002)


@pytest.fixture
def slow_upload(tmp_path: Path) -> SlowUpload:
    return SlowUpload(tmp_path / "fifo")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def start(
    pool: ThreadPoolExecutor, room: Darkroom, path: Path, wait_s: float = WAIT_S
) -> Future[DevelopedImage]:
    return pool.submit(room.develop, path, settings=BoardSettings(), wait_s=wait_s)


def develop(room: Darkroom, path: Path, wait_s: float = WAIT_S) -> DevelopedImage:
    return room.develop(path, settings=BoardSettings(), wait_s=wait_s)


def server_pid(room: Darkroom) -> int:
    assert room._server is not None
    return room._server.pid


def children_of(server: int) -> list[int]:
    return list(map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split()))


def reader_of(path: Path, server: int) -> int:
    """The child of `server` that has `path` open, or is just opening it."""
    readers: list[int] = []

    def reads() -> bool:
        readers[:] = [pid for pid in children_of(server) if str(path) in open_files(pid)]
        return len(readers) == 1

    assert eventually(reads)
    return readers[0]


def spare_of(server: int) -> int:
    """The child that waits for the next file; called when none is at work, waits until it does."""
    spare: list[int] = []

    def waits() -> bool:
        spare[:] = [pid for pid in children_of(server) if state_of(pid) == "S"]
        return len(spare) == 1

    assert eventually(waits)
    return spare[0]


def state_of(pid: int) -> str:
    """'R' for one that runs, 'S' for one that waits; '' when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def open_files(pid: int) -> set[str]:
    """What the process has open; nothing when it just ended."""
    found: set[str] = set()
    with suppress(OSError):
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed by now
                found.add(str(fd.readlink()))
    return found


def wait_until_gone(pid: int) -> None:
    """Returns when the process has ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([fd], [], [], WAIT_S)[0], f"process {pid} still runs"
    os.close(fd)


def wait_until_reader_gone(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, 0)
    assert poll.poll(1000 * WAIT_S), "the child still reads"


# --- what comes out ---


def test_what_is_told_of_a_picture_is_true_of_its_files(develop: Develop) -> None:
    data = hostile.a_png(odd_pictures.grainy_scene(470, 280), exif=hostile.exif())
    made = develop(data)
    original = made.original.read_bytes()
    assert (made.kind.name, made.thumb_extension) == ("png", ".jpg")
    assert (made.width, made.height) == (470, 280)
    assert (made.thumb_width, made.thumb_height, made.frames) == (255, 152, 1)
    assert made.bytes == len(original) < len(data)
    assert made.sha256 == hashlib.sha256(original).digest()
    assert made.md5 == hashlib.md5(original).digest()
    assert made.thumbnail.read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("cut", [b"", b"\0" * 300], ids=["no end", "zeros for an end"])
def test_photo_without_its_end_is_coded_anew_within_confinement(
    develop: Develop, cut: bytes
) -> None:
    """Pillow asks for the current folder when it codes what it has opened."""
    made = develop(hostile.a_jpeg()[:-2] + cut)
    assert made.original.read_bytes().endswith(b"\xff\xd9")


def test_the_upload_is_left_as_it_was(make_darkroom: Callable[..., Darkroom], upload: Path) -> None:
    before = upload.read_bytes()
    upload.chmod(0o400)
    made = develop(make_darkroom(), upload)
    assert upload.read_bytes() == before
    assert not made.original.samefile(upload)


def test_a_refused_or_discarded_picture_leaves_nothing(
    make_darkroom: Callable[..., Darkroom], upload: Path, scratch: Path
) -> None:
    room = make_darkroom()
    develop(room, upload).discard()
    upload.write_bytes(hostile.a_jpeg()[:300])
    with pytest.raises(FileRefused):
        develop(room, upload)
    assert list(scratch.iterdir()) == []
    assert room.counts == {"started": 1, "developed": 1, "refused": 1}


def test_an_upload_that_is_too_large_is_not_even_opened(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    room = make_darkroom(MediaLimits(upload_bytes_max=3 * 1024 * 1024))
    os.truncate(upload, 3 * 1024 * 1024 + 1)
    with pytest.raises(FileTooLarge, match="3 MB at most"):
        develop(room, upload)
    assert room.counts == {}


# --- bad files, through the door ---


@pytest.mark.parametrize(("name", "data"), hostile.not_images().items())
def test_what_is_no_image_is_refused(develop: Develop, name: str, data: bytes) -> None:
    with pytest.raises(FileRefused) as refusal:
        develop(data)
    assert (status_of(refusal.value), refusal.value.field) == (415, "file")


@pytest.mark.parametrize(("what", "data"), hostile.polyglots().items())
def test_polyglots_are_refused(develop: Develop, what: str, data: bytes) -> None:
    with pytest.raises(FileRefused, match="something else than the image"):
        develop(data)


@pytest.mark.parametrize(
    "make",
    [hostile.png_bomb, lambda: hostile.gif_of_frames(10_001), hostile.webp_bomb],
    ids=["png", "gif", "webp"],
)
def test_bombs_are_refused_as_too_large(develop: Develop, make: Callable[[], bytes]) -> None:
    with pytest.raises(ImageTooLarge) as refusal:
        develop(make())
    assert (status_of(refusal.value), refusal.value.field) == (413, "file")


def test_a_bomb_that_tells_the_truth_about_its_size_meets_the_limit_of_memory(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    room = make_darkroom(MediaLimits(memory_bytes_max=200 * 1024 * 1024))
    upload.write_bytes(hostile.png_bomb(5_000, 4_000, bytes_per_px=4))
    with pytest.raises(ImageTooLarge, match="too much memory"):
        develop(room, upload)
    upload.write_bytes(hostile.a_jpeg())
    assert develop(room, upload).kind.name == "jpeg"


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        ({"image_frames_max": 4}, hostile.an_animation("GIF", frames=5)),
        ({"image_side_px_max": 63}, hostile.a_webp()),
        ({"image_side_px_max": 63}, hostile.an_avif(hostile.scene(48, 64))),
        ({"image_pixels_max": 64 * 48 - 1}, hostile.a_jpeg()),
    ],
)
def test_a_board_sets_how_large_its_pictures_may_be(
    develop: Develop, settings: dict[str, int], data: bytes
) -> None:
    with pytest.raises(ImageTooLarge, match=r"is the most|are the most"):
        develop(data, **settings)
    ((name, most),) = settings.items()
    assert develop(data, **{name: most + 1}).bytes <= len(data)


@pytest.mark.parametrize(
    ("what", "make"),
    [
        ("48 megapixels, as a phone takes them", lambda: hostile.flat_jpeg(8064, 6048)),
        ("the same, held upright", lambda: hostile.flat_jpeg(8064, 6048, exif=hostile.exif(6))),
        ("200 megapixels", lambda: hostile.flat_jpeg(16_320, 12_240)),
        ("a screenshot of 48 megapixels", lambda: hostile.png_bomb(6048, 8064, bytes_per_px=3)),
        ("a drawn story", lambda: hostile.png_bomb(800, 30_000, bytes_per_px=3)),
        ("a long one", lambda: hostile.flat_jpeg(700, 65_000)),
        ("501 frames", lambda: hostile.gif_of_frames(501)),
        ("10,000 frames", lambda: hostile.gif_of_frames(10_000)),
    ],
)
def test_what_phones_and_animators_make_is_taken(
    develop: Develop, what: str, make: Callable[[], bytes]
) -> None:
    made = develop(make())
    assert max(made.thumb_width, made.thumb_height) <= 255
    assert made.original.stat().st_size > 0


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif"])
def test_a_picture_that_does_not_fit_into_memory_is_not_called_damaged(
    make_darkroom: Callable[..., Darkroom], upload: Path, kind: str
) -> None:
    """Their decoders say no more than that they failed."""
    room = make_darkroom(MediaLimits(memory_bytes_max=112 * 1024 * 1024))
    options = {"progressive": True} if kind == "jpeg" else {}
    upload.write_bytes(hostile.GOOD[kind](hostile.scene(3000, 2000), **options))
    with pytest.raises(ImageTooLarge, match="megapixels"):
        develop(room, upload)


# --- a child waits ---


def test_a_file_is_developed_by_a_process_that_waited_for_it(
    make_darkroom: Callable[..., Darkroom],
    upload: Path,
    slow_upload: SlowUpload,
    threads: ThreadPoolExecutor,
) -> None:
    room = make_darkroom()
    develop(room, upload)
    spare = spare_of(server_pid(room))
    slow = start(threads, room, slow_upload.path)
    with slow_upload.being_read() as fd:
        assert reader_of(slow_upload.path, server_pid(room)) == spare
        os.write(fd, hostile.a_jpeg())
    assert slow.result().kind.name == "jpeg"
    assert spare_of(server_pid(room)) != spare


def test_a_spare_process_that_was_killed_is_replaced(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    """By a system that ran out of memory."""
    room = make_darkroom()
    develop(room, upload)
    spare = spare_of(server_pid(room))
    os.kill(spare, signal.SIGKILL)
    wait_until_gone(spare)
    assert eventually(lambda: spare_of(server_pid(room)) != spare)
    assert develop(room, upload).kind.name == "jpeg"
    assert room.counts == {"started": 1, "developed": 2}


def test_a_spare_process_that_was_killed_a_moment_ago_costs_nobody_a_picture(
    make_darkroom: Callable[..., Darkroom],
    upload: Path,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server learns of both at once."""
    room = make_darkroom()
    develop(room, upload)
    server, sent, send_fds = server_pid(room), threading.Event(), socket.send_fds

    def send(*arguments: Any) -> int:
        count = send_fds(*arguments)
        sent.set()
        return count

    monkeypatch.setattr(socket, "send_fds", send)
    spare = spare_of(server)
    os.kill(server, signal.SIGSTOP)
    os.kill(spare, signal.SIGKILL)
    assert eventually(lambda: not is_alive(spare))
    picture = start(threads, room, upload)
    assert sent.wait(WAIT_S)
    os.kill(server, signal.SIGCONT)
    assert picture.result().kind.name == "jpeg"
    assert room.counts == {"started": 1, "developed": 2}


# --- a child dies ---


@pytest.mark.parametrize("killer", [signal.SIGSEGV, signal.SIGABRT])
def test_a_picture_that_kills_its_process_is_refused_and_harms_no_other(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    upload: Path,
    scratch: Path,
    threads: ThreadPoolExecutor,
    killer: signal.Signals,
) -> None:
    room = make_darkroom()
    deadly = start(threads, room, slow_upload.path)
    with slow_upload.being_read():
        other = develop(room, upload)
        os.kill(reader_of(slow_upload.path, server_pid(room)), killer)
        with pytest.raises(FileRefused, match="could not be read as an image") as refusal:
            deadly.result()
    assert refusal.value.detail == f"died: signal {killer.value}"
    other.discard()
    assert list(scratch.iterdir()) == []
    assert room.counts == {"started": 1, "developed": 1, "died": 1}


def test_a_picture_for_which_the_kernel_ends_its_process_is_refused_as_too_large(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    scratch: Path,
    threads: ThreadPoolExecutor,
) -> None:
    """It does so when memory runs out, and in no other way."""
    room = make_darkroom()
    deadly = start(threads, room, slow_upload.path)
    with slow_upload.being_read():
        os.kill(reader_of(slow_upload.path, server_pid(room)), signal.SIGKILL)
        with pytest.raises(ImageTooLarge, match="too much memory") as refusal:
            deadly.result()
    assert (status_of(refusal.value), refusal.value.field) == (413, "file")
    assert list(scratch.iterdir()) == []
    assert room.counts == {"started": 1, "out_of_memory": 1}


def test_a_picture_that_takes_too_long_is_refused(
    make_darkroom: Callable[..., Darkroom], slow_upload: SlowUpload, threads: ThreadPoolExecutor
) -> None:
    room = make_darkroom(MediaLimits(seconds_max=0.2))
    # Open for both: on a busy machine the time of a child may be up before it has opened it.
    with slow_upload.path.open("r+b", buffering=0):
        slow = start(threads, room, slow_upload.path)
        with pytest.raises(ImageTooLarge, match="too long to read") as refusal:
            slow.result()
    assert refusal.value.detail == "died: time limit"


def test_time_that_others_take_of_the_processor_is_not_counted(
    make_darkroom: Callable[..., Darkroom], slow_upload: SlowUpload, threads: ThreadPoolExecutor
) -> None:
    """A file is read behind posts and pages: it may have to wait for longer than it takes."""
    limits = MediaLimits(seconds_max=2)
    room = make_darkroom(limits)

    def is_taken() -> bool:
        began = monotonic()
        slow = start(threads, room, slow_upload.path)
        with slow_upload.being_read() as fd, suppress(BrokenPipeError):
            read = monotonic()
            while monotonic() < read + limits.seconds_max + 0.2:
                sleep(0.05)
            os.write(fd, hostile.a_jpeg())
        try:
            return slow.result().kind.name == "jpeg"
        except ImageTooLarge:
            assert monotonic() > began + limits.patience_s, "the machine did not stand still"
            return False

    assert eventually(is_taken)


def test_a_caller_that_gave_up_takes_the_work_with_it(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    upload: Path,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = make_darkroom(at_once=1)
    develop(room, upload).discard()
    now_s, is_read = [0.0], threading.Event()

    def wait_until_read() -> None:
        """However long a busy machine takes to begin, the caller has not given up before."""
        is_read.wait()
        now_s[0] = 0.9

    monkeypatch.setattr(darkroom, "monotonic", lambda: now_s[0])
    slow = threads.submit(
        room.receive,
        [slow_upload.path],
        settings=BoardSettings(),
        wait_s=1.0,
        meanwhile=wait_until_read,
    )
    with slow_upload.being_read() as fd:
        is_read.set()
        with pytest.raises(DarkroomUnavailable):
            slow.result()
        wait_until_reader_gone(fd)
    assert develop(room, upload).kind.name == "jpeg"
    assert room.counts == {"started": 1, "developed": 2, "unavailable": 1}


def test_no_more_than_so_many_are_developed_at_once(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    upload: Path,
    threads: ThreadPoolExecutor,
) -> None:
    room = make_darkroom(at_once=1)
    slow = start(threads, room, slow_upload.path)
    with slow_upload.being_read() as fd:
        with pytest.raises(DarkroomUnavailable):
            develop(room, upload, wait_s=0.2)
        waiting = start(threads, room, upload)
        os.write(fd, hostile.a_jpeg())
    assert slow.result().kind.name == "jpeg"
    assert waiting.result().kind.name == "jpeg"


def test_a_disk_that_takes_no_file_is_not_the_posters_fault(
    make_darkroom: Callable[..., Darkroom], upload: Path, scratch: Path
) -> None:
    room = make_darkroom()
    scratch.rmdir()
    with pytest.raises(DarkroomUnavailable) as refusal:
        develop(room, upload)
    assert "No such file" in str(refusal.value.detail)
    scratch.mkdir()
    assert develop(room, upload).kind.name == "jpeg"
    assert room.counts == {"started": 1, "unavailable": 1, "developed": 1}


# --- the server dies ---


def test_a_dead_server_is_replaced_and_asked_again(
    make_darkroom: Callable[..., Darkroom], slow_upload: SlowUpload, threads: ThreadPoolExecutor
) -> None:
    """The first try fails in the middle of the work; the second succeeds unseen."""
    room = make_darkroom()
    patient = start(threads, room, slow_upload.path)
    with slow_upload.being_read() as fd:
        os.kill(server_pid(room), signal.SIGKILL)
        wait_until_reader_gone(fd)  # the child went with it
    with slow_upload.being_read() as fd:
        os.write(fd, hostile.a_jpeg())
    assert patient.result().kind.name == "jpeg"
    assert room.counts == {"started": 2, "developed": 1}


def test_a_server_that_died_while_idle_is_replaced(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    room = make_darkroom()
    develop(room, upload)
    pid = server_pid(room)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert develop(room, upload).kind.name == "jpeg"
    assert room.counts == {"started": 2, "developed": 2}


def test_a_server_that_dies_twice_is_said_to_be_unavailable(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    upload: Path,
    threads: ThreadPoolExecutor,
) -> None:
    room = make_darkroom()
    unlucky = start(threads, room, slow_upload.path)
    for _ in range(2):
        with slow_upload.being_read() as fd:
            os.kill(server_pid(room), signal.SIGKILL)
            wait_until_reader_gone(fd)
    with pytest.raises(DarkroomUnavailable) as refusal:
        unlucky.result()
    assert status_of(refusal.value) == 503
    assert develop(room, upload).kind.name == "jpeg"
    assert room.counts == {"started": 3, "unavailable": 1, "developed": 1}


def test_many_threads_at_once_all_get_their_own_picture(
    make_darkroom: Callable[..., Darkroom], tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    room = make_darkroom()
    for width in range(10, 30):
        (tmp_path / f"{width}").write_bytes(hostile.a_png(hostile.scene(width, 9)))
    made = {width: start(threads, room, tmp_path / f"{width}") for width in range(10, 30)}
    assert {width: image.result().width for width, image in made.items()} == {
        width: width for width in range(10, 30)
    }
    assert room.counts == {"started": 1, "developed": 20}


# --- the files of a post ---


def put(folder: Path, *bodies: bytes) -> list[Path]:
    paths = [folder / f"sent{number}" for number, _ in enumerate(bodies)]
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    return paths


def receive(room: Darkroom, paths: list[Path]) -> list[str]:
    return [made.kind.name for made in room.receive(paths, settings=BoardSettings(), wait_s=WAIT_S)]


def test_the_files_of_a_post_are_read_by_one_process(
    make_darkroom: Callable[..., Darkroom],
    upload: Path,
    slow_upload: SlowUpload,
    tmp_path: Path,
    threads: ThreadPoolExecutor,
) -> None:
    """A process takes longer to start than a photograph to be read."""
    room = make_darkroom()
    develop(room, upload)
    server = server_pid(room)
    spare = spare_of(server)
    before, after = put(tmp_path, hostile.a_png(), hostile.a_gif())
    several = threads.submit(receive, room, [before, slow_upload.path, after])
    with slow_upload.being_read() as fd:
        assert reader_of(slow_upload.path, server) == spare
        # They are opened one after the other, and the slow one is not the last.
        assert eventually(lambda: open_files(spare) >= {str(before), str(after)})
        assert children_of(server) == [spare]
        os.write(fd, hostile.a_jpeg())
    assert several.result() == ["png", "jpeg", "gif"]
    assert room.counts == {"started": 1, "developed": 4}


def test_the_first_bad_file_of_a_post_is_told_and_none_is_left(
    make_darkroom: Callable[..., Darkroom], tmp_path: Path, scratch: Path
) -> None:
    room = make_darkroom()
    for bad, sentence in ((hostile.SVG, "SVG"), (hostile.a_jpeg()[:300], "damaged")):
        with pytest.raises(FileRefused, match=sentence):
            receive(room, put(tmp_path, hostile.a_png(), bad, hostile.HTML))
        assert list(scratch.iterdir()) == []
    assert room.counts == {"started": 1, "developed": 2, "refused": 2}


def test_one_file_of_a_post_may_need_more_memory_than_the_others(
    make_darkroom: Callable[..., Darkroom], tmp_path: Path
) -> None:
    large = hostile.png_bomb(5_000, 4_000, bytes_per_px=4)
    paths = put(tmp_path, hostile.a_gif(), large, hostile.a_webp())
    assert receive(make_darkroom(), paths) == ["gif", "png", "webp"]


def test_what_one_file_took_of_memory_the_next_may_take_again(
    make_darkroom: Callable[..., Darkroom], tmp_path: Path
) -> None:
    """Of a light process, which they all fit into one by one."""
    limits = MediaLimits(memory_bytes_max=128 * 1024 * 1024)
    large = hostile.png_bomb(2_000, 2_000, bytes_per_px=4)
    assert receive(make_darkroom(limits), put(tmp_path, *[large] * 4)) == ["png"] * 4


def test_a_file_that_kills_its_process_refuses_its_post_and_no_other(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    upload: Path,
    tmp_path: Path,
    scratch: Path,
    threads: ThreadPoolExecutor,
) -> None:
    room = make_darkroom()
    deadly = threads.submit(receive, room, [*put(tmp_path, hostile.a_png()), slow_upload.path])
    with slow_upload.being_read():
        os.kill(reader_of(slow_upload.path, server_pid(room)), signal.SIGSEGV)
        with pytest.raises(FileRefused, match="could not be read as an image"):
            deadly.result()
    assert list(scratch.iterdir()) == []
    assert develop(room, upload).kind.name == "jpeg"


def test_a_server_that_dies_at_the_second_file_is_replaced_and_asked_for_all_again(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    tmp_path: Path,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though the first was answered in full: only the server's own last line ends an exchange."""
    room, is_answered = make_darkroom(), threading.Event()
    monkeypatch.setattr(darkroom, "_write_out", lambda _requests: is_answered.set())
    patient = threads.submit(receive, room, [*put(tmp_path, hostile.a_png()), slow_upload.path])
    with slow_upload.being_read() as fd:
        assert is_answered.wait(WAIT_S)
        os.kill(server_pid(room), signal.SIGKILL)
        wait_until_reader_gone(fd)
    with slow_upload.being_read() as fd:
        os.write(fd, hostile.a_jpeg())
    assert patient.result() == ["png", "jpeg"]
    assert room.counts == {"started": 2, "developed": 2}


def test_several_files_have_the_time_of_several(
    make_darkroom: Callable[..., Darkroom],
    slow_upload: SlowUpload,
    tmp_path: Path,
    threads: ThreadPoolExecutor,
) -> None:
    """As much together as each by itself; in whole seconds."""
    room = make_darkroom(MediaLimits(seconds_max=7.5))
    paths = put(tmp_path, hostile.a_png(), hostile.a_gif())
    for others, seconds in ((0, 8), (2, 23)):
        slow = threads.submit(receive, room, [*paths[:others], slow_upload.path])
        with slow_upload.being_read() as fd:
            reader = reader_of(slow_upload.path, server_pid(room))
            bound = f"Max cpu time {seconds} "
            assert eventually(lambda pid=reader, told=bound: told in limits_of(pid))
            os.write(fd, hostile.a_jpeg())
        assert len(slow.result()) == others + 1


def limits_of(pid: int) -> str:
    """'Max cpu time 8 9 seconds …', blanks as one."""
    try:
        return " ".join(Path(f"/proc/{pid}/limits").read_text().split())
    except OSError:
        return ""


# --- nothing stays behind ---


def test_close_ends_the_server_and_a_later_upload_starts_another(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    room = make_darkroom()
    develop(room, upload)
    pid = server_pid(room)
    spare = spare_of(pid)
    room.close()
    wait_until_gone(pid)
    wait_until_gone(spare)
    assert develop(room, upload).kind.name == "jpeg"


def test_the_server_outlives_the_thread_that_started_it(
    make_darkroom: Callable[..., Darkroom], upload: Path
) -> None:
    room = make_darkroom()
    first = threading.Thread(target=develop, args=(room, upload))
    first.start()
    first.join()
    develop(room, upload)
    assert room.counts["started"] == 1


WRITER = """
import sys
from pathlib import Path
from imageboard.settings import BoardSettings
from imageboard.media import MediaLimits
from writer.media.darkroom import Darkroom

room = Darkroom(MediaLimits(), Path(sys.argv[1]))
room.develop(Path(sys.argv[2]), settings=BoardSettings(), wait_s=float(sys.argv[4]))
print(room._server.pid, flush=True)
room.develop(Path(sys.argv[3]), settings=BoardSettings())
"""


def test_a_killed_writer_leaves_no_server_and_no_child(
    scratch: Path, upload: Path, slow_upload: SlowUpload
) -> None:
    paths = [str(path) for path in (scratch, upload, slow_upload.path)]
    arguments = [sys.executable, "-c", WRITER, *paths, str(WAIT_S)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        server = int(writer.stdout.readline())
        with slow_upload.being_read() as fd:
            writer.kill()
            wait_until_gone(server)
            wait_until_reader_gone(fd)


def test_the_server_knows_no_secret_and_no_file_of_the_writer(
    make_darkroom: Callable[..., Darkroom],
    upload: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://board:secret@db/board")
    room = make_darkroom()
    with (tmp_path / "open").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        develop(room, upload)
        environment = Path(f"/proc/{server_pid(room)}/environ").read_bytes()
        files = open_files(server_pid(room))
        assert str(tmp_path / "open") in open_files(os.getpid())
    assert b"secret" not in environment
    assert files
    assert str(tmp_path / "open") not in files


def test_a_process_that_reads_a_file_has_given_up_its_rights(
    make_darkroom: Callable[..., Darkroom], slow_upload: SlowUpload, threads: ThreadPoolExecutor
) -> None:
    room = make_darkroom()
    slow = start(threads, room, slow_upload.path)
    with slow_upload.being_read() as fd:
        reader = Path(f"/proc/{reader_of(slow_upload.path, server_pid(room))}")

        def told(name: str) -> list[str]:
            lines = (line.split() for line in (reader / "status").read_text().splitlines())
            return next(words for head, *words in lines if head == f"{name}:")

        assert eventually(lambda: told("Seccomp") == ["2"])  # by a filter
        assert told("NoNewPrivs") == ["1"]
        assert int(told("CapEff")[0], 16) == int(told("CapPrm")[0], 16) == 0
        assert "0" not in told("Uid") + told("Gid"), "root, when started by root"
        assert (reader / "oom_score_adj").read_text().strip() == "1000"
        assert os.sched_getscheduler(int(reader.name)) == os.SCHED_BATCH
        assert os.getpriority(os.PRIO_PROCESS, int(reader.name)) > os.getpriority(
            os.PRIO_PROCESS, 0
        )
        os.write(fd, hostile.a_jpeg())
    assert slow.result().kind.name == "jpeg"


def test_errors_are_the_boards_own(develop: Develop) -> None:
    """What the writer turns into an answer: every refusal has a sentence and a field."""
    for data in (*hostile.not_images().values(), hostile.webp_bomb()):
        with pytest.raises(ImageboardError) as refusal:
            develop(data)
        assert refusal.value.sentence.endswith(".")
        assert refusal.value.field == "file"
