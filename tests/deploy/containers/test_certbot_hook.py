"""certbot's files are root's alone; its hook hands nginx a pair that nginx can read."""

from __future__ import annotations

import grp
import os
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.environment import ROOT

HOOK = ROOT / "deploy/systemd/certbot-hook"
#: In the place of systemd: notes what stood there when nginx was told to read it.
SYSTEMCTL = '#!/bin/sh\n{ echo "$*"; cat "$COPIES"/*.pem; } >>"$COPIES/told"\n'


@pytest.fixture
def lineage(tmp_path: Path) -> Path:
    """As certbot keeps it: links, in a folder that nobody else can enter."""
    folder, archive = tmp_path / "live", tmp_path / "archive"
    folder.mkdir(mode=0o700)
    archive.mkdir(mode=0o700)
    for name in ("fullchain", "privkey"):
        (archive / f"{name}2.pem").write_text(f"{name}\n")
        (archive / f"{name}2.pem").chmod(0o600)
        (folder / f"{name}.pem").symlink_to(archive / f"{name}2.pem")
    return folder


def call(lineage: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    copies = tmp_path / "certificates"
    return subprocess.run(
        [HOOK, copies, grp.getgrgid(os.getegid()).gr_name],
        env={
            "PATH": f"{tmp_path}:{os.defpath}",
            "RENEWED_LINEAGE": str(lineage),
            "COPIES": str(copies),
        },
        capture_output=True,
        text=True,
    )


def test_nginx_is_given_a_pair_that_its_group_reads_and_then_told(
    lineage: Path, tmp_path: Path
) -> None:
    done = call(lineage, tmp_path)
    assert done.returncode == 0, done.stderr
    copies = tmp_path / "certificates"
    told = "try-reload-or-restart stillboard-nginx\nfullchain\nprivkey\n"
    assert (copies / "told").read_text() == told
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in copies.glob("*.pem*")}
    assert modes == {"fullchain.pem": 0o644, "privkey.pem": 0o640}
    assert all(path.stat().st_gid == os.getegid() for path in copies.iterdir())


def test_certificate_without_its_key_leaves_the_old_pair(lineage: Path, tmp_path: Path) -> None:
    call(lineage, tmp_path)
    told = (tmp_path / "certificates/told").read_text()
    (lineage / "fullchain.pem").resolve().write_text("newer\n")
    (lineage / "privkey.pem").unlink()
    done = call(lineage, tmp_path)
    assert done.returncode != 0
    assert (tmp_path / "certificates/fullchain.pem").read_text() == "fullchain\n"
    assert (tmp_path / "certificates/told").read_text() == told
