"""An empty server, and an operator who has the pages before them.

The operator types each block as it stands, in order. Around the server is what a server has: a
repository of the board, a registry of packages, an authority that signs certificates; all of it
without a network.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.debian import acme_server, debian, pages
from tests.deploy.debian.machine import Machine
from tests.deploy.debian.pages import Block
from tests.deploy.stand_ins import eventually
from tests.walk.deployment import Checkout, Version

REPOSITORY = "/srv/stillboard.git"
#: certbot asks on a terminal what these lines answer; nobody's address is in them. Without a
#: terminal it would sleep for minutes before it renews, to spare the authority.
_CERTBOT = f"""\
server = {acme_server.HERE}/directory
no-verify-ssl = true
non-interactive = true
no-random-sleep-on-renew = true
agree-tos = true
register-unsafely-without-email = true
"""
_PIP = "[global]\nno-index = true\nfind-links = /srv/wheels\n"


class Server:
    """A machine, and what its operator and visitors do."""

    def __init__(self, machine: Machine, checkout: Checkout, stillboard: str) -> None:
        self.machine = machine
        #: What the pages call ./stillboard, called from anywhere.
        self._stillboard = stillboard
        self._checkout = checkout
        self._posters = itertools.count(2)

    def follow(
        self,
        step: str,
        *names: str,
        replaced: Mapping[str, str] | None = None,
        answer: str = "",
    ) -> str:
        """Type the blocks of a step, page by page; what the last one said.

        Each is printed with the seconds that it took: `python -m tests.deploy.debian` shows them.
        """
        said = ""
        blocks = pages.steps(step, *names)
        for word in replaced or ():
            assert any(word in block.text for block in blocks), f"{step} has no {word}"
        for block in blocks:
            began_s = time.monotonic()
            said = self.machine.type(block, replaced, answer=answer)
            print(f"{block.place} ({time.monotonic() - began_s:.1f} s)")
            print("".join(f"    # {line}\n" for line in block.text.splitlines()), flush=True)
        return said

    def post(self, text: str) -> str:
        """A thread with a picture, by a browser's form: its address, once all of it can be read.

        Each is another poster's, of another network: a second one would have to wait.
        """
        form = {"board": "b", "body": text, "post": "New thread"}
        accepted, *_ = self.machine.visit(
            {"post": form, "picture": True}, address=f"127.0.{next(self._posters)}.1"
        )
        assert accepted["status"] == 303, accepted
        thread = str(accepted["location"]).partition("#")[0]
        # A browser is led there within a second at most; a busy machine may draw the page later.
        assert eventually(lambda: self.machine.visit({"get": thread})[0]["status"] == 200)
        self.reads(thread, text)
        return thread

    def reads(self, thread: str, text: str) -> None:
        """The thread is there, with its text and its picture, over TLS."""
        page, *_ = self.machine.visit({"get": thread})
        assert page["status"] == 200, page
        assert text in page["text"]
        assert page["hsts"]
        found = re.search(r'<a class="file-link" href="([^"]+)"', page["text"])
        assert found, page["text"]
        picture, *_ = self.machine.visit({"get": found.group(1)})
        assert (picture["status"], picture["kind"]) == (200, "image/png")

    def is_redirected_to_tls(self) -> None:
        redirect, *_ = self.machine.visit({"plain": "/b/"})
        assert (redirect["status"], redirect["location"]) == (301, "https://example.org/b/")

    def stillboard(self, arguments: str) -> str:
        """A command, called as the table "Commands" says; what it said."""
        return self.machine.run(f"{self._stillboard} {arguments}")

    def keep_the_board(self) -> None:
        """Every command of the book about accounts and boards."""
        for step in ("first-account", "boards", "close-a-board", "accounts"):
            self.follow(
                step,
                "operations.md",
                replaced={"./stillboard": self._stillboard},
                answer="a long password",
            )

    def keygen(self) -> str:
        """A new identity in ~/board-backup.key; its recipient."""
        keys = self.stillboard("backup keygen 2>/dev/null")
        self.machine.run("cat >~/board-backup.key", given=keys)
        found = re.search("age1[a-z0-9]+", keys)
        assert found
        return found.group()

    def is_well(self) -> None:
        """So say `status` and `doctor`, and that all they ask for can be seen."""
        assert "every page is up to date" in self.stillboard("status")
        said = self.stillboard("doctor")
        assert said.splitlines()[-1] == "nothing is wrong", said

    def shows_its_figures(self) -> None:
        """So says `doctor --production`, whose other items are for days on which a site is open."""
        said = self.stillboard("doctor --production || true")
        assert re.search(r"^fine +monitoring:", said, re.MULTILINE), said

    def release(self) -> None:
        """Publish another version: a column more, and another word in its templates."""
        self._checkout.become(Version(2))
        _commit(self._checkout.folder, Version(2).name)

    def redraw(self) -> None:
        """As the book says, when templates are another version's."""
        self.follow("redraw", "operations.md", replaced={"./stillboard": self._stillboard})

    def shows(self, version: Version) -> None:
        """Its templates have drawn the pages, which are then proven."""
        page, *_ = self.machine.visit({"get": "/b/"})
        assert version.word in page["text"], version
        self.is_well()


@contextmanager
def a_server(name: str, stillboard: str, *install: Block) -> Iterator[Server]:
    """A server on which nothing is done yet but what these blocks install: it has no network."""
    with tempfile.TemporaryDirectory(prefix="stillboard-debian-") as place:
        folder = Path(place)
        checkout = Checkout(folder / "checkout")
        subprocess.run(["git", "init", "-q", "-b", "main", str(checkout.folder)], check=True)
        _commit(checkout.folder, Version(1).name)
        with Machine(
            debian.root(name, install),
            folder,
            wheels=debian.wheels(),
            repository=checkout.folder / ".git",
        ) as machine:
            _surround(machine)
            yield Server(machine, checkout, stillboard)


def _commit(folder: Path, name: str) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=A test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", f"Version {name}"], check=True)
    subprocess.run([*git, "tag", f"v{name}"], check=True)


def _surround(machine: Machine) -> None:
    # It is root's; whoever clones it from a host of repositories is asked nothing of that kind.
    machine.run(f"git config --system safe.directory {REPOSITORY}")
    machine.run("cat >/etc/pip.conf", given=_PIP)
    machine.run("cat >/srv/acme_server.py", given=Path(acme_server.__file__).read_text())
    machine.run("mkdir -p /etc/letsencrypt && cat >/etc/letsencrypt/cli.ini", given=_CERTBOT)
    machine.run("systemd-run --quiet --unit=authority python3 /srv/acme_server.py /run/host")
    machine.until("test -e /run/host/authority.pem && echo there", is_so=bool)
    machine.run(
        "cp /run/host/authority.pem /usr/local/share/ca-certificates/authority.crt"
        " && update-ca-certificates"
    )
