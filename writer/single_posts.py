"""One post as JSON, `/b/post/124.json`: whichever thread it is in.

Answered from the database. A file a post would be as many again as a board has pages, and each post
three more; a quote that leads to another thread is looked up seldom, and by one reader at a time.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate

import falcon

from imageboard.boards import Board, read_board_name
from imageboard.errors import NoSuchBoard, NoSuchPost
from imageboard.store import threads
from imageboard.store.database import Database, snapshot
from imageboard.threads import Post, Thread, body_html
from templates import post_json
from writer import compression
from writer.board_list import BoardList

ADDRESS = "/{board}/post/{no}.json"
#: Asked for each time, and no CDN keeps it: a removal has no copy to reach.
_ASK_EACH_TIME = ["no-cache"]
#: The second of a change, and what the database's clock may be ahead.
_SECOND_OVER_S = 2


def _is_known(req: falcon.Request, etag: str, thread: Thread) -> bool:
    """Whether the reader has it, in whichever encoding; who names an ETag is not asked for a time
    (RFC 9110, 13.2.2).
    """
    if req.if_none_match:
        return any(known == "*" or known.partition("-")[0] == etag for known in req.if_none_match)
    # A client's own clumsy spelling of a date asks for nothing.
    with suppress(falcon.HTTPInvalidHeader):
        since = req.if_modified_since
        return since is not None and thread.modified_s <= since.timestamp()
    return False


@dataclass(frozen=True, slots=True)
class SinglePosts:
    """Posts that pages show, one by one."""

    database: Database
    boards: BoardList

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: str) -> None:
        found = self.boards.get(read_board_name(board))
        if found is None:
            raise NoSuchBoard(board=board)
        post, thread = self._read(found, no)
        body = post_json.dump({"board": found.name} | self._fields(found, post, thread))
        resp.cache_control = _ASK_EACH_TIME
        resp.set_header("CDN-Cache-Control", "no-store")
        etag = hashlib.sha256(body).hexdigest()[:16]
        encoding = compression.encoding_for(req)
        resp.etag = f"{etag}-{encoding}" if encoding else etag
        # A post changes with its thread at the latest, and once more within the second perhaps: a
        # time that is told before that is over is none by which anybody has the last version.
        told_s = thread.modified_s - (time.time() < thread.modified_s + _SECOND_OVER_S)
        resp.set_header("Last-Modified", formatdate(told_s, usegmt=True))
        if _is_known(req, etag, thread):
            resp.status = falcon.HTTP_304
            resp.append_header("Vary", "Accept-Encoding")
            return
        resp.content_type = falcon.MEDIA_JSON
        compression.send(req, resp, body)

    def _read(self, board: Board, no: str) -> tuple[Post, Thread]:
        """Raises NoSuchPost: it is gone, or not to be seen."""
        if no.isascii() and no.isdigit() and len(no) <= 15:
            with self.database.connection() as db, snapshot(db):
                for post in threads.posts_by_no(db, board.name, [int(no)]):
                    if thread := threads.get(db, board.name, post.thread):
                        return post, thread
        raise NoSuchPost(board=board.name, no=no)

    def _fields(self, board: Board, post: Post, thread: Thread) -> dict[str, object]:
        body = body_html(board, post, self.boards.names)
        fields = post_json.post_fields(board, post, body)
        return post_json.op_fields(board, thread, fields) if post.is_op else fields
