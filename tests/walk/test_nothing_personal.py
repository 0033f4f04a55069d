"""Nothing of a poster that is to stay with the board is found in what the board leaves anywhere.

Every file of the data folder is read, the database's own and its write-ahead log, which is what
backups are made of, among them; and what its programs show of themselves.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.monitoring.servers import get
from tests.walk.board_process import BoardProcess
from tests.walk.holdings import files_of

pytestmark = pytest.mark.board

ADDRESSES = ("203.0.113.77", "2001:db8:77:8811::9")
PASSWORD = "the poster's own rhubarb"
TEXT = "words that only readers of the board are to see"
REASON = "a reason that is for staff alone"


def of_poster() -> dict[str, bytes]:
    """As text, and as the bytes that databases and sockets know an address by."""
    found = {address: address.encode() for address in ADDRESSES}
    for address in ADDRESSES:
        packed = ipaddress.ip_address(address).packed
        # Four bytes are found anywhere by chance; sixteen are not.
        if len(packed) > 4:
            found[f"{address}, packed"] = packed
        found[f"{address}, in hexadecimal"] = packed.hex().encode()
    return found | {"the password": PASSWORD.encode()}


@pytest.fixture(scope="module")
def walked(board_process: BoardProcess) -> BoardProcess:
    """Somebody posts, reports, deletes, is refused, banned and told so; staff look at it."""
    board = board_process
    board.cli("board", "add", "hush", "title=Quiet")
    for address in ADDRESSES:
        told = board.post(board="hush", body=TEXT, password=PASSWORD, address=address)
        no = int(told["id"])
        board.send(board="hush", report=1, **{f"delete_{no}": 1}, reason=REASON, address=address)
        board.send(board="hush", body=TEXT, embed="x", password=PASSWORD, address=address)
        form = {"board": "hush", "delete": 1, f"delete_{no}": 1, "address": address}
        board.send(password="not mine", **form)
        second = board.post(board="hush", body=TEXT, password=PASSWORD, address=address)
        board.send(password=PASSWORD, **(form | {f"delete_{second['id']}": 1, f"delete_{no}": 1}))
        board.http.post(
            "/mod/login",
            data={"name": "x", "password": PASSWORD},
            headers={"X-Forwarded-For": address},
        )
    desk = board.staff_desk()
    third = int(board.post(board="hush", body=TEXT, password=PASSWORD, address=ADDRESSES[0])["id"])
    ban = {"deed": "ban", "duration": "1d", "reason": "Noise.", "where": "board", "target": ""}
    desk.send(f"/mod/hush/{third}", **ban)
    desk.close()
    refused = board.send(board="hush", body=TEXT, password=PASSWORD, address=ADDRESSES[0])
    assert refused.status_code == httpx.codes.FORBIDDEN
    board.settle()
    return board


def left_behind(board: BoardProcess) -> Iterator[tuple[str, bytes]]:
    """(where, what): every file, every row, what programs show, what the queue holds."""
    for path, body in files_of(board.data):
        yield str(path.relative_to(board.data)), body
    with psycopg.connect(board.environment["DATABASE_URL"]) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            for (row,) in db.execute(
                psycopg.sql.SQL("SELECT t::text FROM {} t").format(psycopg.sql.Identifier(table))
            ):
                yield f"a row of {table}", row.encode()
    run = json.loads((board.data / "run.json").read_text(encoding="utf-8"))
    for program in run["metrics"].keys() & run["parts"].keys():
        # A board is up before the last of its programs is.
        yield f"metrics of {program}", get(run["metrics"][program], "/metrics").encode()


@pytest.fixture(scope="module")
def found(walked: BoardProcess) -> dict[str, set[str]]:
    """{what: where it is found}"""
    sought = of_poster() | {"the text": TEXT.encode(), "the reason": REASON.encode()}
    found: dict[str, set[str]] = {name: set() for name in sought} | {"anything": set()}
    for where, what in left_behind(walked):
        found["anything"].add(where)
        for name, secret in sought.items():
            if secret in what:
                found[name].add(where)
    return found


def test_no_address_and_no_password_is_found_anywhere(found: dict[str, set[str]]) -> None:
    assert {name: found[name] for name in of_poster() if found[name]} == {}


def test_text_of_posts_and_reports_is_in_no_log_and_no_metric(found: dict[str, set[str]]) -> None:
    """Nor in the log of what staff do, which readers see: it tells numbers."""
    silent = ("logs/", "metrics of", "public/hush/log/", "public/log/", "a row of moderation_log")
    for name in ("the text", "the reason"):
        assert {where for where in found[name] if where.startswith(silent)} == set()
    assert "a row of posts" in found["the text"]
    assert any(where.startswith("postgres/") for where in found["the reason"]), "it is looked for"
    for place in (*silent, "postgres/pg_wal/", "public/hush/res/"):
        assert any(where.startswith(place) for where in found["anything"]), place
