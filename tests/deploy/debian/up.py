"""The first way of docs/operations.md, on a Debian: `up`, behind Debian's nginx with TLS."""

from __future__ import annotations

import json

from tests.deploy.debian import pages
from tests.deploy.debian.server import REPOSITORY, Server, a_server
from tests.walk.deployment import Version

BOOK = "operations.md"
#: As the table "Commands" says.
STILLBOARD = pages.command_of(BOOK, "Commands", "`up`").removesuffix(" status")


def follow() -> None:
    """From the empty server to a board that was lost and is back, to a new version and back."""
    with a_server("up", STILLBOARD, *pages.steps("up-packages", BOOK)) as server:
        server.follow("up", BOOK, replaced={"…": REPOSITORY})
        until_ready(server)
        thread = server.post("The first thread")
        server.is_redirected_to_tls()
        server.keep_the_board()
        server.is_well()
        server.shows_its_figures()
        rotate_a_key(server)
        back_up(server)
        kept = server.post("Before the loss")
        server.stillboard("backup")
        lose_and_restore(server)
        server.reads(thread, "The first thread")
        server.reads(kept, "Before the loss")
        upgrade_and_go_back(server)
        server.reads(server.post("After all of it"), "After all of it")


def until_ready(server: Server) -> None:
    server.machine.until(
        "journalctl --unit stillboard --output cat --lines 9",
        is_so=lambda said: "ready:" in said.splitlines()[-1],
    )


def rotate_a_key(server: Server) -> None:
    """The board takes the new one, and keeps the others."""
    before = json.loads(server.machine.run("cat /srv/board/keys.json"))
    server.follow("up-rotate", BOOK)
    until_ready(server)
    after = json.loads(server.machine.run("cat /srv/board/keys.json"))
    assert {name for name in before if before[name] != after[name]} == {"CSRF_KEY"}
    assert server.machine.run("stat --format '%U %a' /srv/board/keys.json") == "stillboard 600\n"


def back_up(server: Server) -> None:
    """From a key to the proof, and what cron will call each night."""
    server.follow("up-backup", "backups.md", replaced={"age1…": server.keygen()})
    until_ready(server)
    server.follow("up-first-backup", "backups.md")
    line = server.machine.run("cat /etc/cron.d/stillboard")
    user, command = line.removeprefix("0 2 * * * ").strip().split(" ", 1)
    server.machine.run(f"cd / && runuser -u {user} -- env -i PATH=/usr/bin:/bin sh -c '{command}'")
    server.is_well()


def lose_and_restore(server: Server) -> None:
    server.machine.run("systemctl stop stillboard && rm -rf /srv/board")
    server.follow("up-restore", "disaster-recovery.md")
    until_ready(server)
    server.follow("up-afterwards", "disaster-recovery.md")


def upgrade_and_go_back(server: Server) -> None:
    server.release()
    server.follow("up-upgrade", "upgrading.md")
    server.redraw()
    server.shows(Version(2))
    server.follow("up-back", "upgrading.md", replaced={"vX.Y.Z": f"v{Version(1).name}"})
    server.redraw()
    server.shows(Version(1))
