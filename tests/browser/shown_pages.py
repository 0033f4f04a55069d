"""Pages of every kind for a browser, without a board behind them: drawn as they are, pictures too.

`every_page()` has each kind once. A browser whose context has `proxy()` finds them and their assets
at `address(kind)`, with the policy that nginx sends, and a picture wherever one is due. What no
board is needed for is looked at here: how pages look, in each theme, on each screen.
`python -m tests.browser.screenshots` takes pictures of them.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from imageboard import markup
from imageboard.appeals import WaitingAppeal
from imageboard.bans import Ban
from imageboard.file_bans import FileBan
from imageboard.markup import Links, Quote
from imageboard.markup.marks import MARKS
from imageboard.moderation import LogEntry, ReportedPost
from imageboard.page_policy import page_policy
from imageboard.spam.rules import Rule
from imageboard.staff_roles import Grant, Role, Visitor
from imageboard.store.archive import ArchivePage
from imageboard.store.claims import Claim
from imageboard.store.deeds import Case
from imageboard.store.held import HeldPost
from imageboard.store.invitations import Invitation
from imageboard.store.second_factors import Factors
from imageboard.store.staff import Account
from imageboard.store.surroundings import Excerpt, Surroundings
from imageboard.store.threads import AsideThread
from imageboard.threads import Backlink, Post, PostFile
from imageboard.words import ENGLISH, N_
from templates import pages, search_page
from templates.assets import assets
from templates.desk import (
    ban_pages,
    board_pages,
    entrance_pages,
    history_pages,
    post_pages,
    queue_pages,
    rule_pages,
    staff_pages,
)
from templates.fragments import grouped, post_html
from tests.node_packages import installed
from tests.templates import sample_pages
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

if TYPE_CHECKING:
    from playwright.sync_api import ProxySettings

#: Where they stand: any host will do, since every request is answered by us.
SITE_URL = "http://board.example"
#: Where scripts of a page find axe. PERF: handed over by Playwright, it takes three times as long.
AXE = "/axe.js"

BUSY_REPLIES = 50
BUSY_PICTURES = 10

_BOARD = a_board(title="Random", subtitle="Whatever floats by", files_max=3)
_NIGHT_BOARD = a_board("n", title="Night", style="night")
_SITE = a_site(
    _BOARD,
    a_board("tech", title="Technology", group="Interests", worksafe=True, subtitle="Wires, code"),
    a_board("ck", title="Cooking", group="Interests", worksafe=True, subtitle="What is for dinner"),
    a_board("jp", title="日本語", group="Languages", worksafe=True),
)

_SENTENCES = (
    "I tried this last winter and it held for about two weeks.",
    "Does anyone still have the first version?",
    "The water was so still that the far shore stood in it upside down.",
    "No.",
    "That is not what the manual says: see page 12, the small print below the table.",
    "Thanks, that was it!",
    "It depends on the light. In the morning everything is blue, an hour later it is over.",
    "A picture would help.",
    "My neighbour has three of them and swears by the oldest one.",
    "I would not go there alone at this time of the year.",
    "Same here, since the update on Tuesday.",
    "Take the slow road along the river; there is a bakery behind the second bridge.",
    "Why would you do that?",
)
_ARCHIVE = [ArchivePage("2026-11", 31), ArchivePage("2026-10", 1)]
_THUMBNAILS = ((255, 191), (191, 255), (255, 143), (255, 255), (255, 102))
_FIRST = f"""Post what you see from your window.
{_SENTENCES[2]} {_SENTENCES[6]}
>inb4 it is raining
It is. **A heron came at six.** See https://example.org/herons for what they eat."""


@cache
def every_page() -> Mapping[str, str]:
    """{kind: page}: those that tests compare word by word, and such as regulars and staff see."""
    return {
        **sample_pages.every_page(),
        "busy_thread": busy_thread(),
        "busy_board": _busy_board(),
        "busy_catalog": pages.catalog_page(_SITE, _BOARD, _tiles()).decode(),
        "busy_front": _busy_front(),
        "marked_thread": _marked_thread(),
        "thread_from_right_to_left": _thread_from_right_to_left(),
        "board_of_night": pages.board_page(_SITE, _NIGHT_BOARD, [], 1, 1).decode(),
        "archive": pages.archive(_SITE, _BOARD, _ARCHIVE).decode(),
        "archive_page": pages.archive_page(_SITE, _BOARD, "2026-11", _archived()).decode(),
        "search": _found(),
    } | _desk()


@cache
def busy_thread() -> str:
    """Fifty replies in text, ten of them with a picture, as a regular's day has them."""
    thread = a_thread(replies=BUSY_REPLIES, images=BUSY_PICTURES + 1, posters=23)
    before, after = pages.thread_frame(_SITE, _BOARD, thread, an_about("Out of the window"))
    return (before + _in_groups(map(_html, _busy_posts())) + after).decode()


def address(kind: str) -> str:
    """Where the page stands."""
    return f"{SITE_URL}/{kind}.html"


@cache
def proxy() -> ProxySettings:
    """What a context asks for everything, whatever the host: a server of this process.

    PERF: each answer that Playwright hands over by a route takes 5 ms of CPU, and nothing is kept
    of it; assets are asked for once a context here.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shown)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"server": f"http://127.0.0.1:{server.server_port}"}


class _Shown(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removeprefix(SITE_URL).partition("?")[0]
        kind = path.removeprefix("/").removesuffix(".html")
        # PERF: axe is 560 KB, and a page of pictures asks for those of the page before.
        kept = {"Cache-Control": "max-age=31536000, immutable"}
        if kind in every_page():
            policy = {"Content-Security-Policy": page_policy()}
            self._answer(every_page()[kind].encode(), "text/html; charset=utf-8", policy)
        elif path in _bodies():
            self._answer(_bodies()[path], _TYPES[path.rpartition(".")[2]], kept)
        elif path == AXE:
            self._answer(_axe(), "text/javascript", kept)
        elif re.search(r"\.(webp|png|jpg|gif)$", path):
            self._answer(_a_picture(path), "image/png", kept)
        else:
            self._answer(b"", "text/plain", {}, status=404)

    def _answer(
        self, body: bytes, kind: str, headers: Mapping[str, str], *, status: int = 200
    ) -> None:
        self.send_response(status)
        sent = {"Content-Type": kind, "Content-Length": str(len(body))} | dict(headers)
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence: a test says what went wrong."""


@cache
def _bodies() -> Mapping[str, bytes]:
    return {asset.url: asset.body for asset in assets().values()}


@cache
def _axe() -> bytes:
    """The script that gives a page `axe`."""
    folder = installed(Path(__file__).parents[1] / "browser_modules")
    return (folder / "node_modules/axe-core/axe.min.js").read_bytes()


_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
}


@cache
def _a_picture(path: str) -> bytes:
    """Hills below a sky, the same ones for the same address; of its size if the address says so."""
    chance = random.Random(path)
    named = re.search(r"(\d+)x(\d+)", path)
    width, height = (int(named[1]), int(named[2])) if named else (255, 191)
    image = Image.new("RGB", (width, height), (150, 180, chance.randrange(200, 256)))
    draw = ImageDraw.Draw(image)
    for distance in range(4):
        level = height * (0.45 + 0.15 * distance)
        hills = [(x, level - chance.random() * height * 0.15) for x in range(0, width + 30, 30)]
        green = (40 + 25 * distance, 90 + 10 * distance, 60)
        draw.polygon([(0, height), *hills, (width, height)], fill=green)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _html(post: Post) -> str:
    tree = markup.parse(post.body, markup.Marking(frozenset(MARKS)))
    known = {Quote(None, no): f"/b/res/123.html#{no}" for no in range(123, 200)}
    return post_html(_BOARD, post, markup.to_html(tree, Links(known, frozenset({"b"}))))


def _in_groups(posts: Iterable[str]) -> bytes:
    """A thread's posts as its page has them."""
    op, *replies = (post.encode() for post in posts)
    return b"".join((op, *grouped(replies)))


@cache
def _busy_posts() -> tuple[Post, ...]:
    return tuple(_posts())


def _posts() -> Iterator[Post]:
    chance = random.Random(50)
    yield a_post(
        no=123,
        subject="Out of the window",
        body=_FIRST,
        files=(_picture(0),),
        backlinks=tuple(Backlink(no, 123) for no in (124, 126, 131)),
    )
    for number in range(BUSY_REPLIES):
        no = 124 + number
        lines = [f">>{chance.randrange(123, no)}"] if chance.random() < 0.6 else []
        if chance.random() < 0.2:
            lines.append(f">{chance.choice(_SENTENCES)}")
        lines += [
            " ".join(chance.choices(_SENTENCES, k=chance.choice((1, 1, 2, 2, 3, 5))))
            for _ in range(chance.choice((1, 1, 1, 2)))
        ]
        has_picture = number % (BUSY_REPLIES // BUSY_PICTURES) == 2
        yield a_post(
            no=no,
            created_s=CREATED_S + 97 * number,
            poster_id=f"{chance.randrange(16**8):08x}",
            body="\n".join(lines),
            files=(_picture(number),) if has_picture else (),
            backlinks=(Backlink(no + 1, 123),) if chance.random() < 0.4 else (),
        )


def _picture(number: int) -> PostFile:
    width, height = _THUMBNAILS[number % len(_THUMBNAILS)]
    return a_file(
        tim=f"1795500950{number:03}-{width}x{height}",
        thumb_width=width,
        thumb_height=height,
        original_name=f"IMG_20261124_{number:06}",
    )


def _busy_board() -> str:
    op, *replies = (_html(post).encode() for post in _busy_posts())
    threads = [
        pages.PreviewedThread(
            a_thread(no=123 + n, replies=50, images=11, is_sticky=n == 0, is_locked=n == 0),
            "Out of the window",
            op,
            tuple(replies[5 * n : 5 * n + (5 if n else 1)]),
            45,
            9,
        )
        for n in range(4)
    ]
    return pages.board_page(_SITE, _BOARD, threads, 2, 10, sample_pages.notices("News")).decode()


def _tiles() -> list[pages.Tile]:
    chance = random.Random(7)
    subjects = ("Out of the window", None, "Weekly questions", "A very long subject " * 4, "Bread")
    return [
        pages.Tile(
            a_thread(no=no, replies=chance.randrange(300), images=no, is_sticky=no == 1),
            a_post(no=no, subject=subjects[no % 5], files=(_picture(no),) if no % 4 else ()),
            " ".join(chance.choices(_SENTENCES, k=no % 7)),
        )
        for no in range(1, 40)
    ]


def _busy_front() -> str:
    posts = _busy_posts()
    return pages.front_page(
        _SITE,
        [pages.BoardCount(board, 12 * n, 3_456 * n) for n, board in enumerate(_SITE.boards)],
        [
            pages.RecentLine(
                "b",
                post.no,
                123,
                post.created_s,
                post.subject,
                markup.excerpt_html(markup.parse(post.body), 140),
            )
            for post in posts[:12]
        ],
        sample_pages.front_notices("A harbour for small boats"),
        pictures=[
            pages.RecentPicture(
                f"/b/res/123.html#{n}", f"/b/thumb/{n}-{w}x{h}.webp", w, h, 0x7F8091
            )
            for n, (w, h) in enumerate(_THUMBNAILS * 2)
        ],
        activity=pages.Activity(1200, True, CREATED_S),
    ).decode()


_MARKED = """==A heading==
>>123 '''bold''' ''italic'' __underlined__ ~~struck out~~ `code` **a spoiler of >>123**
>green
<pink
[code]
for (;;) { draw("a line of code that does not end where a phone does, and goes on and on"); }
[/code]
[math]e^{i\\pi} + 1 = 0[/math]
[aa]
  ∧＿∧
 （ ´∀｀）
[/aa]
שלום עולם
>>>/b/ https://example.org/"""


def _marked_thread() -> str:
    """Everything that a post can bear."""
    flag = {"flag": "lake", "flag_name": "Lake"}
    signed = {"name": "Somebody", "tripcode": "!WokonZwxw2", "email": "sage", "subject": "Marks"}
    posts = [
        a_post(no=123, body=_MARKED, capcode="Admin", files=(_picture(0), _picture(1)), **signed),
        a_post(no=124, body="Hidden.", files=(a_file(is_spoiler=True), a_file(is_removed=True))),
        a_post(no=125, body="A film.", files=(a_film(),), backlinks=(Backlink(126, 123),)),
        a_post(no=126, body="A sound.", files=(_a_sound(),), country="NO", tag="Question", **flag),
        a_post(no=127, body="Soon.", files=(a_file(is_pending=True),), dice="2d6+1=3,5 1d20=17"),
        a_post(no=128, body="An animation.", files=(a_file(extension=".gif"),)),
        a_post(no=129, body=">>123\n>>124\n" + "word " * 300),
    ]
    thread = a_thread(is_sticky=True, is_locked=True, is_cyclical=True, replies=6)
    before, after = pages.thread_frame(_SITE, _BOARD, thread, an_about("Marks"))
    return (before + _in_groups(map(_html, posts)) + after).decode()


def _thread_from_right_to_left() -> str:
    """Words from right to left around a quote, a spoiler with a link in it, code without an end."""
    text = "مرحبا >>123 بالعالم\n**he dies in >>123**\n"
    text += "[code]for (;;) { /* a line that does not end, and goes on and on and on */ }[/code]"
    links = Links({Quote(None, 123): "/b/res/123.html#123"}, {"b"})
    body = markup.to_html(markup.parse(text), links)
    posts = _in_groups(post_html(_BOARD, post, body) for post in (an_op(), a_post()))
    before, after = pages.thread_frame(_SITE, _BOARD, a_thread(), an_about())
    return (before + posts + after).decode()


def _a_sound() -> PostFile:
    return a_film(extension=".mp3", thumb_extension=None, width=0, height=0, codecs="mp3")


def _archived() -> list[pages.ArchivedLine]:
    return [
        pages.ArchivedLine(no, _SENTENCES[no % 13], no * 7, no, CREATED_S) for no in range(1, 30)
    ]


def _found() -> str:
    found = [
        search_page.ShownResult(_BOARD, post, None, escape(post.body))
        for post in _busy_posts()[1:6]
    ]
    return search_page.search_page(
        typed={"q": "window", "board": "b", "sort": "new"}
        | dict.fromkeys((row.name for row in search_page.ROWS), "")
        | {"has_file": ""},
        is_about_more_than_words=True,
        boards=_SITE.boards,
        results=search_page.Results(found, 20, False, 1, 4, 7),
    )


def _desk() -> dict[str, str]:
    visitor = Visitor("alice", (Grant(Role.ADMIN),), "token")
    posts = _busy_posts()
    cases = [
        queue_pages.ReportedCase(
            ReportedPost("b", post.no, 123, 2, CREATED_S, ["Advertising", "Spam"]),
            Case("b", post, True),
            Surroundings(Excerpt(123, "Windows", "Which one?"), Excerpt(124, None, "word " * 60)),
            Claim("bob", 3),
            seen=0,
        )
        for post in posts[2:5]
    ]
    bans = [
        Ban(
            id=n,
            board="b" if n else None,
            range="192.0.2.0/24" if n else None,
            reason="Advertising",
            created_by="alice",
            created_s=CREATED_S,
            expires_s=CREATED_S + 86_400 if n else None,
        )
        for n in range(2)
    ]
    log = [
        LogEntry(n, CREATED_S, "alice" if n % 2 else None, "delete", "b", 124 + n, {"ban": 7})
        for n in range(20)
    ]
    aside = [AsideThread("b", 7, 12, 3, "Out of the window", posts[0].body, CREATED_S)]
    first = Case("b", posts[0], True, a_thread())
    held = [
        HeldPost(
            id=n,
            board="b",
            no=200 + n,
            thread=200,
            because="Staff look first on this board.",
            held_s=CREATED_S,
            kept_until_s=CREATED_S + 86_400,
            name="Ann",
            tripcode="!tripcode",
            subject="Look",
            body="word " * 60,
            files=[["cat.png", True], ["song.mp3", False]],
        )
        for n in range(2)
    ]
    return {
        "desk_login": entrance_pages.login_page(
            form_token="token",
            passkey={},
            sentence=N_("Wrong password."),
            language=ENGLISH,
        ),
        "desk_second_step": entrance_pages.second_step_page(
            form_token="token", passkey={}, language=ENGLISH
        ),
        "desk_proof": entrance_pages.proof_page(visitor, back="staff", passkey={}),
        "desk_account": staff_pages.account_page(
            visitor,
            [],
            Factors(has_app=True, waiting=None, passkeys=[], recovery_codes=7),
            site="board.example",
            passkey={},
            secret=b"0123456789abcdef",
            codes=("abcd-efgh", "ijkl-mnop"),
        ),
        "desk_staff": staff_pages.staff_page(
            visitor,
            accounts=[Account("bob", (Grant(Role.JANITOR, "b"),), True, CREATED_S)],
            invitations=[Invitation(1, "carol", Grant(Role.MODERATOR), "alice", CREATED_S)],
            made_roles=[],
            boards=["b", "tech"],
        ),
        "desk_roles": staff_pages.roles_page(visitor, []),
        "desk_boards": board_pages.board_choice_page(visitor, _SITE.boards),
        "desk_board": board_pages.board_settings_page(visitor, _BOARD),
        "desk_home": entrance_pages.home_page(visitor, reported_posts=3),
        "desk_reports": queue_pages.reports_page(
            visitor, cases, total=3, known=0, next_page=2, done="dismiss"
        ),
        "desk_post": post_pages.post_page(
            visitor,
            first,
            a_thread(),
            report_reasons=["Spam"],
            claim=Claim("bob", 3),
            seen=0,
            known=0,
        ),
        "desk_bans": ban_pages.bans_page(visitor, bans, has_more=True),
        "desk_appeals": ban_pages.appeals_page(
            visitor,
            [WaitingAppeal(ban.id, CREATED_S, "It was my cat.", ban) for ban in bans],
            next_page=2,
        ),
        "desk_file_bans": ban_pages.file_bans_page(
            visitor,
            [
                FileBan(n, "b", "Advertising", n or None, True, None, "alice", CREATED_S)
                for n in range(2)
            ],
            next_page=2,
        ),
        "desk_rules": rule_pages.rules_page(
            visitor,
            [Rule(id=1, what="cheap watches", hits=7, created_by="alice", created_s=CREATED_S)],
            places=[None, "b"],
            typed={"what": "watches"},
            sentence=N_("What is to be looked for?"),
        ),
        "desk_held": queue_pages.held_page(visitor, held, is_whole=True, next_page=2),
        "desk_states": board_pages.states_page(visitor, _SITE.boards, held_posts=3),
        "desk_aside": history_pages.aside_page(visitor, aside, next_page=None),
        "desk_log": history_pages.log_page(
            visitor, log, sample_pages.old_entries("Spam"), undoable=[], has_more=True
        ),
        "desk_refused": entrance_pages.refused_page(
            sentence=N_("Nobody is banned."), status=422, language=ENGLISH
        ),
    }
