"""The sample under another name, as its old site had it: a dump, folders of files, settings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from tests.walk import sample

#: As its owner writes them.
CONFIG = r"""<?php
$config['secure_trip_salt'] = 'x';
$config['secure_password_salt'] = 'y';
$config['poster_ids'] = true;
$config['max_images'] = 3;
$config['markup_code'] = '/\[code\](.*?)\[\/code\]/is';
"""


class OldSite(NamedTuple):
    """What an operator copies from the old server."""

    dump: Path
    folder: Path
    config: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        return (str(self.dump), "--boards", str(self.folder), "--config", str(self.config))


def write(folder: Path, board: str, *, more: str = "", config: str = "") -> OldSite:
    """The sample's board as `board`; `more` is SQL, and `config` PHP."""
    dump = (sample.FOLDER / "lab.sql").read_bytes()
    for there, here in (
        ("`posts_lab`", f"`posts_{board}`"),
        ("'lab'", f"'{board}'"),
        ("/lab/res/", f"/{quote(board)}/res/"),
    ):
        dump = dump.replace(there.encode(), here.encode())
    for part in ("src", "thumb"):
        shutil.copytree(sample.FOLDER / sample.BOARD / part, folder / board / part)
    (folder / "dump.sql").write_bytes(dump + more.encode())
    (folder / "instance-config.php").write_text(CONFIG + config)
    return OldSite(folder / "dump.sql", folder, folder / "instance-config.php")
