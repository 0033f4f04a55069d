"""Whatever is sent to /post gets the fitting status and a sentence, and leaves nothing behind.

All of it goes through nginx over HTTP, once as a program sends it and once as a browser does.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Callable, Iterator, Mapping
from html import escape
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest

from tests.deploy.stand_ins import WAIT_S
from tests.tables import for_each
from tests.walk.board_process import BoardProcess
from tests.walk.form_pages import filled_in
from tests.walk.holdings import Inventory
from tests.writer.media import hostile

pytestmark = pytest.mark.board

PROGRAM = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"

BOARD = "bad"
THREAD, LOCKED_THREAD = 1, 2
FILE_BYTES_MAX = 10 * 1024 * 1024
#: More than the writer has threads: were they held up, nobody else would be answered.
STALLED_UPLOADS = 40

ACUTE = "\u0301"
#: A lone surrogate as a sloppy program encodes it: not UTF-8.
SURROGATE = b"\xed\xa0\x80"

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

Value = str | bytes
Field = tuple[str, Value]


class File(NamedTuple):
    """A file of a form; its bytes are made when they are sent."""

    name: str
    make: Callable[[], bytes]
    field: str = "file"


class Bad(NamedTuple):
    """A form that is refused: the status, the field that is at fault, words of the sentence."""

    status: int
    at_fault: str | None
    says: str
    fields: tuple[Field, ...] = ()
    files: tuple[File, ...] = ()
    headers: Mapping[str, str] = NO_HEADERS


@pytest.fixture(scope="module")
def board(board_process: BoardProcess) -> BoardProcess:
    """With a board that has a thread and a locked thread."""
    board_process.cli("board", "add", BOARD)
    for thread in (THREAD, LOCKED_THREAD):
        assert board_process.post(board=BOARD, body="A thread.")["thread"] == str(thread)
    desk = board_process.staff_desk()
    desk.press("lock", BOARD, LOCKED_THREAD)
    desk.close()
    board_process.settle()
    return board_process


@pytest.fixture(scope="module")
def inventory(board: BoardProcess) -> Iterator[Inventory]:
    with Inventory(board) as inventory:
        yield inventory


def reply(**fields: Value) -> tuple[Field, ...]:
    """The fields of a reply in which nothing is wrong, but for `fields`."""
    good: dict[str, Value] = {
        "board": BOARD,
        "thread": str(THREAD),
        "name": "Typed name",
        "email": "sage",
        "subject": "Typed subject",
        "body": "Typed text, line one.\nLine <two>.",
        "password": "typed password",
    }
    return tuple((good | fields).items())


def to_thread(number: str) -> tuple[Field, ...]:
    return reply(thread=number)


def with_file(name: str, make: Callable[[], bytes]) -> tuple[File, ...]:
    return (File(name, make),)


def too_large_png() -> bytes:
    return png_of_bytes(FILE_BYTES_MAX + 1)


def png_of_bytes(size: int) -> bytes:
    """A good picture of just that size, most of it a chunk that nobody knows."""
    empty = hostile.png_with(hostile.png_chunk(b"teSt", b""))
    return hostile.png_with(hostile.png_chunk(b"teSt", bytes(size - len(empty))))


def send(board: BoardProcess, bad: Bad, headers: dict[str, str]) -> httpx.Response:
    # The password comes last, as on the page: after a file that may be refused.
    fields: list[tuple[str, Any]] = [(name, (None, value)) for name, value in bad.fields]
    files = [(file.field, (file.name, file.make())) for file in bad.files]
    return board.http.post(
        "/post", files=fields[:-1] + files + fields[-1:], headers={**headers, **bad.headers}
    )


NO_SUCH_BOARDS = ["nope", "../b", "b/../c", "b.", '"b"', "ｂ", "B", "b" * 17, "b\0", "%62", "b?x=1"]
NO_NUMBERS = ["-1", "1e3", "1.0", "abc", "٣", "9" * 400, "0x1", "1 2", "9223372036854775808"]
LONG = {"name": 36, "email": 41, "subject": 101, "body": 4001, "password": 101}

FORMS = {
    "no board at all": Bad(400, "board", "does not say which board", reply(board="")),
    **{
        f"board {name[:20]!r}": Bad(404, "board", "There is no board", reply(board=name))
        for name in NO_SUCH_BOARDS
    },
    "no such thread": Bad(404, "thread", f"There is no thread 999 on /{BOARD}/", to_thread("999")),
    "thread 0": Bad(404, "thread", "There is no thread 0", to_thread("0")),
    **{
        f"thread {number[:20]!r}": Bad(400, "thread", "is not a number", to_thread(number))
        for number in NO_NUMBERS
    },
    "locked thread": Bad(422, "thread", "locked", to_thread(str(LOCKED_THREAD))),
    "empty post": Bad(422, "body", "empty", reply(body="")),
    "post of blanks": Bad(422, "body", "empty", reply(body=" \n\t\n ")),
    **{
        f"{chars} characters of {field}": Bad(
            422, field, f"too long: {chars} characters", reply(**{field: "x" * chars})
        )
        for field, chars in LONG.items()
    },
    "201 lines": Bad(422, "body", "201 lines", reply(body="\n".join("x" * 201))),
    **{
        f"heap of marks in {field}": Bad(
            400, field, "more than 8 marks", reply(**{field: f"a{ACUTE * 9}b"})
        )
        for field in LONG
    },
    **{
        f"surrogate in {field}": Bad(
            400, field, "not valid UTF-8", reply(**{field: b"a" + SURROGATE})
        )
        for field in LONG
    },
    "1,000 parts": Bad(
        400, None, "more than 64", (*reply(), *[(f"f{n}", "x") for n in range(1000)])
    ),
    "no such idempotency key": Bad(
        400, "nonce", "8 to 128 printable", reply(), headers={"Idempotency-Key": "short"}
    ),
    **{
        f"a field of another board: {name}": Bad(400, name, says, reply(**{name: "x"}))
        for name, says in {
            "embed": "takes no embeds",
            "is_admin": "does not know the field is_admin",
            "<b>" + "x" * 97: "does not know the field",
        }.items()
    },
    "from another site, says Origin": Bad(
        403, None, "another site", (), headers={"Origin": "https://evil.example"}
    ),
    "from nowhere, says Origin": Bad(403, None, "another site", (), headers={"Origin": "null"}),
    "from another site, says the browser": Bad(
        403, None, "another site", (), headers={"Sec-Fetch-Site": "cross-site"}
    ),
    "SVG": Bad(415, "file", "SVG", reply(), with_file("a.svg", lambda: hostile.SVG)),
    "SVG called PNG": Bad(415, "file", "SVG", reply(), with_file("a.png", lambda: hostile.SVG)),
    "page called JPEG": Bad(
        415, "file", "HTML page", reply(), with_file("a.jpg", lambda: hostile.HTML)
    ),
    "empty file": Bad(415, "file", "of no kind", reply(), with_file("a.png", bytes)),
    "truncated JPEG": Bad(
        415, "file", "damaged", reply(), with_file("a.jpg", lambda: hostile.a_jpeg()[:-400])
    ),
    "JPEG that is a ZIP too": Bad(
        415,
        "file",
        "a ZIP archive",
        reply(),
        with_file("a.jpg", lambda: hostile.a_jpeg() + hostile.a_zip()),
    ),
    "PNG of 50,000 by 50,000": Bad(
        413, "file", "2500.0 megapixels", reply(), with_file("a.png", hostile.png_bomb)
    ),
    "GIF of 10,001 frames": Bad(
        413,
        "file",
        "10000 frames",
        reply(),
        with_file("a.gif", lambda: hostile.gif_of_frames(10_001)),
    ),
    "10 MB and a byte": Bad(413, "file", "10 MB", reply(), with_file("a.png", too_large_png)),
    "five files": Bad(
        422,
        "file",
        "4 at most",
        reply(),
        (File("a.png", hostile.a_png),) * 4 + (File("b.png", hostile.a_png, "file2"),),
    ),
    "a good picture for a thread that is gone": Bad(
        404, "thread", "no thread", to_thread("999"), with_file("a.png", hostile.a_png)
    ),
}


each_form = for_each("bad", FORMS.values(), ids=list(FORMS))


@each_form
def test_a_program_is_told_in_json(board: BoardProcess, inventory: Inventory, bad: Bad) -> None:
    with inventory.nothing_stored():
        answer = send(board, bad, PROGRAM)
    assert answer.status_code == bad.status, answer.text
    told = answer.json()
    assert bad.says in told["error"]
    assert told.get("field") == bad.at_fault
    assert told.keys() - {"field", "kept"} == {"error", "code"}
    assert "kept" not in told or bad.files, "files that wait for the form to come again"
    assert answer.headers["Cache-Control"] == "no-store"


@each_form
def test_a_browser_gets_a_page_that_holds_what_was_typed(
    board: BoardProcess, inventory: Inventory, bad: Bad
) -> None:
    with inventory.nothing_stored():
        answer = send(board, bad, BROWSER)
    assert answer.status_code == bad.status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.text.replace("&#34;", '"')
    assert bad.says in page
    kept = filled_in(answer.text)
    for name, value in bad.fields:
        text = value if isinstance(value, str) else value.decode(errors="replace")
        if text and not name.startswith("f") and name not in _lost(bad):
            assert kept[name] == text


def _lost(bad: Bad) -> set[str]:
    """What stands behind a thousand fields is not read any more."""
    return {"password"} if len(bad.fields) > 64 else set()


def part(disposition: bytes, *headers: bytes) -> bytes:
    """A form of one part."""
    lines = (b"--x", b"Content-Disposition: " + disposition, *headers, b"", b"text", b"--x--", b"")
    return b"\r\n".join(lines)


UNREADABLE = {
    "no boundary": ("multipart/form-data", b"--x\r\n", 400, "boundary"),
    "an endless boundary": ("multipart/form-data; boundary=" + "x" * 300, b"", 400, "boundary"),
    "another boundary": (MULTIPART, b"--y\r\n--y--\r\n", 400, "can't be read"),
    "nothing": (MULTIPART, b"", 400, "can't be read"),
    "half a form": (MULTIPART, part(b'form-data; name="board"')[:60], 400, "can't be read"),
    "a part without a name": (MULTIPART, part(b"form-data"), 400, "no name"),
    "a name that is no text": (MULTIPART, part(b'form-data; name="\xff"'), 400, "unreadable name"),
    "an encoding of old": (
        MULTIPART,
        part(b'form-data; name="body"', b"Content-Transfer-Encoding: base64"),
        400,
        "Content-Transfer-Encoding",
    ),
    "JSON": ("application/json", b'{"board": "b", "body": "text"}', 400, "A form is expected"),
    "plain text": ("text/plain", b"board=b&body=text", 400, "A form is expected"),
    "no type": ("", b"board=b&body=text", 400, "A form is expected"),
    "1,000 fields": (URLENCODED, b"board=b" + b"&x=1" * 1000, 400, "more than 64 fields"),
    "600 KB without a file": (URLENCODED, b"board=b&body=" + b"x" * 600_000, 400, "too large"),
    "a surrogate": (URLENCODED, b"board=b&thread=1&body=%ED%A0%80", 400, "not valid UTF-8"),
    "a raw surrogate": (URLENCODED, b"board=b&thread=1&body=" + SURROGATE, 400, "UTF-8"),
}


@for_each("headers", [PROGRAM, BROWSER], ids=["program", "browser"])
@for_each(("content_type", "content", "status", "says"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_form_is_refused_with_a_sentence(
    board: BoardProcess,
    inventory: Inventory,
    content_type: str,
    content: bytes,
    status: int,
    says: str,
    headers: dict[str, str],
) -> None:
    typed = {"Content-Type": content_type} if content_type else {}
    with inventory.nothing_stored():
        answer = board.http.post("/post", content=content, headers=headers | typed)
    assert answer.status_code == status
    if headers is PROGRAM:
        assert says in answer.json()["error"]
    else:
        assert says in answer.text.replace("&#39;", "'")


def test_reading_the_form_s_address_leads_home(board: BoardProcess) -> None:
    answer = board.http.get("/post")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_other_methods_are_refused(board: BoardProcess, inventory: Inventory) -> None:
    with inventory.nothing_stored():
        answer = board.http.put("/post", data={"board": BOARD, "body": "x"}, headers=PROGRAM)
    assert answer.status_code == 405
    assert answer.json()["error"]


@pytest.mark.parametrize("headers", [PROGRAM, BROWSER], ids=["program", "browser"])
def test_more_than_any_form_may_hold_is_refused_by_nginx(
    board: BoardProcess, inventory: Inventory, headers: dict[str, str]
) -> None:
    with inventory.nothing_stored():
        answer = send(
            board, Bad(413, None, "", reply(), with_file("a", lambda: bytes(2**24))), headers
        )
    assert answer.status_code == 413
    says = answer.json()["error"] if headers is PROGRAM else answer.text
    assert "larger than this board accepts" in says


def test_headers_beyond_all_measure_are_refused_by_nginx(
    board: BoardProcess, inventory: Inventory
) -> None:
    with inventory.nothing_stored():
        answer = send(
            board, Bad(400, None, "", reply(), headers={"X-Large": "x" * 50_000}), PROGRAM
        )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Content-Type": MULTIPART}, 403),
        ({"Content-Type": "image/png"}, 400),
        ({"Content-Type": URLENCODED}, 400),
    ],
    ids=["other site", "no form", "no file in it"],
)
def test_what_is_refused_before_it_is_read_is_answered_all_the_same(
    board: BoardProcess, headers: dict[str, str], status: int
) -> None:
    """A connection that is closed with megabytes unread would take the answer along (1 in 5)."""
    megabytes = bytes(9_000_000)
    statuses = {
        board.http.post("/post", content=megabytes, headers=PROGRAM | headers).status_code
        for _ in range(12)
    }
    assert statuses == {status}


def test_a_stalled_upload_holds_nobody_up(board: BoardProcess, inventory: Inventory) -> None:
    """Posts are answered while more uploads than the writer has threads have stopped half-way."""
    half = (
        b"POST /post HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    ) + part(b'form-data; name="file"; filename="a.png"')[:-10].ljust(50_000, b"x")
    stalled = [
        socket.create_connection(("127.0.0.1", board.running.port)) for _ in range(STALLED_UPLOADS)
    ]
    try:
        for upload in stalled:
            upload.sendall(half)
        for _ in range(10):
            board.post(board=BOARD, thread=THREAD, body="In the meantime.")
        given_up, _, _ = select.select(stalled, [], [], 0)
        assert given_up == []
        with inventory.nothing_stored():
            for upload in stalled:
                upload.close()
    finally:
        for upload in stalled:
            upload.close()


# --- what looks bad and is good ---


def test_everything_at_its_limit_is_accepted(board: BoardProcess) -> None:
    texts = {name: "x" * (chars - 1) for name, chars in LONG.items()}
    accepted = board.post(board=BOARD, thread=THREAD, **texts)
    post = published(board, accepted["id"])
    assert post["name"] == texts["name"]
    assert post["sub"] == texts["subject"]
    assert texts["body"] in post["com"]


def test_a_file_of_ten_megabytes_is_accepted(board: BoardProcess) -> None:
    form = Bad(200, None, "", reply(), with_file("a.png", lambda: png_of_bytes(FILE_BYTES_MAX)))
    answer = send(board, form, PROGRAM)
    assert answer.status_code == 200, answer.text


def test_empty_fields_of_other_boards_are_ignored_and_the_first_of_two_counts(
    board: BoardProcess,
) -> None:
    fields = (
        *reply(body="The first."),
        ("body", "The second."),
        ("is_admin", ""),
        ("thread", "2"),
    )
    answer = send(board, Bad(200, None, "", (("embed", ""), *fields)), PROGRAM)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["thread"] == str(THREAD)
    assert "The first." in told["html"]
    assert "The second." not in told["html"]


def test_quotes_of_what_can_not_be_are_text(board: BoardProcess) -> None:
    numbers = ("9" * 400, "99999999999999999999", ">/b/9223372036854775808", ">/../1", ">/nope/1")
    text = "See " + " and ".join(f">>{number}" for number in numbers)
    html = board.post(board=BOARD, thread=THREAD, body=text)["html"]
    assert escape(text) in html


def test_an_address_that_a_stranger_claims_counts_for_nothing(board: BoardProcess) -> None:
    """Poster IDs are made of the address: two claims of one client look the same."""
    nos = []
    # The board believes its proxy, which has another address.
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=board.url, timeout=WAIT_S, transport=transport) as stranger:
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            for claimed in ("203.0.113.9", "198.51.100.7"):
                form = {"board": BOARD, "thread": str(THREAD), "body": f"{header} {claimed}"}
                answer = stranger.post("/post", data=form, headers=PROGRAM | {header: claimed})
                nos.append(answer.json()["id"])
    assert len({published(board, no)["id"] for no in nos}) == 1


def test_no_log_holds_what_was_typed_or_who_typed_it(board_process: BoardProcess) -> None:
    board, address = board_process, "192.0.2.188"
    board.cli("board", "add", "logs")
    typed = {"subject": "zzsubjectzz", "body": "zzbodyzz", "name": "zznamezz#zzsecretzz"}
    thread = board.post(board="logs", address=address, **typed)["thread"]
    for wrong in (
        {"email": "zzemailzz" * 9},
        {"password": f"zzpasswordzz{ACUTE * 9}"},
        {"subject": f"zzsubjectzz{ACUTE * 9}"},
        {"thread": "zz999zz"},
    ):
        answer = board.send(board="logs", address=address, **{"thread": thread} | typed | wrong)
        assert 400 <= answer.status_code < 500
    board.settle()
    lines = [
        f"{path.name}: {line}"
        for path in (board.data / "logs").glob("*.log*")
        for line in path.read_text(errors="replace").splitlines()
    ]
    assert any("request_answered" in line for line in lines)
    said = re.compile(f"zz[a-z0-9]+zz|{re.escape(address)}|Traceback|exc_type")
    assert [line for line in lines if said.search(line)] == []


def published(board: BoardProcess, no: str) -> Any:
    """A post of the thread, as the thread's JSON has it."""
    board.settle()
    posts = board.read(f"/{BOARD}/res/{THREAD}.json")["posts"]
    return next(post for post in posts if str(post["no"]) == no)
