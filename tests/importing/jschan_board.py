"""A dump of jschan with its traps, made as its source makes posts (fatchan/jschan, 2026-11-29)."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bson import Binary, Int64, ObjectId
from PIL import Image

from importing.bson_dump import Collections
from importing.jschan.dump import JschanDump
from importing.moving import Source
from tests.importing.contract import Made
from tests.importing.mongo import Documents, dumped, moment
from tests.walk import sample

BOARD = "b"
SECRETS = {"postPasswordSecret": "pepper", "ipHashSecret": "salt"}
BEGAN_S = 1_795_500_000
#: As typed on its form.
PASSWORDS = {1: "opener", 3: " blanks count ", 5: "wörter"}
#: bcrypt of 'secret'.
PASSWORD_HASH = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
CLOAK = "5BWSZBVL.3RQsfd0.MnPZkGR.IP4"
_PICTURES = sample.FOLDER / sample.BOARD
#: Two of the sample's, each with its thumbnail.
PICTURES = ("1795500950388.png", "1795500952425.png")


def hashed_password(typed: str) -> str:
    """models/forms/makepost.js"""
    salted = SECRETS["postPasswordSecret"] + typed
    return base64.b64encode(hashlib.sha256(salted.encode()).digest()).decode()


def permissions(*bits: int) -> Binary:
    """The package big-bitfield: 8 bytes, the first bit is the highest."""
    field = bytearray(8)
    for bit in bits:
        field[bit >> 3] |= 128 >> bit % 8
    return Binary(bytes(field))


def sha256_of(picture: str) -> str:
    return hashlib.sha256(bytes_of(picture)).hexdigest()


def a_file(picture: str = PICTURES[0], **changes: Any) -> dict[str, Any]:
    digest = sha256_of(picture)
    told: dict[str, Any] = {
        "filename": f"{digest}.png",
        "spoiler": False,
        "hash": digest,
        "originalFilename": "a picture.of.mine.png",
        "mimetype": "image/png",
        "size": 4_000,
        "extension": ".png",
        "thumbextension": ".jpg",
        "sizeString": "4KB",
        "geometry": {"width": 640, "height": 480, "thumbwidth": 250, "thumbheight": 187},
        "hasThumb": True,
    }
    return told | changes


def a_post(
    no: int, thread: int | None = None, board: str = BOARD, **changes: Any
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "_id": ObjectId(f"{no:024x}"),
        "date": moment(BEGAN_S + 60 * no),
        "u": Int64((BEGAN_S + 60 * no) * 1000),
        "name": "Anon",
        "country": None,
        "board": board,
        "tripcode": None,
        "capcode": None,
        "subject": None,
        "message": f"<span>{no}</span>",
        "messagehash": None,
        "nomarkup": f"I am number {no}.",
        "thread": thread,
        "password": hashed_password(PASSWORDS[no]) if no in PASSWORDS else None,
        "email": None,
        "spoiler": False,
        "banmessage": None,
        "userId": None,
        "ip": {"raw": f"192.0.2.{no}", "cloak": f"a{no}.b.c.IP4", "type": 0},
        "files": [],
        "reports": [],
        "globalreports": [],
        "quotes": [],
        "crossquotes": [],
        "backlinks": [],
        # Some versions' numbers are doubles.
        "postId": float(no) if no % 2 else no,
    }
    if thread is None:
        told |= {
            "replyposts": 0,
            "replyfiles": 0,
            "sticky": 0,
            "locked": 0,
            "bumplocked": 0,
            "cyclic": 0,
            "salt": "x" * 172,
            "bumped": moment(BEGAN_S + 60 * no),
        }
    return told | changes


def _quote(board: str, thread: int, no: int, shown: str) -> str:
    return f'<a class="quote" href="/{board}/thread/{thread}.html#{no}">{shown}</a>'


def _posts() -> list[dict[str, Any]]:
    """Of two boards, replies among threads, as they were made."""
    return [
        a_post(
            1,
            subject="Opening",
            name="Mira",
            tripcode="!!AbCdEf+/12",
            capcode="## Board Owner",
            userId="0f1e2d",
            files=[a_file(), a_file(PICTURES[1], spoiler=True)],
            sticky=1,
            bumped=moment(BEGAN_S + 180),
        ),
        a_post(1, board="tech", nomarkup="Another board's first."),
        a_post(2, sticky=Int64(2), locked=1, bumplocked=1, cyclic=1),
        a_post(
            3,
            1,
            nomarkup=">>1\r\n>>99\r\n>>>/tech/1 [seen](/b/thread/2.html#2)",
            message=(
                f"{_quote('b', 1, 1, '&gt;&gt;1')} <small>(OP)</small>\n"
                '<span class="invalid-quote">&gt;&gt;99</span>\n'
                f"{_quote('tech', 1, 1, '&gt;&gt;&gt;/tech/1')}"
                ' <a href="/b/thread/2.html#2">seen</a>'
            ),
            userId="aa11bb",
        ),
        # Of two replies the later one is sage: it bumps nothing.
        a_post(4, bumped=moment(BEGAN_S + 300)),
        a_post(5, 4, files=[a_file(originalFilename="the same again.PNG")]),
        a_post(6, 1, email="sage", banmessage="USER WAS WARNED", userId="aa11bb"),
        # A thread that was made of replies: its first post is younger than one of its replies.
        a_post(9, bumped=moment(BEGAN_S + 540)),
        a_post(
            8,
            9,
            ip={"raw": "5f0c2f.BP", "cloak": "5f0c2f.BP", "type": 2},
            country={"code": "DE", "name": "Germany"},
            edited={"username": "mod", "date": moment(BEGAN_S + 900)},
        ),
        a_post(
            10,
            4,
            email="sage",
            ip={"raw": "2001:db8:1:2:3:4:5:6", "cloak": CLOAK, "type": 1},
            country={"code": "Lake_1", "name": "Lake 1", "custom": True, "src": "lake.png"},
            spoiler=True,
            files=[a_file(PICTURES[1], originalFilename=".png", hasThumb=False)],
            reports=[
                {
                    "id": ObjectId("5f" * 12),
                    "reason": "Spam",
                    "date": moment(BEGAN_S + 700),
                    "ip": {"raw": "192.0.2.77"},
                }
            ],
        ),
    ]


def collections() -> dict[str, Documents]:
    staff = {
        "owner": {"permissions": permissions(20, 21), "addedDate": moment(BEGAN_S)},
        "helper": {"permissions": permissions(21, 22), "addedDate": moment(BEGAN_S)},
        "visitor": {"permissions": permissions(35), "addedDate": moment(BEGAN_S)},
    }
    settings = {
        "name": "Random",
        "description": "anything goes",
        "defaultName": "Anon",
        "bumpLimit": 300,
        "replyLimit": 500,
        "threadLimit": 100,
        "maxFiles": 4,
        "ids": True,
        "sfw": True,
        "forceThreadFile": True,
        "announcement": {"raw": "**Welcome**, and ''read'' the rules.", "markdown": ""},
    }
    return {
        "boards": [
            {
                "_id": "b",
                "owner": "owner",
                "sequence_value": Int64(15),
                "settings": settings,
                "staff": staff,
                "banners": ["a.png", "../../secret"],
                "flags": {"Lake_1": "lake.png", "Gone": "gone.png", "☃": "x.png"},
            },
            {"settings": "of no board"},
            {
                "_id": "tech",
                "owner": None,
                "sequence_value": 2,
                "settings": {"name": "Tech", "moderators": ["helper"]},
            },
        ],
        "posts": _posts(),
        "bans": _bans(),
        "accounts": _accounts(),
        "news": [
            {
                "_id": ObjectId("1a" * 12),
                "title": "We move",
                "message": {"raw": "Soon.\r\n''Really''.", "markdown": ""},
                "date": moment(BEGAN_S),
                "edited": None,
            }
        ],
        "custompages": [
            {
                "_id": ObjectId("1b" * 12),
                "board": "b",
                "page": "Rules",
                "title": "Rules",
                "message": {"raw": "==One==\n**Be kind.**\n[code]c\nint a;[/code]", "markdown": ""},
                "date": moment(BEGAN_S),
            }
        ],
        "modlog": _modlog(),
    }


def _modlog() -> list[dict[str, Any]]:
    """One as an elder version wrote it; one that says nothing."""
    told: list[dict[str, Any]] = [
        {
            "postLinks": [{"postId": Int64(11), "thread": 4, "board": "b"}],
            "actions": ["Delete", "Ban"],
            "showUser": True,
            "message": "floods from 192.0.2.66",
            "ip": {"raw": "192.0.2.99", "cloak": CLOAK},
        },
        {"postIds": [12], "actions": "Edit", "showUser": False, "message": None},
        {"actions": []},
    ]
    shared = {"board": "b", "user": "helper"}
    return [
        {"_id": ObjectId(f"{no:024x}"), "date": moment(BEGAN_S + no)} | shared | each
        for no, each in enumerate(told, start=1)
    ]


def _bans() -> list[dict[str, Any]]:
    shared = {
        "reason": "Flood",
        "board": "b",
        "issuer": "helper",
        "date": moment(BEGAN_S + 700),
        "expireAt": moment(4_000_000_000),
        "posts": None,
        "appeal": None,
    }
    ips = [
        (0, {"raw": "192.0.2.66", "cloak": "z.y.x.IP4", "type": 0}),
        (1, {"raw": "198.51.100.7", "cloak": "z.y", "type": 0}),
        (2, {"raw": "2001:db8:7:8::9", "cloak": "z", "type": 1}),
        # Of a site that had begun to keep cloaks alone: a post from before knows this one's.
        (1, {"raw": CLOAK, "cloak": CLOAK.rpartition(".")[0].rpartition(".")[0], "type": 1}),
        (0, {"raw": "unknown.to.all.IP4", "cloak": "unknown.to.all.IP4", "type": 0}),
        (0, {"raw": "5f0c2f.BP", "cloak": "5f0c2f.BP", "type": 2}),
    ]
    told = [
        {"_id": ObjectId(f"{no:024x}"), "range": reach, "ip": ip} | shared
        for no, (reach, ip) in enumerate(ips, start=1)
    ]
    told[0] |= {"seen": True, "allowAppeal": False, "appeal": "I was not there."}
    return told


def _accounts() -> list[dict[str, Any]]:
    told = {
        "root": permissions(*range(49)),
        "global": permissions(3, 11, 12, 18),
        "Owner": permissions(2, 3),
        "owner": permissions(2, 3),
        "helper": permissions(3),
        "visitor": permissions(3),
    }
    return [
        {
            "_id": name,
            "original": name,
            "passwordHash": PASSWORD_HASH,
            "permissions": bits,
            "twofactor": "JBSWY3DPEHPK3PXP" if name == "root" else None,
            "ownedBoards": [],
            "staffBoards": [],
        }
        for name, bits in told.items()
    ]


def media(folder: Path) -> Path:
    """static/file, with two pictures that posts share; a flag and a banner beside it."""
    place = folder / "file"
    (place / "thumb").mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        digest = sha256_of(picture)
        (place / f"{digest}.png").write_bytes(bytes_of(picture))
        (place / "thumb" / f"{digest}.jpg").write_bytes(thumb_of(picture))
    for name, body in (("flag/b/lake.png", a_flag()), ("banner/b/a.png", bytes_of(PICTURES[0]))):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return place


def a_flag() -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (16, 11), "blue").save(body, "PNG")
    return body.getvalue()


def bytes_of(picture: str) -> bytes:
    return (_PICTURES / "src" / picture).read_bytes()


def thumb_of(picture: str) -> bytes:
    return (_PICTURES / "thumb" / picture).read_bytes()


def source(folder: Path, changes: Mapping[str, Documents] | None = None) -> Source:
    """As the command reads it."""
    dump = dumped(folder / "dump", collections() | (changes or {}))
    found = Collections.in_folder(dump, needed="posts")
    return JschanDump(found, media(folder), SECRETS)


JSCHAN = Made(
    source=source,
    board=BOARD,
    # Sticky threads by their rank, the others by their last bump.
    threads={2: [], 1: [3, 6], 9: [8], 4: [5, 10]},
    next_no=15,
    links=frozenset({(3, "b", 1), (3, "tech", 1)}),
    passwords=PASSWORDS,
    files={
        1: [bytes_of(picture) for picture in PICTURES],
        5: [bytes_of(PICTURES[0])],
        10: [bytes_of(PICTURES[1])],
    },
)
