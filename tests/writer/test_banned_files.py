"""Files that staff banned are refused, by their bytes or by what they look like."""

from __future__ import annotations

import ipaddress
from io import BytesIO
from random import Random

import pytest
from falcon import testing
from PIL import Image

from imageboard.cloaks import Cloak
from imageboard.file_bans import NewFileBan
from imageboard.spam import rules
from imageboard.spam.known_files import spelled
from imageboard.store import bans, boards, file_bans, moderation_log, rule_trials, spam_rules
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.media import hostile
from tests.writer.sending import send, send_files
from writer.rule_book import KeptRules

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _reads_bans_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a ban counts a second later."""
    monkeypatch.setattr(KeptRules, "_KEPT_S", -1.0)


HERE = ipaddress.ip_address("127.0.0.1")
POSTER = Cloak(b"k" * 32).hash_address(HERE)


def a_photo(seed: int) -> Image.Image:
    """With something on it: a picture of one colour looks like all others."""
    noise = Image.frombytes("L", (12, 9), Random(seed).randbytes(12 * 9))
    return noise.resize((600, 400)).convert("RGB")


def as_jpeg(picture: Image.Image, **options: int) -> bytes:
    out = BytesIO()
    picture.save(out, "jpeg", **options)
    return out.getvalue()


PHOTO = a_photo(1)
#: As a camera writes it, and as it is served.
SENT = hostile.a_jpeg(PHOTO, exif=hostile.exif(), quality=92)
SERVED = hostile.a_jpeg(PHOTO, quality=92)
#: A copy: smaller and coarser.
ALIKE = as_jpeg(PHOTO.resize((450, 300)), quality=60)


def ban_first_file(database: Database, *, bits: int | None = None, poster: bool = False) -> None:
    """Of post 1, on /b/ alone."""
    new_ban = NewFileBan("b", "Not again.", bits, bans_poster=poster, ban_s=3600)
    with database.transaction() as db:
        file = file_bans.file_of_post(db, "b", 1, 1)
        assert file is not None
        file_bans.add(db, file, new_ban, "lake")


def test_same_file_is_refused_with_the_reason_and_not_kept(
    client: testing.TestClient, database: Database
) -> None:
    """As it was sent, with notes of a camera, and as it is served, without them."""
    a_board(database)
    a_board(database, "c")
    assert send_files(client, [("file", "a.jpg", SENT)]).status_code == 200
    ban_first_file(database)
    for sent in (SENT, SERVED):
        refused = send_files(client, [("file", "other.jpg", sent)], body="again")
        assert (refused.status_code, refused.json["code"]) == (422, "file_banned")
        assert refused.json["error"] == "This file may not be posted here: Not again."
        assert "kept" not in refused.json
    assert send_files(client, [("file", "a.jpg", ALIKE)], body="alike").status_code == 200
    assert send_files(client, [("file", "a.jpg", SENT)], board="c").status_code == 200
    assert send(client, body="no file").status_code == 200


def test_copy_is_refused_by_what_it_looks_like(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    send_files(client, [("file", "a.jpg", SENT)])
    ban_first_file(database, bits=10)
    assert send_files(client, [("file", "b.jpg", ALIKE)]).json["code"] == "file_banned"
    assert send_files(client, [("file", "c.jpg", as_jpeg(a_photo(2)))]).status_code == 200


def test_rule_hits_a_copy_by_what_it_looks_like(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    send_files(client, [("file", "a.jpg", SENT)])
    with database.transaction() as db:
        file = file_bans.file_of_post(db, "b", 1, 1)
        assert file is not None
        assert file.likeness is not None
        typed = {"place": "likeness", "way": "is", "what": spelled(file.likeness), "is_on": "on"}
        rule = rules.read(typed)
        assert rule_trials.of_last_day(db, rule, on=None).hits == 1
        spam_rules.add(db, rule, "lake")
    assert send_files(client, [("file", "b.jpg", ALIKE)]).json["code"] == "refused_by_rule"
    assert send(client, body="no file").status_code == 200


def test_ban_may_hit_the_poster_too(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    send_files(client, [("file", "a.jpg", SENT)])
    ban_first_file(database, poster=True)
    refused = send_files(client, [("file", "a.jpg", SENT)], body="again")
    assert (refused.status_code, refused.json["code"]) == (403, "banned")
    with database.connection() as db:
        ban = bans.find(db, "b", POSTER, HERE)
        assert ban is not None
        assert (ban.board, ban.reason, ban.created_by) == ("b", "Not again.", "file ban 1")
        (entry,) = moderation_log.newest(db, on=None, limit=9)
        assert (entry.staff, entry.action) == ("file ban 1", "ban")
        assert boards.get(db, "b").last_no == 1
