"""A dump of vichan as large as one likes, for measurements.

    python -m tests.importing.large_dump DIR --posts 1000000 --files 200000

Boards, threads and files are spread as living boards have them; texts quote and are said in several
scripts. Files are small, each another one, in the folders of their boards.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import random
import struct
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

_BEGAN_S = 1_700_000_000
_WORDS = (
    "measured again with the lamp off and it still drifts больше не сходится почему 断熱材の厚さ "
    "nobody asked but here is the raw data it''s fine really שלום"
).split()
_COLUMNS = (
    "id thread subject email name trip capcode body body_nomarkup time bump files num_files"
    " filehash password ip sticky locked cycle sage embed slug"
).split()
_ROWS_OF_STATEMENT = 500


def write(
    folder: Path, *, posts: int, boards: int, files: int, seed: int = 1, part: float = 1.0
) -> Path:
    """The dump's path; the folders of its boards stand beside it.

    `part` below 1: as it was when the boards had that part of their posts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump = folder / "large.sql"
    with dump.open("wb") as out:
        out.write(b"-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\n")
        for number in range(boards):
            name = f"l{number}"
            out.write(
                f"INSERT INTO `boards` (`uri`,`title`) VALUES ('{name}','L {number}');\n".encode()
            )
            chance = random.Random(f"{seed}/{name}")
            threads = _threads(posts // boards, chance)
            there = dict(islice(threads.items(), int(part * len(threads))))
            rows = _rows(folder / name, name, there, files / posts, chance)
            _write_board(out, folder / name, name, rows)
        out.write(b"-- Dump completed on 2026-11-29\n")
    return dump


def _write_board(out: BinaryIO, folder: Path, name: str, rows: Iterator[bytes]) -> None:
    for part in ("src", "thumb"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    head = f"INSERT INTO `posts_{name}` ({','.join(f'`{column}`' for column in _COLUMNS)}) VALUES "
    while some := list(islice(rows, _ROWS_OF_STATEMENT)):
        out.write(head.encode() + b",".join(some) + b";\n")


def _rows(
    folder: Path, name: str, thread_of: Mapping[int, int], file_rate: float, chance: random.Random
) -> Iterator[bytes]:
    newest = {thread: no for no, thread in thread_of.items()}
    for no, thread in thread_of.items():
        is_op = no == thread
        quoted = chance.randint(thread, no - 1) if no > thread and chance.random() < 0.6 else None
        text = " ".join(chance.choices(_WORDS, k=chance.randint(3, 60))).replace("''", "'")
        shown, typed = html.escape(text), text
        if quoted is not None:
            link = (
                f'<a onclick="highlightReply({quoted})" href="/{name}/res/{thread}.html#{quoted}">'
            )
            shown, typed = f"{link}&gt;&gt;{quoted}</a><br/>{shown}", f">>{quoted}\r\n{typed}"
        files = _file(folder, name, no) if chance.random() < file_rate else None
        created_s = _BEGAN_S + 30 * no
        values: list[object] = [
            no,
            None if is_op else thread,
            f"Thread {no}" if is_op else None,
            "sage" if chance.random() < 0.05 else None,
            "Anonymous",
            None,
            None,
            shown,
            typed,
            created_s,
            _BEGAN_S + 30 * newest[no] if is_op else created_s,
            files,
            int(files is not None),
            None,
            hashlib.sha3_256(f"pass{no % 5000}y".encode()).hexdigest(),
            f"198.51.{no % 200}.{no % 250}",
            *[0] * 4,
            None,
            None,
        ]
        yield b"(" + b",".join(map(_spelled, values)) + b")"


def _threads(posts: int, chance: random.Random) -> dict[int, int]:
    """{post: its thread}"""
    threads: list[int] = []
    found = {}
    for no in range(1, posts + 1):
        if not threads or chance.random() < 0.01:
            threads.append(no)
            found[no] = no
        else:
            found[no] = chance.choice(threads[-200:])
    return found


def _file(folder: Path, name: str, no: int) -> str:
    """A picture of its own, and its entry in the post."""
    tim = str((_BEGAN_S + 30 * no) * 1000)
    body = _png(no)
    for part in ("src", "thumb"):
        (folder / part / f"{tim}.png").write_bytes(body)
    told = {
        "name": f"{no}.png",
        "filename": f"{no}.png",
        "size": len(body),
        "file": f"{tim}.png",
        "thumb": f"{tim}.png",
        "hash": hashlib.md5(body).hexdigest(),
        "width": 1,
        "height": 1,
        "thumbwidth": 1,
        "thumbheight": 1,
        "file_path": f"{name}/src/{tim}.png",
    }
    return json.dumps([told])


def _png(number: int) -> bytes:
    """One pixel, of a colour of its own, with its number behind it."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + struct.pack(">I", number)[1:])
    parts = [(b"IHDR", head), (b"tEXt", b"n\0%d" % number), (b"IDAT", pixel), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


_ESCAPES = str.maketrans({"\\": "\\\\", "\r": "\\r", "\n": "\\n", "'": "\\'", '"': '\\"'})


def _spelled(value: object) -> bytes:
    if value is None:
        return b"NULL"
    if isinstance(value, int):
        return str(value).encode()
    return f"'{str(value).translate(_ESCAPES)}'".encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--boards", type=int, default=20)
    parser.add_argument("--files", type=int, default=20_000)
    asked = parser.parse_args()
    print(write(asked.folder, posts=asked.posts, boards=asked.boards, files=asked.files))


if __name__ == "__main__":
    main()
