"""Posters are answered in the language of their board; what is of no board in the site's."""

from __future__ import annotations

from pathlib import Path

import pytest
from falcon import testing

from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.templates.parsed import parse
from tests.writer.desk.conftest import make_desk
from tests.writer.sending import send

EMPTY = "投稿が空です。何か書くか、ファイルを添付してください。"
IN_ENGLISH = "The post is empty: write something or add a file."


def a_client(database: Database, folder: Path, language: str) -> testing.TestClient:
    """Of a site in this language."""
    return testing.TestClient(make_desk(database, folder, STILLBOARD_LANGUAGE=language).app)


@pytest.mark.slow
def test_poster_is_answered_in_the_language_of_the_board(
    database: Database, tmp_path: Path
) -> None:
    """As JSON and as pages: refused, shown before it is sent, posted, done."""
    board = a_board(database, language="ja")
    no = a_post(database, board, password="mine").no
    client = a_client(database, tmp_path, "en")
    assert send(client, body="").json["error"] == EMPTY
    refused = send(client, body="", json_response="0")
    assert parse(refused.text).get("lang") == "ja"
    assert EMPTY in refused.text
    preview = send(client, json_response="0", preview="1")
    assert parse(preview.text).get("lang") == "ja"
    assert "まだ何も保存されていません。" in preview.text
    assert "レス 2 を選択" in send(client).json["html"]
    done = send(client, json_response="0", delete="1", password="mine", **{f"delete_{no}": "on"})
    assert parse(done.text).get("lang") == "ja"
    assert "削除しました" in done.text


def test_boards_of_one_site_answer_each_in_their_own_language(
    database: Database, tmp_path: Path
) -> None:
    for name, language in {"jp": "ja", "en": "en", "b": "site"}.items():
        a_board(database, name, language=language)
    for of_site, said in {"en": IN_ENGLISH, "ja": EMPTY}.items():
        client = a_client(database, tmp_path, of_site)
        answers = [send(client, board=name, body="").json["error"] for name in ("jp", "en", "b")]
        assert answers == [EMPTY, IN_ENGLISH, said]


@pytest.mark.parametrize(
    ("address", "said"),
    [("/mod/", "ログイン"), ("/search", "検索"), ("/nothing", "このアドレスには何もありません。")],
)
def test_what_is_of_no_board_is_in_the_language_of_the_site(
    database: Database, tmp_path: Path, address: str, said: str
) -> None:
    a_board(database)
    client = a_client(database, tmp_path, "ja")
    page = client.simulate_get(address, headers={"Accept": "text/html"}).text
    assert parse(page).get("lang") == "ja"
    assert said in page
