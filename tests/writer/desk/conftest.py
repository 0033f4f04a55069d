"""The desk with everything behind it real but the wake-up call, and a browser that visits it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import falcon
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from falcon import testing

from imageboard import passwords
from imageboard.media import MediaLimits
from imageboard.moderation import LogEntry
from imageboard.settings import Settings
from imageboard.staff_roles import Role
from imageboard.store import moderation_log, staff
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from tests.builders import CLOAK, a_board, a_file, a_post
from writer.app import Parts, create_app
from writer.desk import password_checks
from writer.desk.password_checks import PasswordChecks
from writer.media.darkroom import Darkroom
from writer.search import Places

PASSWORD = "correct horse battery"
HERE = "192.0.2.99"


@dataclass
class Calls:
    """Stands where the wake-up call stands, and remembers the boards."""

    boards: list[str] = field(default_factory=list)
    #: How often the pages of the whole site were called for.
    site: int = 0

    def ask_for_site(self) -> bool:
        self.site += 1
        return True

    def ask_for_render(self, board: str, *, lists_too: bool = False) -> bool:
        self.boards.append(board)
        return True


class Browser:
    """Keeps cookies and sends the forms of the pages it was shown; follows no redirection."""

    def __init__(self, app: falcon.App[falcon.Request, falcon.Response], address: str) -> None:
        self._client = testing.TestClient(app)
        self._headers = {"X-Real-IP": address, "Host": "falconframework.org"}
        self.cookies: dict[str, str] = {}

    def get(self, url: str, headers: dict[str, str] | None = None) -> testing.Result:
        path, _, query = url.partition("?")
        return self._keep(
            self._client.simulate_get(
                path,
                query_string=query,
                cookies=self.cookies,
                headers=self._headers | (headers or {}),
            )
        )

    def post(
        self, url: str, headers: dict[str, str] | None = None, **fields: str
    ) -> testing.Result:
        """A form exactly as given."""
        return self._keep(
            self._client.simulate_post(
                url,
                body=urlencode(fields),
                cookies=self.cookies,
                headers=self._headers | {"Content-Type": falcon.MEDIA_URLENCODED} | (headers or {}),
            )
        )

    def ask(self, method: str, url: str) -> testing.Result:
        """By any method, without a body."""
        return self._client.simulate_request(
            method, url, cookies=self.cookies, headers=self._headers
        )

    def send_file(
        self, url: str, body: bytes, /, called: str = "a.png", **fields: str
    ) -> testing.Result:
        """The same with a file, as browsers send it."""
        parts = {"form_token": self.form_token()} | fields
        named = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in parts.items()
        )
        file = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{called}"\r\n\r\n'
        return self._keep(
            self._client.simulate_post(
                url,
                body=(named + file).encode() + body + b"\r\n--x--\r\n",
                cookies=self.cookies,
                headers=self._headers | {"Content-Type": "multipart/form-data; boundary=x"},
            )
        )

    def send(self, url: str, **fields: str) -> testing.Result:
        """A form with the token of the desk's pages."""
        return self.post(url, form_token=self.form_token(), **fields)

    def form_token(self) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.get("/mod/").text)
        assert found is not None
        return html.unescape(found[1])

    def log_in(self, name: str, password: str = PASSWORD) -> testing.Result:
        return self.send("/mod/login", name=name, password=password)

    def _keep(self, answer: testing.Result) -> testing.Result:
        for name, cookie in answer.cookies.items():
            if cookie.value:
                self.cookies[name] = cookie.value
            else:
                self.cookies.pop(name, None)
        return answer


@dataclass
class TheDesk:
    """What a test needs to know of the board behind the desk."""

    database: Database
    calls: Calls
    #: To be closed when it was used.
    darkroom: Darkroom
    app: falcon.App[falcon.Request, falcon.Response]

    def browser(self, address: str = HERE) -> Browser:
        return Browser(self.app, address)

    def log(self) -> list[LogEntry]:
        """Oldest first."""
        with self.database.connection() as db:
            return moderation_log.newest(db, on=None, limit=1000)[::-1]

    def one(self, query: str) -> object:
        """The first value of a query."""
        with self.database.connection() as db:
            row = db.execute(query).fetchone()
        return row[0] if row else None


def make_desk(database: Database, folder: Path, **environment: str) -> TheDesk:
    (folder / "scratch").mkdir(exist_ok=True)
    settings = Settings.read(
        {
            "STILLBOARD_DATA": str(folder),
            "STILLBOARD_TRUSTED_PROXIES": "127.0.0.0/8",
            "CSRF_KEY": "9hU3gqTzB0rJ5sVd8mXcK2wLfPnE7yAo1iDtGbRkQZ4=",
        }
        | environment
    )
    calls = Calls()
    darkroom = Darkroom(MediaLimits(), folder / "scratch")
    parts = Parts(
        settings=settings,
        database=database,
        wake_up=calls,  # type: ignore[arg-type]
        darkroom=darkroom,
        uploads=UploadStore(folder / "uploads"),
        cloak=CLOAK,
        search_places=Places(database),
    )
    return TheDesk(database, calls, darkroom, create_app(parts))


@pytest.fixture
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are looked at, and new ones hashed, in this process, with the cheapest parameters.

    PERF: a desk has five accounts and each hash takes 20 to 40 ms of CPU by design; a process for
    each log-in 100 ms. It goes after all else and is given up after ten seconds, which a busy
    machine may take. test_password_checks.py has both as they are.
    """
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher.from_parameters(CHEAPEST))
    monkeypatch.setattr(
        PasswordChecks, "check", lambda _self, *asked: password_checks.verdict(*asked)
    )
    monkeypatch.setattr(
        PasswordChecks, "new_hash", lambda _self, password: passwords.hash_password(password)
    )


@pytest.fixture
def desk(
    database: Database, tmp_path: Path, _quick_passwords: None, one_fork_server: None
) -> Iterator[TheDesk]:
    """A desk with an account for each role, on the board /b/: thread 1 with replies 2 (with a
    file) and 3, thread 4."""
    board = a_board(database)
    a_post(database, board, body="OP")
    a_post(database, board, thread=1, body="with a file", files=(a_file(),))
    a_post(database, board, thread=1, body="<script>alert(1)</script>", subject="<b>bold</b>")
    a_post(database, board, body="another thread", address="198.51.100.9")
    with database.transaction() as db:
        for role in Role:
            staff.add(db, role.value, PASSWORD, role)
    desk = make_desk(database, tmp_path)
    yield desk
    desk.darkroom.close()


@pytest.fixture
def as_role(desk: TheDesk) -> Callable[[Role], Browser]:
    """A browser of someone with that role, logged in."""

    def log_in(role: Role) -> Browser:
        browser = desk.browser()
        assert browser.log_in(role.value).status_code == 303
        return browser

    return log_in


@pytest.fixture
def admin(as_role: Callable[[Role], Browser]) -> Browser:
    return as_role(Role.ADMIN)
