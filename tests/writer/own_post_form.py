"""The form by which people delete and report; all behind it is real but the wake-up call."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import falcon
from falcon import testing

from imageboard.allowances import Allowances
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.store.database import Database
from tests.builders import CLOAK, ROOMY
from writer import clients
from writer.abuse import AbuseChecks
from writer.answers import Answers
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.forms import Form, FormReader
from writer.old_boards import OldBoards
from writer.own_posts import OwnPosts
from writer.passes import CaptchaPasses


@dataclass
class Calls:
    """Stands where the wake-up call stands, and remembers the boards."""

    boards: list[str] = field(default_factory=list)

    def ask_for_render(self, board: str) -> bool:
        self.boards.append(board)
        return True


def client_of(database: Database, folder: Path, calls: Calls) -> testing.TestClient:
    settings = Settings.read({"STILLBOARD_TRUSTED_PROXIES": "127.0.0.0/8"})
    captchas = Captchas(BoardList(database), site=None, checks={})
    answers = Answers(captchas)
    allowances = Allowances(settings, CLOAK)
    passes = CaptchaPasses(b"p" * 32, database)
    checks = AbuseChecks(database, CLOAK, allowances, captchas, passes)
    own_posts = OwnPosts(
        settings,
        database,
        CLOAK,
        OldBoards(database, CLOAK),
        allowances,
        checks,
        calls,  # type: ignore[arg-type]
        answers,
    )
    reader = FormReader(folder, ROOMY)

    class PostForm:
        def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
            form = Form(delivery=clients.delivery(req))
            try:
                with reader.read(req, form):
                    own_posts.answer(req, resp, form)
            except ImageboardError as ex:
                answers.refuse(req, resp, ex, form)

    app = falcon.App()
    app.add_route("/post", PostForm())
    return testing.TestClient(app)
