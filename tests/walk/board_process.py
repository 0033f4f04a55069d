"""A whole board, as `./stillboard up` runs it, and people who fill in its forms.

Everything goes over HTTP through its nginx, or through the command line, as it does outside.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.cli.boards import RunningBoard, call
from tests.deploy.stand_ins import WAIT_S

_SETTINGS = {
    "STILLBOARD_TRUSTED_PROXIES": "127.0.0.1",
    # As long as may be: of a busy machine's second nothing is left for the renderer.
    "STILLBOARD_OWN_POST_WAIT_MS": "10000",
}
#: A person's, before they look for another way in.
_LOGIN_TRIES = 10


class Upload(NamedTuple):
    """A file as a browser sends it."""

    name: str
    body: bytes


class BoardProcess:
    """A board that is up. Forms come from whatever address the test says."""

    def __init__(self, running: RunningBoard) -> None:
        self.running = running
        self.http = httpx.Client(base_url=running.url, timeout=WAIT_S)

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def data(self) -> Path:
        return self.running.data

    @property
    def web_root(self) -> Path:
        return self.data / "public"

    @property
    def environment(self) -> dict[str, str]:
        return self.running.environment

    def cli(self, *arguments: str) -> str:
        """What the command printed; an AssertionError with its complaint when it failed."""
        done = call(*arguments, "--data", str(self.data))
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def send(
        self,
        *,
        address: str = "192.0.2.7",
        files: Sequence[Upload] = (),
        headers: dict[str, str] | None = None,
        **fields: str | int,
    ) -> httpx.Response:
        """A form to /post, as multipart; `address` is what a trusted proxy says it is."""
        parts: list[tuple[str, Any]] = [
            (name, (None, str(value).encode())) for name, value in fields.items()
        ]
        parts += [
            ("file" if number == 1 else f"file{number}", (file.name, file.body))
            for number, file in enumerate(files, start=1)
        ]
        return self.http.post(
            "/post", files=parts, headers={"X-Forwarded-For": address} | (headers or {})
        )

    def post(self, **form: Any) -> dict[str, Any]:
        """A form that is accepted: its answer as JSON."""
        answer = self.send(json_response=1, **form)
        assert answer.status_code == httpx.codes.OK, f"{form}: {answer.text}"
        accepted: dict[str, Any] = answer.json()
        return accepted

    def read(self, path: str) -> Any:
        """A JSON page."""
        answer = self.http.get(path)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code}"
        return answer.json()

    def settle(self) -> None:
        self.running.settle()

    def staff_desk(self, *login: str) -> StaffDesk:
        """The desk, with this name and password logged in, or the account of the first start."""
        return StaffDesk(self, (login[0], login[1]) if login else None)


class StaffDesk:
    """A browser of someone of the staff, its cookies apart from everybody else's."""

    def __init__(self, board: BoardProcess, login: tuple[str, str] | None = None) -> None:
        """`login`: name and password; None: of the account that the first start made."""
        self._http = httpx.Client(base_url=board.url, timeout=WAIT_S, follow_redirects=True)
        first = dict(
            line.split(": ", 1)
            for line in (board.data / "first-login.txt").read_text().splitlines()
        )
        self._login = login or (first["name"], first["password"])
        self.log_in()

    def log_in(self) -> None:
        """Somebody who is told to try again does: passwords are looked at when nothing else is."""
        form = dict(zip(("name", "password"), self._login, strict=True))
        for _ in range(_LOGIN_TRIES):
            answer = self._http.post("/mod/login", data=form | self._token("/mod/"))
            if "Retry-After" not in answer.headers:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        assert "Log out" in answer.text, answer.text

    def log_out(self) -> None:
        answer = self._http.post("/mod/logout", data=self._token("/mod/"))
        assert answer.status_code == httpx.codes.OK, answer.text

    def press(self, deed: str, board: str, no: int) -> None:
        """One of the buttons on the page of a post: 'sticky', 'lock', 'delete' …"""
        self.send(f"/mod/{board}/{no}", deed=deed)

    def send(self, page: str, **fields: str) -> None:
        """The form of one of the staff's pages."""
        self.opened(page)(**fields)

    def opened(self, page: str) -> Callable[..., None]:
        """One of the staff's pages, open; what is called sends its form, with these fields."""
        token = self._token(page)

        def send(**fields: str) -> None:
            answer = self._http.post(page, data=fields | token)
            assert answer.status_code == httpx.codes.OK, answer.text

        return send

    def read(self, page: str) -> str:
        """One of the staff's pages."""
        answer = self._http.get(page)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.text

    def status_of(self, page: str) -> int:
        """What it is answered with."""
        return self._http.get(page).status_code

    def close(self) -> None:
        self._http.close()

    def _token(self, page: str) -> dict[str, str]:
        found = re.search(r'name="form_token" value="([^"]+)"', self._http.get(page).text)
        assert found, f"{page} has no form of ours"
        return {"form_token": found[1]}


@contextmanager
def until_done(running: RunningBoard) -> Iterator[BoardProcess]:
    """A board that was started, stopped at the end."""
    board = BoardProcess(running)
    try:
        yield board
    finally:
        board.http.close()
        running.stop()


@contextmanager
def a_board_process(*arguments: str, **environ: str) -> Iterator[BoardProcess]:
    """A board of its own in a short folder below /tmp, without limits; gone afterwards.

    Whoever posts by a form is led to a page that shows the post, as busy as the machine may be.
    """
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        running = RunningBoard(
            Path(folder) / "data",
            "--no-limits",
            *arguments,
            **_SETTINGS | environ,
        )
        with until_done(running) as board:
            yield board
