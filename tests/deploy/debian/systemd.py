"""The way without containers, on a Debian: its PostgreSQL, Valkey and nginx, and our units."""

from __future__ import annotations

from tests.deploy.debian import pages
from tests.deploy.debian.server import REPOSITORY, Server, a_server
from tests.walk.deployment import Version

PAGE = "containers.md"
#: As the table "Commands" says.
STILLBOARD = pages.command_of("operations.md", "Commands", "systemd").removesuffix(" status")


def follow() -> None:
    """From the empty server to a board that was lost and is back, to a new version and back."""
    with a_server("systemd", STILLBOARD, *pages.steps("systemd-packages", PAGE)) as server:
        server.follow("systemd", PAGE, replaced={"…": REPOSITORY})
        thread = server.post("The first thread")
        server.is_redirected_to_tls()
        server.keep_the_board()
        server.is_well()
        server.shows_its_figures()
        renew_the_certificate(server)
        rotate_keys(server)
        back_up(server)
        lose_and_restore(server)
        server.reads(thread, "The first thread")
        upgrade_and_go_back(server)
        server.reads(server.post("After all of it"), "After all of it")
        assert server.machine.run("systemctl --failed --no-legend") == ""


def renew_the_certificate(server: Server) -> None:
    """As the timer does, with the challenge answered by the board's own nginx."""
    shown = "openssl x509 -noout -serial -in /etc/stillboard/certificates/fullchain.pem"
    before = server.machine.run(shown)
    server.machine.run("certbot renew --dry-run")
    server.machine.run("certbot renew --force-renewal")
    assert server.machine.run(shown) != before
    assert server.machine.visit({"get": "/b/"})[0]["status"] == 200


def rotate_keys(server: Server) -> None:
    """Those of before open nothing any more, and the board has taken the new ones."""
    addresses = ". /etc/stillboard/env; echo $DATABASE_URL $REDIS_URL $CSRF_KEY"
    database, queue, key = server.machine.run(addresses).split()
    server.follow("systemd-rotate", "operations.md")
    assert key not in server.machine.run(addresses)
    refused = server.machine.run(f"psql {database} --command 'SELECT 1' || true")
    assert "password authentication failed" in refused
    assert "WRONGPASS" in server.machine.run(f"valkey-cli -u {queue} ping || true")
    server.is_well()


def back_up(server: Server) -> None:
    """From a key to a backup that the timer's unit has taken."""
    server.follow("systemd-backup", "backups.md", replaced={"age1…": server.keygen()})
    assert "dump" in server.stillboard("backup list")
    server.is_well()


def lose_and_restore(server: Server) -> None:
    server.machine.run(
        "systemctl stop stillboard.target"
        " && runuser -u postgres -- dropdb stillboard"
        " && runuser -u postgres -- createdb --owner stillboard stillboard"
        " && rm -rf /var/lib/stillboard/uploads /var/lib/stillboard/public/*"
    )
    server.follow("systemd-restore", "disaster-recovery.md")
    assert "no difference" in server.stillboard("verify")
    server.is_well()


def upgrade_and_go_back(server: Server) -> None:
    server.release()
    server.follow("systemd-upgrade", "upgrading.md")
    server.redraw()
    server.shows(Version(2))
    server.follow("systemd-back", "upgrading.md", replaced={"vX.Y.Z": f"v{Version(1).name}"})
    server.redraw()
    server.shows(Version(1))
