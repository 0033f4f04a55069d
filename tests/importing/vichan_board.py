"""The sample of a real vichan, as a board that was made to be moved."""

from __future__ import annotations

from importing.vichan.dump import VichanDump
from importing.vichan.text import linked_posts
from tests.importing.conftest import SAMPLE, SAMPLE_SETTINGS
from tests.importing.contract import Made
from tests.walk import sample


def _made() -> Made:
    posts = sample.expected()["posts"]
    nos = {post["no"] for post in posts}
    return Made(
        source=lambda _folder: VichanDump([SAMPLE], settings=SAMPLE_SETTINGS),
        board=sample.BOARD,
        threads={
            thread["no"]: [post["no"] for post in sample.threads()[thread["no"]][1:]]
            for page in sample.documents()["catalog.json"]
            for thread in page["threads"]
        },
        next_no=203,
        links=frozenset(
            (post["no"], board, no)
            for post in posts
            for board, no in linked_posts(post["body_html"])
            if board == sample.BOARD and no in nos
        ),
        passwords={post["no"]: post["password_plain"] for post in posts},
        files={
            post["no"]: [
                (sample.FOLDER / sample.BOARD / "src" / file["stored"]).read_bytes()
                for file in post["files"]
                if not file["deleted"]
            ]
            for post in posts
        },
        folder=sample.FOLDER,
    )


VICHAN = _made()
