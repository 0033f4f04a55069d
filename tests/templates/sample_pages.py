"""One page of every kind, with the same text in each field that a person can fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from markupsafe import Markup, escape

from imageboard.boards import Board
from imageboard.captchas import FreshChallenge, ShownCaptcha
from imageboard.fields import KeptFile
from imageboard.store.old_log import OldEntry
from imageboard.threads import Backlink
from imageboard.words import ENGLISH, Language, Message
from templates import Site, pages, writer_pages
from templates.fragments import grouped, post_html
from tests.templates.builders import (
    CREATED_S,
    a_board,
    a_file,
    a_film,
    a_post,
    a_site,
    a_thread,
    an_about,
    an_op,
)

ALTCHA = ShownCaptcha("altcha", challenge="/captcha/altcha")
PICTURE = ShownCaptcha("picture", challenge="/captcha/picture")

KINDS = (
    "thread",
    "thread_tail",
    "thread_locked",
    "board",
    "board_empty",
    "catalog",
    "front",
    "overboard",
    "overboard_catalog",
    "written",
    "written_of_site",
    "news",
    "log",
    "log_page",
    "not_found",
    "help",
    "settings",
    "refused_thread",
    "refused_reply",
    "refused_delete",
    "refused_report",
    "preview",
    "banned",
    "failed",
    "done",
)


_OVERBOARD = pages.Overboard("overboard", is_safe=False)


@cache
def every_page(words: str = "still water", language: Language = ENGLISH) -> Mapping[str, str]:
    """{kind: page}; `words` stand in every name, subject, body, title, reason …"""
    return (
        _thread_pages(words, language)
        | _board_pages(words, language)
        | _writer_pages(words, language)
    )


def every_post(words: str, board: Board) -> list[str]:
    """The fragments of thread 123: an OP, and replies with each thing that a post can have."""
    signed = {"name": words, "tripcode": words, "capcode": words, "email": words, "subject": words}
    file = a_file(original_name=words)
    posts = [
        an_op(**signed, poster_id=words, files=(file,), backlinks=(Backlink(124, 123),)),
        a_post(no=124, name=words, dice="2d6+1=3,5 1d20=17"),
        a_post(no=125, files=(file, a_file(is_spoiler=True), a_file(is_removed=True))),
        a_post(
            no=126,
            poster_id=None,
            files=(a_film(original_name=words),),
            backlinks=(Backlink(127, 123), Backlink(900, 800)),
        ),
    ]
    return [post_html(board, post, str(escape(words))) for post in posts]


def _board(words: str, language: Language) -> Board:
    board = a_board(title=words, subtitle=words, anonymous_name=words, files_max=3)
    return replace(board, language=language)


def _site(board: Board) -> Site:
    return replace(a_site(board, a_board("tech")), language=board.language)


def _thread_pages(words: str, language: Language) -> dict[str, str]:
    board = _board(words, language)
    site = _site(board)
    op_html, *replies_html = (html.encode() for html in every_post(words, board))
    posts = b"".join((op_html, *grouped(replies_html)))
    long_thread = a_thread(replies=1200, images=1, posters=1)
    locked = a_thread(is_locked=True, is_sticky=True)
    frames = {
        "thread": pages.thread_frame(site, board, long_thread, an_about(words)),
        "thread_tail": pages.thread_tail_frame(site, board, long_thread, an_about(words), 1150),
        "thread_locked": pages.thread_frame(site, board, locked, an_about(words)),
    }
    return {kind: (before + posts + after).decode() for kind, (before, after) in frames.items()}


def _board_pages(words: str, language: Language) -> dict[str, str]:
    board = _board(words, language)
    site = _site(board)
    op_html, *replies_html = (html.encode() for html in every_post(words, board))
    preview = pages.PreviewedThread(
        a_thread(replies=15), words, op_html, tuple(replies_html), 12, 1
    )
    other = pages.PreviewedThread(
        a_thread(no=7, is_locked=True, is_sticky=True),
        None,
        post_html(board, an_op(no=7, thread=7), "").encode(),
        (),
        0,
        0,
    )
    spoiler = an_op(no=7, thread=7, subject=None, files=(a_file(is_spoiler=True),))
    tiles = [
        pages.Tile(preview.thread, an_op(subject=words, files=(a_file(),)), str(escape(words))),
        pages.Tile(other.thread, spoiler, ""),
    ]
    recent = [
        pages.RecentLine("b", 124, 123, CREATED_S, words, str(escape(words))),
        pages.RecentLine("b", 125, 123, CREATED_S, None, ""),
    ]
    counts = [pages.BoardCount(board, 1, 1), pages.BoardCount(a_board("tech"), 0, 20_000)]
    drawn = {
        "board": pages.board_page(site, board, [preview, other], 2, 3, notices(words)),
        "board_empty": pages.board_page(replace(site, captcha=PICTURE), board, [], 1, 1),
        "catalog": pages.catalog_page(site, board, tiles),
        "front": pages.front_page(
            site,
            counts,
            recent,
            front_notices(words),
            pictures=[
                pages.RecentPicture(
                    "/b/res/123.html#124", "/b/thumb/1795500950388.webp", 255, 191, 0x7F8091
                )
            ],
            activity=pages.Activity(1200, True, CREATED_S),
        ),
        "overboard": pages.overboard_page(
            site, _OVERBOARD, [(board, preview), (replace(board, name="tech"), other)], 1, 2
        ),
        "overboard_catalog": pages.overboard_catalog(
            site, _OVERBOARD, [(board, tile) for tile in tiles]
        ),
        "written": pages.written_page(
            site, board, words, "/b/rules.html", Markup("<p>%s</p>") % words, CREATED_S
        ),
        "written_of_site": pages.written_page(
            site, None, words, "/faq.html", Markup("<p>%s</p>") % words, CREATED_S
        ),
        "news": pages.news_page(site, board, "/b/news.html", front_notices(words).news),
        "log": pages.log(site, board, ["2026-11-29", "2026-11-28"]),
        "log_page": pages.log_page(site, None, "2026-11-29", log_lines(words), old_entries(words)),
        "not_found": pages.not_found_page(site),
        "help": pages.help_page(site, "/help.html"),
        "settings": pages.settings_page(site),
    }
    return {kind: page.decode() for kind, page in drawn.items()}


def old_entries(words: str) -> list[OldEntry]:
    """By a name, by one of the staff, by nobody."""
    at = "2026-11-29T14:04:00Z"
    return [
        OldEntry(no, "b", at, staff, f"#{no}: {words}", "with_names")
        for no, staff in enumerate((words, "", None))
    ]


def log_lines(words: str) -> list[pages.LogLine]:
    at, said = "2026-11-29T14:05:06.123456Z", Message("{words}", data={"words": words})
    return [
        pages.LogLine(1, at, words, said, "b", 124, [said, said]),
        pages.LogLine(2, at, "", said, "b", None, []),
        pages.LogLine(3, at, None, said, None, None, []),
    ]


def front_notices(words: str) -> pages.FrontNotices:
    said = Markup("<p>%s</p>\n") % words
    news = pages.News(1, words, said, CREATED_S)
    return pages.FrontNotices([said], [news], [(words, "/faq.html")])


def notices(words: str) -> pages.Notices:
    return pages.Notices(
        (Markup("<p>%s</p>\n") % words,),
        (pages.Headline(words, "/b/news.html#news-1", CREATED_S),),
        ((words, "/b/rules.html"),),
        pages.ShownBanner("/b/src/1795500950388-300x100.png", 300, 100),
    )


def _writer_pages(words: str, language: Language) -> dict[str, str]:
    typed = dict.fromkeys(("name", "email", "subject", "body", "password", "nonce"), words)
    refused = {
        "refused_thread": writer_pages.refused_page(
            sentence=Message("{words}", data={"words": words}),
            status=404,
            draft=typed | {"board": words},
            board=None,
            thread=None,
            field="board",
            captcha=ALTCHA._replace(
                fresh=FreshChallenge(
                    "an-id", "data:image/png;base64,AA==", "/captcha/picture.wav?id=an-id"
                )
            ),
            language=language,
        ),
        "refused_reply": writer_pages.refused_page(
            sentence=Message("{words}", data={"words": words}),
            status=403,
            draft=typed | {"spoiler": "on"},
            board="b",
            thread=123,
            field="body",
            captcha=ShownCaptcha("recaptcha", words),
            language=language,
        ),
        "refused_delete": writer_pages.refused_page(
            sentence=Message("{words}", data={"words": words}),
            status=403,
            draft={"delete": "Delete", "delete_124": "on", "password": words},
            board="b",
            thread=None,
            field="password",
            language=language,
        ),
        "refused_report": writer_pages.refused_page(
            sentence=Message("{words}", data={"words": words}),
            status=422,
            draft={"report": "Report", "delete_124": "on", "reason": words},
            board="b",
            thread=None,
            field="reason",
            language=language,
        ),
    }
    return refused | {
        "preview": writer_pages.preview_page(
            post_html=post_html(
                _board(words, language), a_post(no=0, name=words), str(escape(words))
            ),
            draft=typed,
            board="b",
            thread=123,
            kept=[KeptFile(1, words, "5e" * 16), KeptFile(2, words, "6f" * 16, is_spoiler=True)],
            captcha=ShownCaptcha("recaptcha", words),
            language=language,
        ),
        "banned": writer_pages.banned_page(
            sentence=Message("{words}", data={"words": words}),
            board="b",
            reason=words,
            created_s=CREATED_S,
            expires_s=CREATED_S + 86_400,
            ban_id=17,
            log_url="/b/log/2026-11-29.html#entry-3",
            language=language,
        ),
        "failed": writer_pages.failed_page(
            title=Message("{words}", data={"words": words}),
            sentence=Message("{words}", data={"words": words}),
            request_id="01234567" * 4,
            language=language,
        ),
        "done": writer_pages.done_page(
            title=Message("{words}", data={"words": words}),
            sentence=Message("{words}", data={"words": words}),
            back_url="/b/",
            language=language,
        ),
    }
