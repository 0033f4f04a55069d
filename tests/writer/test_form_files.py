"""Nobody chooses a file twice: whoever is refused sends the form again as its page has it."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from falcon import testing

from imageboard.settings import Settings
from imageboard.store.database import Database
from tests.builders import a_board
from tests.templates.parsed import elements, fields_of, parse, text
from tests.writer.media.hostile import GOOD
from tests.writer.sending import send, send_files, send_picture

pytestmark = pytest.mark.slow

TWO = [("file", "my cat.jpg", GOOD["jpeg"]()), ("file", "b.png", GOOD["png"]())]
TOO_LONG = "x" * 5000


def form_of(page: Element) -> dict[str, str]:
    """What a browser would send of the page's only form."""
    (form,) = [each for each in elements(page) if each.tag == "form"]
    return fields_of(form)


def kept_on(settings: Settings) -> list[str]:
    return [path.name for path in (settings.data / "kept").iterdir()]


@pytest.mark.parametrize(
    "asked", [{"body": TOO_LONG}, {"preview": "Preview"}], ids=["refusal", "preview"]
)
def test_page_sends_the_files_again_with_their_names_and_spoilers(
    client: testing.TestClient, database: Database, asked: dict[str, str]
) -> None:
    a_board(database)
    page = send_files(client, TWO, json_response="", spoiler2="on", file_alt2="A lake", **asked)
    assert "my cat.jpg" in page.text
    again = form_of(parse(page.text)) | {"body": "Shorter.", "json_response": "1"}
    # No file comes with it: as a browser leaves the field empty.
    stored = send_files(client, [("file", "", b"")], **again)
    assert stored.status_code == 200
    thread = database_files(database)
    assert thread == [("my cat", ".jpg", False, None), ("b", ".png", True, "A lake")]


def database_files(database: Database) -> list[tuple[Any, ...]]:
    with database.connection() as db:
        rows = db.execute(
            "SELECT original_name, extension, is_spoiler, alt FROM files ORDER BY position"
        )
        return rows.fetchall()


def test_second_refusal_gives_the_same_files_back_and_new_ones_come_behind(
    client: testing.TestClient, database: Database, settings: Settings
) -> None:
    a_board(database)
    first = form_of(parse(send_files(client, TWO, json_response="", body=TOO_LONG).text))
    third = [("file", "c.gif", GOOD["gif"]())]
    second = form_of(parse(send_files(client, third, **first | {"json_response": ""}).text))
    assert {name: second[name] for name in ("kept1", "kept2")} == {
        name: first[name] for name in ("kept1", "kept2")
    }
    assert len(kept_on(settings)) == 3
    del second["kept2"]
    assert send_files(client, [], **second | {"body": "", "json_response": "1"}).status_code == 200
    assert [name for name, *_ in database_files(database)] == ["my cat", "c"]


def test_token_of_somebody_else_is_none(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    told = send_picture(client, address="192.0.2.1", body=TOO_LONG).json["kept"]
    fields = {each["field"]: each["value"] for each in told}
    assert fields.keys() == {"kept1"}
    refused = send_files(client, [], address="192.0.2.2", body="Hello.", **fields)
    assert (refused.status_code, refused.json["field"]) == (400, "kept1")
    assert "no longer kept" in refused.json["error"]
    assert send_files(client, [], address="192.0.2.1", body="", **fields).status_code == 200


def test_page_without_a_file_that_is_gone_can_be_sent(
    client: testing.TestClient, database: Database, settings: Settings
) -> None:
    a_board(database)
    first = form_of(parse(send_files(client, TWO, json_response="", body=TOO_LONG).text))
    (gone,) = [
        path
        for path in (settings.data / "kept").iterdir()
        if path.name.endswith(f".{len(TWO[0][2])}")
    ]
    gone.unlink()
    page = send(client, **first | {"body": "Shorter.", "json_response": ""})
    assert "File 1 is no longer kept" in page.text
    second = form_of(parse(page.text)) | {"json_response": "1"}
    assert send(client, **second).status_code == 200
    assert [name for name, *_ in database_files(database)] == ["b"]


def test_kept_files_count_as_the_forms_own(client: testing.TestClient, database: Database) -> None:
    """By number, and by what they weigh together."""
    a_board(database, files_max=2)
    told = send_files(client, TWO, body=TOO_LONG).json["kept"]
    fields = {each["field"]: each["value"] for each in told}
    refused = send_files(client, TWO[:1], body="Hello.", **fields)
    assert (refused.status_code, refused.json["error"]) == (422, "Too many files: 2 at most.")


def test_refusal_while_the_form_is_read_keeps_what_was_read(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    refused = send_files(
        client,
        TWO,
        body="a" + "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        thread="x",
    )
    assert refused.status_code == 400
    assert [each["filename"] for each in refused.json["kept"]] == ["my cat.jpg", "b.png"]


@pytest.mark.parametrize("count", [1, 2])
def test_file_that_is_refused_itself_is_kept_only_beside_others(
    client: testing.TestClient, database: Database, count: int
) -> None:
    a_board(database)
    files = [("file", "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), *TWO][:count]
    refused = send_files(client, files, json_response="")
    assert refused.status_code == 415
    assert ("kept1" in form_of(parse(refused.text))) == (count > 1)
    told = "choose them again" if count == 1 else "kept for an hour"
    assert told in text(parse(refused.text))


def test_nothing_is_kept_of_what_another_site_sent(
    client: testing.TestClient, database: Database, settings: Settings
) -> None:
    a_board(database)
    boundary = "b"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        f"x\r\n--{boundary}--\r\n"
    )
    answer = client.simulate_post(
        "/post",
        body=body,
        headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Sec-Fetch-Site": "cross-site",
        },
    )
    assert answer.status_code == 403
    assert kept_on(settings) == []
