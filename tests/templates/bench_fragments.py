"""What one post costs to render. Run it: `python tests/templates/bench_fragments.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from timeit import Timer

sys.path.insert(0, str(Path(__file__).parents[2]))

from imageboard.threads import Backlink, Post
from templates.fragments import post_html
from tests.templates.builders import a_board, a_file, a_post

BODY_HTML = (
    '<a class="post-link" href="/b/res/123.html#123">&gt;&gt;123</a><br/>'
    "The water was so still that the far shore stood in it upside down, "
    "every reed and every post of the old pier, and nobody wanted to be the first to speak.<br/>"
    '<span class="quote">&gt;somebody threw a stone</span>'
)

CASES: dict[str, Post] = {
    "text": a_post(),
    "text, name, tripcode, subject": a_post(
        name="Anon", tripcode="!WokonZwxw2", subject="Re: lake"
    ),
    "one file": a_post(files=(a_file(),)),
    "five files": a_post(files=(a_file(),) * 5),
    "twenty backlinks": a_post(backlinks=tuple(Backlink(no, 123) for no in range(200, 220))),
}


def main() -> None:
    board = a_board()
    for name, post in CASES.items():
        timer = Timer(lambda post=post: post_html(board, post, BODY_HTML))  # type: ignore[misc]
        calls, _ = timer.autorange()
        best_us = min(timer.repeat(7, calls)) / calls * 1e6
        print(f"{name:32} {best_us:7.1f} µs  {len(post_html(board, post, BODY_HTML)):6} characters")


if __name__ == "__main__":
    main()
