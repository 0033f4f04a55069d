"""The door to the darkroom: hand in uploads, get back pictures that may be served.

Files of a slow kind pass it twice: the writer has them opened, the developer has them developed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from imageboard.errors import (
    DarkroomUnavailable,
    FileRefused,
    ImageTooLarge,
    PostRefused,
    said_again,
)
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME, MediaKind
from imageboard.settings import BoardSettings
from imageboard.words import N_
from monitoring import metrics
from monitoring.logs import get_logger
from writer.media import budget, confinement
from writer.media.exchange import (
    ANSWERS_BYTES_MAX,
    DIGESTS,
    FILES_AT_ONCE_MAX,
    HEAVY,
    HEAVY_WITH,
    KILLED,
    LIGHT,
    LINE_BYTES_MAX,
    REFUSALS,
    TIME_LIMIT,
    TOO_MUCH_MEMORY,
    VERDICT,
    BadAnswer,
    Request,
    answers_of,
)

log = get_logger(__name__)

#: The raw bytes of a hash, not its hexadecimal digits.
Digest = bytes

_ROOT = Path(__file__).parents[2]
#: For each file, behind others, on a busy machine; a little later than the darkroom's own verdict.
WAIT_S_MAX = MediaLimits().patience_s + 2.0
_DIED = "died: "
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class DevelopedImage:
    """A picture ready to be served. The caller moves its files away, or calls `discard`."""

    kind: MediaKind
    #: Upright, without metadata, nothing behind the image.
    original: Path
    #: None of a kind that has none, and so are its ending and its size.
    thumbnail: Path | None
    #: '.jpg', '.png' or '.webp'; that of the picture where it is its own thumbnail.
    thumb_extension: str | None
    #: 0 × 0 of what has no size.
    width: int
    height: int
    thumb_width: int | None
    thumb_height: int | None
    frames: int
    #: Of `original`, as are `sha256` and `md5`.
    bytes: int
    sha256: Digest
    md5: Digest
    #: Of what is played; None, all three: it is not.
    duration_ms: int | None
    has_sound: bool | None
    #: 'vp9, opus'.
    codecs: str | None
    #: What it looks like, in 64 bits; None: it shows nothing.
    likeness: int | None
    #: 0xrrggbb on average; None: it shows nothing, or the page shines through it.
    colour: int | None
    #: A second thumbnail, for dense screens; None, and so is its ending: it has none.
    dense: Path | None
    dense_extension: str | None

    @property
    def parts(self) -> tuple[Path | None, ...]:
        """In the order of `Part`."""
        return self.original, self.thumbnail, self.dense

    def discard(self) -> None:
        """Removes its files: the post they belonged to was not stored."""
        for path in filter(None, self.parts):
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An upload of a slow kind, and nothing else: it may wait for the developer as it was sent."""

    kind: MediaKind
    bytes: int
    sha256: Digest
    md5: Digest


class Darkroom:
    """Develops uploads in processes that may die, one for the files of a post; safe to call from
    many threads.

    One fork server (`writer.media.process`) belongs to each Darkroom. It is started by the
    first upload, and again whenever it is found dead. `scratch` must be on the file system where
    the pictures go and belong to this board alone; what a crash leaves in it may be deleted
    while no writer runs.

    With `shares_memory` one process at a time takes more than a light one's memory (a heavy one, or
    a film's player), among all darkrooms of this `scratch` (`budget.py`).

    `counts` holds since the start: developed, opened, refused, died (a child, by any other cause
    than out_of_memory), unavailable, started (the server).
    """

    def __init__(
        self,
        limits: MediaLimits,
        scratch: Path,
        *,
        at_once: int = 2,
        must_be_confined: bool = False,
        shares_memory: bool = True,
    ) -> None:
        self.limits = limits
        self.scratch = scratch.resolve()
        self.at_once = at_once
        self.must_be_confined = must_be_confined
        self.shares_memory = shares_memory
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._is_abandoned = False
        self._was_told = False

    def develop(
        self, upload: Path, *, settings: BoardSettings, wait_s: float = WAIT_S_MAX
    ) -> DevelopedImage:
        """Cleans `upload` and makes its thumbnail, as the board's settings have it.

        The upload itself is not modified. A dead server is replaced and asked once more. Whatever
        its kind: of a slow one `wait_s` is to be longer, and so are the limits' `seconds_max`.

        Raises:
            FileRefused: not an accepted image, damaged, or something else hides in it.
            FileTooLarge, ImageTooLarge: beyond `limits` or those of the board.
            DarkroomUnavailable: no answer within `wait_s`, the server died twice, or the disk
                is full.
        """
        (image,) = self._worked_on([upload], settings, wait_s, is_waited_for=False)
        assert isinstance(image, DevelopedImage)
        return image

    def receive(
        self,
        uploads: Sequence[Path],
        *,
        settings: BoardSettings,
        wait_s: float = WAIT_S_MAX,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[DevelopedImage | OpenedFile]:
        """The same with the files of a post (FILES_AT_ONCE_MAX at most) while its poster waits: one
        of a slow kind is opened and looked at, no more.

        `meanwhile` is called once or more while another process is at work.

        Raises what `develop` raises, of the first file that can't be had: then there is none.
        """
        return self._worked_on(uploads, settings, wait_s, is_waited_for=True, meanwhile=meanwhile)

    def _worked_on(
        self,
        uploads: Sequence[Path],
        settings: BoardSettings,
        wait_s: float,
        *,
        is_waited_for: bool,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[DevelopedImage | OpenedFile]:
        assert len(uploads) <= FILES_AT_ONCE_MAX
        for upload in uploads:
            self.limits.check_bytes(upload.stat().st_size)
        requests = [
            self._request(upload, settings, is_waited_for=is_waited_for) for upload in uploads
        ]
        try:
            answers = self._answered(requests, monotonic() + wait_s * len(requests), meanwhile)
            # The last of fewer answers is one that raises.
            made = [self._read(*pair) for pair in zip(answers, requests, strict=False)]
        except BaseException:
            _forget_files(requests)
            raise
        for each, request in zip(made, requests, strict=True):
            if isinstance(each, OpenedFile):
                _forget_files([request])
                continue
            if each.thumbnail is None:
                Path(request["thumbnail"]).unlink()
            if each.dense is None:
                Path(request["dense"]).unlink()
        return made

    def _request(self, upload: Path, settings: BoardSettings, *, is_waited_for: bool) -> Request:
        name_here = secrets.token_hex(12)
        return Request(
            upload=str(upload.resolve()),
            original=str(self.scratch / f"{name_here}.original"),
            thumbnail=str(self.scratch / f"{name_here}.thumbnail"),
            dense=str(self.scratch / f"{name_here}.dense"),
            thumb_px_max=settings.thumb_px_max,
            thumbs_in_webp=settings.thumbs_in_webp,
            thumbs_move=settings.thumb_animated,
            thumbs_dense=settings.thumb_dense,
            limits=asdict(self.limits.of_board(settings)),
            kinds=[kind.name for kind in settings.kinds],
            is_waited_for=is_waited_for,
            must_be_confined=self.must_be_confined,
            is_light=budget.light_bytes(self.limits) < self.limits.memory_bytes_max,
            library=None,
        )

    def close(self) -> None:
        """Ends the server and its children. A later `develop` starts another."""
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def abandon(self) -> None:
        """Ends what is at work and takes no more: whoever waits is told DarkroomUnavailable.

        A signal's handler may call it.
        """
        self._is_abandoned = True
        server = self._server  # without the lock, which the thread that we interrupt may hold
        if server is not None:
            server.kill()

    def _answered(
        self, requests: Sequence[Request], deadline: float, meanwhile: Callable[[], None]
    ) -> list[dict[str, Any]]:
        """Of each file; or fewer, of which the last says why."""
        answers = self._ask(requests, deadline, LIGHT, meanwhile)
        for place, answer in enumerate(answers):
            if "outgrown" in answer:
                answers[place] = self._answered_by_a_heavy_one(requests[place], deadline)
            elif "needs" in answer:
                answers[place] = self._answered_by_a_heavy_one(
                    requests[place], deadline, answer["needs"]
                )
        return answers

    def _answered_by_a_heavy_one(
        self, request: Request, deadline: float, library: str | None = None
    ) -> dict[str, Any]:
        _forget_files([request])
        again: Request = {**request, "is_light": False, "library": library}
        sort = HEAVY if library is None else HEAVY_WITH[library]
        with self._room_for_a_heavy_one(deadline):
            (answer,) = self._ask([again], deadline, sort)
        return answer

    @contextmanager
    def _room_for_a_heavy_one(self, deadline: float) -> Iterator[None]:
        """Until the block ends, and so the process: its last word comes when it is gone.

        Raises DarkroomUnavailable: others had it until `deadline`.
        """
        lock = os.open(self.scratch, os.O_RDONLY)
        try:
            while self.shares_memory and not _is_locked_now(lock):
                if monotonic() > deadline:
                    self._count("unavailable")
                    raise DarkroomUnavailable(part="darkroom", detail="others take the memory")
                sleep(_LOOK_EVERY_S)
            yield
        finally:
            os.close(lock)

    def _ask(
        self,
        requests: Sequence[Request],
        deadline: float,
        sort: bytes,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[dict[str, Any]]:
        """`sort` of process: LIGHT, HEAVY or one of HEAVY_WITH."""
        count = len(requests)
        line = json.dumps(requests).encode() + b"\n"
        for _ in range(2):
            if self._is_abandoned:
                break
            server = self._running_server()
            try:
                said = server.ask(
                    line,
                    deadline,
                    sort + bytes([count]),
                    meanwhile,
                    heard=lambda lines: _write_out(requests[lines - 1 : lines]),
                )
                return answers_of(said, count)
            except BadAnswer:
                return [{"died": "bad answer"}]
            except _ServerDied:
                self._forget(server)
                _forget_files(requests)  # of the process that went with it
            except TimeoutError:
                break
        self._count("unavailable")
        raise DarkroomUnavailable(part="darkroom", detail="no answer")

    def _running_server(self) -> _Server:
        with self._lock:
            # A writer that was forked from this one must not share its server.
            if self._server is None or self._server.owner != os.getpid():
                self._server = _Server(self.limits, self.at_once)
                self.counts["started"] += 1
            return self._server

    def _forget(self, server: _Server) -> None:
        with self._lock:
            if self._server is server:  # else another thread was first
                self._server = None
                server.stop()

    def _read(self, answer: dict[str, Any], request: Request) -> DevelopedImage | OpenedFile:
        self._tell_of_missing(answer.pop("missing", []))
        if "failed" in answer:
            self._count("unavailable")
            raise DarkroomUnavailable(part="darkroom", detail=answer["failed"])
        if "broken" in answer:
            log.error("darkroom_broken", fault=answer["broken"])
        if "broken" in answer or "died" in answer:
            cause = answer.get("died", "broken")
            self._count("out_of_memory" if cause == KILLED else "died")
            raise _refusal_of_dead(cause)
        if "refused" in answer:
            self._count("refused")
            raise said_again(REFUSALS[answer["refused"]], answer["message"])
        how, fields = answer.popitem()
        self._count(how)
        fields["kind"] = BY_NAME[fields["kind"]]
        for digest in DIGESTS & fields.keys():
            fields[digest] = bytes.fromhex(fields[digest])
        if how == "opened":
            return OpenedFile(**fields)
        return DevelopedImage(
            original=Path(request["original"]),
            thumbnail=Path(request["thumbnail"]) if fields["thumb_extension"] else None,
            dense=Path(request["dense"]) if fields["dense_extension"] else None,
            **fields,
        )

    def _tell_of_missing(self, layers: list[str]) -> None:
        """Once, by a log line and the metric: what this machine lacks of the confinement."""
        if self._was_told:
            return
        self._was_told = True
        for layer in confinement.LAYERS:
            metrics.darkroom_confined.labels(layer).set(layer not in layers)
        if layers:
            log.warning("darkroom_not_confined", missing=", ".join(layers))

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1
        metrics.darkroom_pictures.labels(what).inc()


def _forget_files(requests: Sequence[Request]) -> None:
    for request in requests:
        Path(request["original"]).unlink(missing_ok=True)
        Path(request["thumbnail"]).unlink(missing_ok=True)
        Path(request["dense"]).unlink(missing_ok=True)


def _write_out(requests: Sequence[Request]) -> None:
    """Flush what was made of these files, whatever is to be said of them yet.

    PERF: the store would wait for it later; now the process is at work on the next file, or ends.
    """
    for request in requests:
        for path in (request["original"], request["thumbnail"], request["dense"]):
            with suppress(OSError):
                fd = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)


def has_died(refusal: PostRefused) -> bool:
    """Whether the process that read the file died, and so nobody found fault with it.

    Not at its time limit: another try would take as long.
    """
    detail = str(getattr(refusal, "detail", ""))
    return detail.startswith(_DIED) and detail != f"{_DIED}{TIME_LIMIT}"


def _refusal_of_dead(cause: str) -> FileRefused | ImageTooLarge:
    """What the poster is told when the process that read the file died of `cause`."""
    if cause == TIME_LIMIT:
        too_long = N_("The image takes too long to read. Send a smaller one.")
        return ImageTooLarge(too_long, detail=f"{_DIED}{cause}")
    if cause == KILLED:
        return ImageTooLarge(TOO_MUCH_MEMORY, detail=f"{_DIED}{cause}")
    return FileRefused(
        N_("The file could not be read as an image. Open it, save it again and send the new file."),
        detail=f"{_DIED}{cause}",
    )


class _ServerDied(Exception):
    """The server ended before it answered."""


class _Server:
    """The writer's end of one fork server."""

    def __init__(self, limits: MediaLimits, at_once: int) -> None:
        self.owner = os.getpid()
        self._control, theirs = socket.socketpair()
        self._sending = threading.Lock()
        arguments = [str(theirs.fileno()), str(at_once), json.dumps(asdict(limits))]
        # SECURITY: a new program with an empty environment and no open file of the writer's. A
        # decoder that is taken over finds no database password and no connection.
        # No PR_SET_PDEATHSIG here: it fires when the *thread* that forked ends. The control
        # socket is enough, the kernel closes it however the writer dies.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "writer.media.process", *arguments],
            env={"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            cwd="/",
        )
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(
        self,
        requests: bytes,
        deadline: float,
        sort: bytes,
        meanwhile: Callable[[], None],
        heard: Callable[[int], None],
    ) -> bytes:
        """The lines that answer `requests`, the server's own as the last. `sort` says of what sort
        of process, and for how many files; `meanwhile` is called once they are under way, `heard`
        is told how many lines there are by now.

        Raises _ServerDied, or TimeoutError at `deadline` (of `monotonic()`).
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                ours.sendall(requests)
                with self._sending:
                    self._control.settimeout(_left(deadline))
                    socket.send_fds(self._control, [sort], [theirs.fileno()])
                theirs.close()  # or the end of file would never come
                meanwhile()
                return _lines(ours, deadline, heard)
            except TimeoutError:
                raise
            except OSError as ex:  # its end is closed, or another thread has closed ours
                raise _ServerDied from ex

    def kill(self) -> None:
        """Its children die with it. `stop` is still to be called."""
        self._process.kill()

    def stop(self) -> None:
        with self._sending:
            self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _lines(connection: socket.socket, deadline: float, heard: Callable[[int], None]) -> bytes:
    """All that is said until the server hangs up, once the process that read the file is gone.

    SECURITY: not before. One that was taken over could answer, and alter its picture afterwards.
    """
    said = b""
    while len(said) <= ANSWERS_BYTES_MAX:
        connection.settimeout(_left(deadline))
        piece = connection.recv(LINE_BYTES_MAX)
        if not piece:
            break
        said += piece
        heard(said.count(b"\n"))
    # The server has the last word, or had no time for it.
    last_line = said[said.rfind(b"\n", 0, -1) + 1 :]
    has_verdict = last_line.endswith(b"\n") and last_line.startswith(VERDICT)
    if not has_verdict and len(said) <= ANSWERS_BYTES_MAX:
        raise _ServerDied
    return said


def _is_locked_now(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _left(deadline: float) -> float:
    """Seconds until `deadline`, for settimeout, which takes 0 for "don't block"."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
