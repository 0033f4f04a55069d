"""The fork server with a decoder that was taken over: it does what the file's own text says.

`python -m tests.writer.media.hijacked CONTROL_FD …` in the place of `writer.media.process`. The
text stands behind the picture: a line that begins with ATTACK, then JSON, `[name, arguments]`.
What came of it is told in a refusal; "got …" is what must not be.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imageboard.words import Message
from writer.media import picture, process
from writer.media.containers import Container
from writer.media.containers.container import refused

ATTACK = b"\nATTACK "
_O_TMPFILE = 0x410000
_MIB = 1024 * 1024
#: On x86-64 and on arm64.
NUMBERS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "tgkill": (234, 131),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "mount": (165, 40),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "memfd_create": (319, 279),
}
_develop = picture.develop
_LIBC = ctypes.CDLL(None, use_errno=True)


def attacked(container: Container, thumb_px_max: int, **options: bool) -> Any:
    """What the decoder does now."""
    _, is_attack, order = b"".join(map(bytes, container.behind)).partition(ATTACK)
    if not is_attack:  # the picture with which a process rehearses
        return _develop(container, thumb_px_max, **options)
    name, arguments = json.loads(order)
    try:
        outcome = f"got {ATTACKS[name](*arguments)}"
    except OSError as ex:
        outcome = f"was refused: {type(ex).__name__}"
    except MemoryError:
        outcome = "was refused: MemoryError"
    raise refused(Message(outcome[:300].replace("{", "(").replace("}", ")") + "."))


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return repr(file.read(64))


def _memory(pid: int, address: int) -> str:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return repr(memory.read(16))


def _write(path: str) -> str:
    with Path(path).open("wb") as file:
        return f"{file.write(b'gotcha')} bytes written"


def _nameless(folder: str) -> str:
    return f"descriptor {os.open(folder, os.O_RDWR | _O_TMPFILE)}"


def _deleted(path: str) -> str:
    Path(path).unlink()
    return "it deleted"


def _listed(path: str) -> str:
    return repr([*Path(path).iterdir()][:3])


def _known(path: str) -> str:
    return f"{Path(path).stat().st_size} bytes, as told"


def _connected(family: int, kind: int, where: Any) -> str:
    with socket.socket(family, kind) as other:
        other.connect(tuple(where) if isinstance(where, list) else where)
        return f"connection, {other.send(b'x')} byte sent"


def _executed(program: str) -> str:
    os.execv(program, [program])
    return "never here"


def _forked() -> str:
    children = []
    for _ in range(8):
        pid = os.fork()
        if not pid:
            os._exit(0)
        children.append(pid)
    return f"{len(children)} children"


def _signalled(pid: int) -> str:
    os.kill(pid, 0)
    return "it may be killed"


def _called(name: str, *arguments: int) -> str:
    """Raises PermissionError alone: another error is what the kernel says of bad arguments."""
    number = NUMBERS[name][os.uname().machine != "x86_64"]
    answer = _LIBC.syscall(number, *map(ctypes.c_long, arguments))
    if answer < 0 and ctypes.get_errno() == errno.EPERM:
        raise PermissionError
    return f"{name}: {answer}, error {ctypes.get_errno()}"


def _filled(bytes_max: int) -> str:
    """Into each descriptor that takes it."""
    written = 0
    for fd in range(3, 64):
        try:
            for _ in range(bytes_max // _MIB):
                written += os.write(fd, bytes(_MIB))
        except OSError:
            continue
    return f"{written // _MIB} MiB written" if written >= bytes_max else _refuse()


def _refuse() -> str:
    raise OSError("not so much")


def _allocated(count: int) -> str:
    held = mmap.mmap(-1, count)
    return f"{len(held)} bytes"


def _program_written() -> str:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    return "memory for a program of its own"


def _answered(line: str, then: str) -> str:
    """In its own words, to whoever listens; then it goes on, or ends."""
    for fd in range(3, 64):
        if _is_socket(fd):
            os.write(fd, line.encode())
    if then == "ends":
        os._exit(0)
    return _endless()


def _is_socket(fd: int) -> bool:
    try:
        os.lseek(fd, 0, os.SEEK_CUR)
    except OSError as ex:
        return ex.errno == errno.ESPIPE
    return False


def _endless() -> str:
    while True:
        pass


def _told() -> str:
    """What it has beside its own: descriptors, by what they lead to, and its environment."""
    sockets = [fd for fd in range(3, 64) if _is_socket(fd)]
    files = [fd for fd in range(3, 64) if fd not in sockets and _is_open(fd)]
    return json.dumps([len(files), len(sockets), sorted(os.environ)])


def _is_open(fd: int) -> bool:
    try:
        os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:
        return False
    return True


ATTACKS: dict[str, Callable[..., str]] = {
    "read": _read,
    "memory": _memory,
    "write": _write,
    "nameless": _nameless,
    "delete": _deleted,
    "list": _listed,
    "stat": _known,
    "connect": _connected,
    "execute": _executed,
    "fork": _forked,
    "signal": _signalled,
    "call": _called,
    "fill": _filled,
    "allocate": _allocated,
    "program": _program_written,
    "loop": _endless,
    "answer": _answered,
    "tell": _told,
}


if __name__ == "__main__":
    picture.develop = attacked
    process.main(sys.argv[1:])
