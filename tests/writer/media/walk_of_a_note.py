"""Walks a note through a house that knows notes, and tells in JSON what it met.

Run by test_another_kind.py.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from cdn import cache_policy
from cdn.worker_tables import worker_tables
from imageboard.media import MediaLimits
from imageboard.post_rules import NewFile
from imageboard.settings import BoardSettings
from imageboard.store.uploads import UploadStore
from imageboard.words import ENGLISH
from nginx.site import NginxSite
from templates.engine import environment
from tests.nginx.front import Front, free_port
from tests.templates.builders import a_board
from writer import uploading
from writer.media.darkroom import Darkroom

NAMES = ("b/src/17.nt", "b/src/18.note", "b/thumb/17.nt", "assets/a.nt")


def form() -> str:
    fragment = environment(ENGLISH).get_template("fragments/post_form.html")
    return fragment.render(board=a_board(), thread=None, captcha=None)


def taken(folder: Path, uploads: UploadStore) -> NewFile:
    (folder / "upload").write_bytes(b"NOTE\nhello \n")
    room = Darkroom(MediaLimits(), folder)
    try:
        image = room.develop(folder / "upload", settings=BoardSettings())
        return uploading.take(uploads, "letter.NT", image)._replace(is_spoiler=True)
    finally:
        room.close()


def served(folder: Path, body: bytes) -> dict[str, object]:
    """By a real nginx, and by what the cache policy says."""
    web_root = folder / "public"
    for name in NAMES:
        (web_root / name).parent.mkdir(parents=True, exist_ok=True)
        (web_root / name).write_bytes(body)
    site = NginxSite(
        web_root=web_root,
        writer_upstreams=(f"unix:{folder}/writer.sock",),
        run_dir=folder,
        listen_port=free_port(),
        limits=False,
        worker_processes=1,
        user="root root" if os.geteuid() == 0 else None,
    )
    with Front(site) as front:
        return {name: told(front, name) for name in NAMES}


def told(front: Front, name: str) -> dict[str, object]:
    answer = front.get(f"/{name}")
    try:
        policy = asdict(cache_policy.headers_of(name))
    except cache_policy.NotServed:
        policy = None
    return {
        "status": answer.status,
        "body": answer.body.decode(),
        "headers": answer.headers,
        "policy": policy,
    }


def plain(file: NewFile) -> dict[str, object]:
    """What a post holds of the file, without its hashes."""
    fields = file._asdict()
    return {name: value for name, value in fields.items() if not isinstance(value, bytes)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="note") as name:
        folder = Path(name)
        uploads = UploadStore(folder / "uploads")
        file = taken(folder, uploads)
        stored = [path.name for path in (folder / "uploads").rglob("*") if path.is_file()]
        body = uploads.original(file.stored_as).read_bytes()
        worker = worker_tables()
        seen = {"form": form(), "file": plain(file), "stored": stored, "worker": worker}
        print(json.dumps(seen | served(folder, body)))


if __name__ == "__main__":
    main()
