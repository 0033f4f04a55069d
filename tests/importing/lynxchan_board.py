"""A dump of LynxChan with its traps, made as its source makes posts (src/be/engine, 2026-11-29)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bson import ObjectId

from importing.bson_dump import Collections
from importing.lynxchan.dump import LynxChanDump
from importing.lynxchan.media import MediaOfSite
from importing.moving import Source
from tests.importing.contract import Made
from tests.importing.jschan_board import PICTURES, a_flag, bytes_of, sha256_of, thumb_of
from tests.importing.mongo import Documents, dumped, moment

BOARD = "b"
BEGAN_S = 1_795_500_000
#: As typed; eight characters of it are kept.
PASSWORDS = {1: "opener", 2: "12345678 and more", 5: "wörter"}
#: Small, so that a test has several.
PIECE_BYTES = 4_096
_SALT = base64.b64encode(b"s" * 64).decode()
#: {picture: its number in GridFS}; the first is on the disk, the second in the dump.
_FILES = {PICTURES[0]: ObjectId("aa" * 12), PICTURES[1]: ObjectId("bb" * 12)}
#: A file that nobody may send.
BANNED = "0f" * 32
FLAG = ObjectId("5e" * 12)
PICTURE_IN_DUMP = _FILES[PICTURES[1]]
_THUMBS = {PICTURES[0]: ObjectId("ac" * 12), PICTURES[1]: ObjectId("bc" * 12)}


def hashed(password: str, rounds: int = 16_384) -> str:
    """src/be/engine/accountOps.js, setUserPassword"""
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), _SALT.encode(), rounds, 256)
    return base64.b64encode(made).decode()


def a_file(picture: str = PICTURES[0], **changes: Any) -> dict[str, Any]:
    digest = sha256_of(picture)
    told: dict[str, Any] = {
        "originalName": "a &lt;picture&gt;.png",
        "path": f"/.media/{digest}.png",
        "mime": "image/png",
        "thumb": f"/.media/t_{digest}",
        "size": 4_000,
        "sha256": digest,
        "width": 640,
        "height": 480,
    }
    return told | changes


def a_posting(thread: int, no: int | None = None, **changes: Any) -> dict[str, Any]:
    """A reply with a number of its own, or the first post of a thread."""
    known_as = no or thread
    told: dict[str, Any] = {
        "_id": ObjectId(f"{known_as:024x}"),
        "boardUri": BOARD,
        "threadId": thread,
        "hash": "x",
        "markdown": f"I am number {known_as}.",
        "ip": [192, 0, 2, known_as],
        "asn": 64_496,
        "signedRole": None,
        "creation": moment(BEGAN_S + 60 * known_as),
        "subject": None,
        "name": "Anonymous",
        "id": f"{known_as:06x}",
        "bypassId": None,
        "message": f"I am number {known_as}.",
        "email": None,
    }
    if no is not None:
        told["postId"] = no
    else:
        told |= {
            "salt": "s",
            "lastBump": moment(BEGAN_S + 60 * known_as),
            "pinned": False,
            "locked": False,
            "postCount": 0,
        }
    if known_as in PASSWORDS:
        told["password"] = PASSWORDS[known_as][:8]
    return told | changes


def _quote(board: str, thread: int, no: int, shown: str) -> str:
    return f'<a class="quoteLink" href="/{board}/res/{thread}.html#{no}">{shown}</a>'


def _threads() -> list[dict[str, Any]]:
    return [
        a_posting(
            1,
            subject="&quot;Opening&quot; &amp; so",
            name="Ann#AbC123",
            signedRole="Board owner",
            pinned=True,
            locked=True,
            autoSage=True,
            cyclic=True,
            files=[a_file(), a_file(PICTURES[1], thumb="/spoiler.png")],
            flag="/.static/flags/us-ca.png",
            flagName="California",
            flagCode="-us-ca",
        ),
        a_posting(1, boardUri="tech"),
        a_posting(4, lastBump=moment(BEGAN_S + 300)),
        a_posting(7, archived=True),
        a_posting(8, trash=True),
        a_posting(9, banMessage="(USER WAS BANNED)", lastEditTime=moment(BEGAN_S + 900)),
    ]


def _posts() -> list[dict[str, Any]]:
    return [
        a_posting(
            1,
            2,
            message=">>1\r\n>>99\r\n>>>/tech/1 https://old.example/b/res/4.html#4",
            markdown=(
                f"{_quote('b', 1, 1, '&gt;&gt;1')}\n{_quote('b', 99, 99, '&gt;&gt;99')}\n"
                f"{_quote('tech', 1, 1, '&gt;&gt;&gt;/tech/1')} "
                '<a target="_blank" href="https://old.example/b/res/4.html#4">https://…</a>'
            ),
            email="sage",
        ),
        a_posting(1, 3, trash=True),
        a_posting(4, 5, files=[a_file(PICTURES[1], originalName="again.png")]),
        a_posting(8, 6, trash=True),
        # Through Tor, with a bypass; small enough to stand for itself.
        a_posting(
            4,
            10,
            ip=None,
            bypassId=ObjectId("5f" * 12),
            email="sage",
            id=None,
            name="Bob##rAnd+6",
            flag=f"/b/flags/{FLAG}",
            flagName="The Lake",
            files=[
                a_file(thumb=f"/.media/{sha256_of(PICTURES[0])}.png"),
                a_file(path="/.media/" + "0" * 64 + ".webm", thumb="/genericThumb.png"),
            ],
        ),
    ]


def collections() -> dict[str, Documents]:
    return {
        "boards": [
            {
                "boardUri": "b",
                "boardName": "Random &amp; so",
                "boardDescription": "anything &lt;goes&gt;",
                "owner": "owner",
                "volunteers": ["helper"],
                "lastPostId": 12,
                "settings": ["allowCode", "requireThreadFile"],
                "specialSettings": ["sfw"],
                "anonymousName": "",
                "maxThreadCount": 100,
                "boardMessage": "Welcome",
                "rules": ["Be kind", "No &lt;b&gt;"],
            },
            {"settings": "of no board"},
            {"boardUri": "tech", "boardName": "Tech", "lastPostId": 1, "settings": ["disableIds"]},
        ],
        "threads": _threads(),
        "posts": _posts(),
        "bans": _bans(),
        "reports": _reports(),
        "users": _users(),
        "flags": [
            {"_id": FLAG, "boardUri": "b", "name": "The Lake"},
            {"_id": ObjectId("5d" * 12), "boardUri": "b", "name": "Gone"},
        ],
        "hashBans": [
            {"_id": ObjectId("1a" * 12), "sha256": BANNED, "boardUri": "b"},
            {"_id": ObjectId("1b" * 12), "md5": "0" * 32},
        ],
        "staffLogs": [
            {
                "_id": ObjectId("1c" * 12),
                "type": "ban",
                "user": "helper",
                "time": moment(BEGAN_S + 1),
                "boardUri": "b",
                "description": "helper banned 192.0.2.66 with reason &lt;Flood&gt;.",
            },
            {"_id": ObjectId("1d" * 12), "type": "ban"},
        ],
        "secureTripcodes": [{"password": "a", "tripcode": "rAnd+6"}],
        "fs.files": _gridfs_files(),
        "fs.chunks": _gridfs_chunks(),
    }


def _reports() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {"threadId": 4, "postId": 5, "reason": "Spam", "ip": [192, 0, 2, 77]},
        {"threadId": 9, "reason": "A thread", "ip": None},
        {"threadId": 4, "reason": "done", "closedBy": "helper"},
    ]
    shared = {"boardUri": "b", "creation": moment(BEGAN_S + 700)}
    return [
        {"_id": ObjectId(f"{no:024x}")} | shared | each for no, each in enumerate(told, start=1)
    ]


def _bans() -> list[dict[str, Any]]:
    shared = {"reason": "Flood", "appliedBy": "helper", "expiration": moment(4_000_000_000)}
    reach: list[dict[str, Any]] = [
        {"ip": [192, 0, 2, 66], "boardUri": "b"},
        {"range": [198, 51, 100]},
        {"range": [32, 1, 13, 184], "ipv6": True},
        {"range": [32, 1, 13, 185, 0, 7, 0, 8]},
        {"asn": 64_496},
        {"bypassId": ObjectId("5f" * 12)},
        {"ip": [192, 0, 2, 67], "warning": True},
    ]
    reach[0]["appeal"] = "I was not there."
    return [
        {"_id": ObjectId(f"{no:024x}")} | shared | told for no, told in enumerate(reach, start=1)
    ]


def _users() -> list[dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {
        "root": {"globalRole": 0},
        "global": {"globalRole": 2, "passwordMethod": "pbkdf2", "password": hashed("secret", 4096)},
        "janitor": {"globalRole": 3},
        "owner": {},
        "helper": {"globalRole": 4},
        "visitor": {},
        "elder": {"globalRole": 1, "passwordMethod": "md5"},
    }
    modern = {"passwordMethod": "pbkdf2V2", "passwordSalt": _SALT, "password": hashed("secret")}
    return [{"login": name} | modern | more for name, more in told.items()]


def _gridfs_files() -> list[dict[str, Any]]:
    """The first picture is on the disk, the second in the dump; and pages that were drawn."""
    files: list[dict[str, Any]] = [
        {
            "_id": known_as,
            "filename": f"/.media/{name.format(sha256_of(picture))}",
            "contentType": "image/png" if name.endswith(".png") else "image/jpeg",
            "onDisk": picture == PICTURES[0],
            "chunkSize": PIECE_BYTES,
        }
        for ids, name in ((_FILES, "{}.png"), (_THUMBS, "t_{}"))
        for picture, known_as in ids.items()
    ]
    others = {"/b/res/1.html": "dd", "/b/banners/17955": "ba", f"/b/flags/{FLAG}": "fa"}
    return files + [
        {"_id": ObjectId(twice * 12), "filename": name, "contentType": "image/png"}
        for name, twice in others.items()
    ]


def _gridfs_chunks() -> list[dict[str, Any]]:
    """Those of two files that were written at once stand among each other, some of them late."""
    bodies = {
        _FILES[PICTURES[1]]: bytes_of(PICTURES[1]),
        _THUMBS[PICTURES[1]]: thumb_of(PICTURES[1]),
        ObjectId("dd" * 12): b"<html>",
        ObjectId("ba" * 12): b"a banner",
        ObjectId("fa" * 12): a_flag(),
    }
    pieces = [
        {"files_id": known_as, "n": start // PIECE_BYTES, "data": body[start : start + PIECE_BYTES]}
        for known_as, body in bodies.items()
        for start in range(0, len(body), PIECE_BYTES)
    ]
    return sorted(pieces, key=lambda piece: -int(piece["n"]))


def media(folder: Path) -> Path:
    """src/be/media, with one picture and its thumbnail."""
    place = folder / "media"
    for known_as, body in (
        (_FILES[PICTURES[0]], bytes_of(PICTURES[0])),
        (_THUMBS[PICTURES[0]], thumb_of(PICTURES[0])),
    ):
        path = place / str(known_as)[-3:] / str(known_as)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return place


def source(folder: Path, changes: Mapping[str, Documents] | None = None) -> Source:
    """As the command reads it."""
    dump = dumped(folder / "dump", collections() | (changes or {}))
    found = Collections.in_folder(dump, needed="threads")
    return LynxChanDump(found, MediaOfSite(found, media(folder), folder / "laid_out"))


LYNXCHAN = Made(
    source=source,
    board=BOARD,
    threads={1: [2], 9: [], 4: [5, 10]},
    archived={7: []},
    next_no=13,
    links=frozenset({(2, "b", 1), (2, "tech", 1)}),
    passwords=PASSWORDS,
    files={
        1: [bytes_of(picture) for picture in PICTURES],
        5: [bytes_of(PICTURES[1])],
        10: [bytes_of(PICTURES[0])],
    },
)
