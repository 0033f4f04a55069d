"""Front page, boards.json in both shapes, and status.json: they show all boards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imageboard import addresses, markup
from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.media_kinds import accepted_types
from imageboard.store import boards as stored_boards
from imageboard.store import threads as stored_threads
from imageboard.store import written
from renderer.pages import notices
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteView
from templates import pages
from templates.post_json import dump

_RECENT_POSTS = 20
_RECENT_CHARS_MAX = 120
_PICTURES = 12
#: Posts among which they are looked for.
_PICTURES_AMONG = 300
#: PERF: whether each is shown is looked up, 2 µs; of a busier site it says that there were more.
_COUNTED_MAX = 1_000

#: {'b': [('rules', 'House rules')]}: what staff wrote for each board.
Titles = Mapping[str, Sequence[tuple[str, str]]]
NO_TITLES: Titles = {}


class FrontPage(SiteKind):
    name = "front_page"
    order = 4

    def draw(self, view: SiteView) -> Iterator[Drawn]:
        counts = stored_boards.counts(view.db)
        shown = [name for name, (threads, _) in counts.items() if threads]
        markings = {board.name: board.settings.marking for board in view.site.boards}
        boards = [
            pages.BoardCount(board, *counts.get(board.name, (0, 0))) for board in view.site.boards
        ]
        recent = [
            pages.RecentLine(
                board=post.board,
                no=post.no,
                thread=post.thread,
                created_s=post.created_s,
                subject=post.subject,
                excerpt_html=markup.excerpt_html(
                    markup.parse(post.body, markings[post.board]), _RECENT_CHARS_MAX
                ),
            )
            for post in stored_threads.recent(view.db, shown, _RECENT_POSTS)
        ]
        activity = _activity(view, shown)
        front = pages.front_page(
            view.site,
            boards,
            recent,
            _notices(view),
            pictures=_pictures(view, shown),
            activity=activity,
        )
        yield Drawn(addresses.FRONT_PAGE_PATH, front)
        told = view.site.boards, view.site.captcha, written.titles_by_board(view.db)
        yield Drawn(addresses.BOARDS_JSON_PATH, boards_json(*told))
        yield Drawn(addresses.BOARDS_LIST_JSON_PATH, boards_list_json(*told))
        yield Drawn(addresses.STATUS_JSON_PATH, status_json(boards, activity))


def _pictures(view: SiteView, shown: list[str]) -> list[pages.RecentPicture]:
    may_show = [board.name for board in view.site.boards if board.settings.in_overboard]
    return [
        pages.RecentPicture(
            post_url=addresses.post_url(each.board, each.thread, each.no),
            url=addresses.media_url(
                each.board, addresses.thumb_name(each.tim, each.thumb_extension)
            ),
            width=each.thumb_width,
            height=each.thumb_height,
            colour=each.colour,
        )
        for each in stored_threads.recent_pictures(
            view.db, shown, _PICTURES, among=_PICTURES_AMONG, may_show=may_show
        )
    ]


def _activity(view: SiteView, shown: list[str]) -> pages.Activity | None:
    posts, newest_s = stored_threads.last_hour(view.db, shown, _COUNTED_MAX)
    if newest_s is None:
        return None
    return pages.Activity(posts, posts < _COUNTED_MAX, newest_s)


def _notices(view: SiteView) -> pages.FrontNotices:
    titles = written.titles(view.db, None)
    news = written.news(view.db, None, notices.FRONT_NEWS)
    return pages.FrontNotices(
        notices.announcements(titles), notices.in_full(news), notices.page_links(None, titles)
    )


def boards_json(
    boards: Sequence[Board], captcha: ShownCaptcha | None = None, titles: Titles = NO_TITLES
) -> bytes:
    """4chan's boards.json: every limit that a client should know before it posts."""
    return dump({"boards": _list_of(boards, captcha, titles)})


def boards_list_json(
    boards: Sequence[Board], captcha: ShownCaptcha | None = None, titles: Titles = NO_TITLES
) -> bytes:
    """The same as clients of infinity and its kin ask for it: the array alone."""
    return dump(_list_of(boards, captcha, titles))


def status_json(boards: Sequence[pages.BoardCount], activity: pages.Activity | None) -> bytes:
    """How the site is, for programs: `last_post` in seconds of Unix, `posts_last_hour` up to it.

    Whoever finds `last_post` to be hours old knows that nobody posts, or that pages are late.
    """
    return dump(
        {
            "software": "stillboard",
            "posts": sum(each.posts for each in boards),
            "threads": sum(each.threads for each in boards),
            "posts_last_hour": activity.posts if activity else 0,
            "last_post": activity.newest_s if activity else None,
            "boards": [
                {
                    "board": each.board.name,
                    "threads": each.threads,
                    "posts": each.posts,
                    "read_only": int(each.board.settings.read_only),
                    "captcha_for_all": int(each.board.settings.captcha_for_all),
                }
                for each in boards
            ],
        }
    )


def _list_of(
    boards: Sequence[Board], captcha: ShownCaptcha | None, titles: Titles
) -> list[dict[str, Any]]:
    return [
        _board_fields(board)
        | {
            "captcha": _captcha(board, captcha),
            "written_pages": _written_fields(board, titles.get(board.name, ())),
        }
        for board in boards
    ]


def _written_fields(board: Board, pages: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"name": name, "title": title, "url": addresses.written_page_url(board.name, name)}
        for name, title in pages
    ]


def _captcha(board: Board, site_captcha: ShownCaptcha | None) -> dict[str, Any] | bool:
    captcha = None if site_captcha is None else site_captcha.on(board)
    return False if captcha is None else captcha.to_json()


def _infinity_fields(board: Board) -> dict[str, Any]:
    """What infinity's clients want to find. Null: it changes with each post, or with the clock."""
    return {
        "uri": board.name,
        "subtitle": board.settings.subtitle,
        "sfw": int(board.settings.worksafe),
        "indexed": 1,
        "weight": 0,
        "locale": board.language.code,
        "tags": [],
        "max": None,
        "pph": None,
        "ppd": None,
    }


def _board_fields(board: Board) -> dict[str, Any]:
    settings = board.settings
    return _infinity_fields(board) | {
        "board": board.name,
        "title": settings.title,
        "meta_description": settings.subtitle,
        "anonymous_name": settings.anonymous_name,
        "ws_board": int(settings.worksafe),
        "group": settings.group,
        "in_overboard": int(settings.in_overboard),
        "per_page": settings.threads_per_page,
        "pages": settings.pages_max,
        "max_filesize": settings.upload_bytes_max,
        "max_webm_filesize": settings.upload_bytes_max,
        "max_webm_duration": settings.played_max_s,
        "webm_audio": 1,
        "max_comment_chars": settings.body_chars_max,
        "body_lines_max": settings.body_lines_max,
        "name_chars_max": settings.name_chars_max,
        "subject_chars_max": settings.subject_chars_max,
        "max_files": settings.files_max,
        "accepted_types": accepted_types(settings.kinds) if settings.files_max else [],
        "image_pixels_max": settings.image_pixels_max,
        "image_side_px_max": settings.image_side_px_max,
        "image_frames_max": settings.image_frames_max,
        "min_image_width": 1,
        "min_image_height": 1,
        "bump_limit": settings.bump_limit,
        "reply_limit": settings.reply_limit,
        "image_limit": settings.image_limit,
        "cooldowns": {
            "threads": settings.thread_wait_s,
            "replies": settings.reply_wait_s,
            "images": settings.reply_wait_s,
        },
        "spoilers": int("spoiler" in settings.marking.marks),
        "custom_spoilers": 0,
        "is_archived": int(settings.archive_days > 0),
        "thread_tags": list(settings.tags),
        "board_flags": dict(settings.flags),
        "country_flags": int(settings.country_flags != "off"),
        "user_ids": int(settings.poster_ids),
        "code_tags": int("code" in settings.marking.marks),
        "sjis_tags": int("aa" in settings.marking.marks),
        "oekaki": 0,
        "math_tags": int("math" in settings.marking.marks),
        "marks": settings.marks.split(),
        "text_only": int(settings.files_max == 0),
        "forced_anon": int(settings.forced_anonymous),
        "require_subject": int(settings.thread_needs_subject),
        "delete_rules": {
            "min_age": settings.delete_wait_s,
            "max_age": settings.delete_hours_max * 3600 or None,
            "op_deletes_replies": settings.op_deletes_replies,
        },
        "report_categories": list(settings.categories),
    }


KIND = FrontPage()
