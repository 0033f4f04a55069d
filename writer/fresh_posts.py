"""A post of this moment as its thread's page will show it, without asking the store for it."""

from __future__ import annotations

import base64

from imageboard.post_rules import NewFile, NewPost
from imageboard.store import posts
from imageboard.store.posts import StoredPost
from imageboard.threads import Post, PostFile

#: Fields of a new post that become something else by being stored.
_MADE_AT_STORING = ("thread", "quotes", "files", "poster_id")
#: What a post shows as its poster wrote it.
_WRITTEN = [
    name for name in posts.NEW_POST_FIELDS if name in Post._fields and name not in _MADE_AT_STORING
]
_WRITTEN_OF_FILE = [name for name in NewFile._fields if name in PostFile._fields and name != "md5"]


def as_shown(new_post: NewPost, stored: StoredPost) -> Post:
    """A post that was stored this moment, as its thread's page will show it."""
    return Post(
        **{name: getattr(new_post, name) for name in _WRITTEN},
        no=stored.no,
        thread=stored.thread,
        created_s=stored.created_s,
        poster_id=stored.poster_id,
        changed_no=stored.change_no,
        quotes=stored.quotes,
        backlinks=(),
        files=tuple(
            _file_as_shown(*pair) for pair in zip(new_post.files, stored.tims, strict=True)
        ),
    )


def _file_as_shown(file: NewFile, tim: str) -> PostFile:
    return PostFile(
        **{name: getattr(file, name) for name in _WRITTEN_OF_FILE},
        tim=tim,
        md5=base64.b64encode(file.md5).decode(),
        is_removed=False,
    )
