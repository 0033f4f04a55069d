"""Every public address, as clients of vichan know it. A change here breaks links on other sites."""

from __future__ import annotations

from imageboard import addresses
from imageboard.parts import Part
from tests.tables import for_each


@for_each(
    ("address", "expected"),
    [
        (addresses.board_url("b"), "/b/"),
        (addresses.board_page_url("b", 1), "/b/"),
        (addresses.board_page_url("b", 2), "/b/2.html"),
        (addresses.catalog_url("b"), "/b/catalog.html"),
        (addresses.thread_url("b", 123), "/b/res/123.html"),
        (addresses.thread_tail_url("b", 123), "/b/res/123+50.html"),
        (addresses.post_url("b", 123, 124), "/b/res/123.html#124"),
        (addresses.fresh_url("/b/res/123.html#124", 124), "/b/res/123.html?seen=124#124"),
        (addresses.fresh_url("/b/", 124), "/b/?seen=124"),
        (addresses.media_url("b", "src/1795500950388.png"), "/b/src/1795500950388.png"),
    ],
)
def test_url(address: str, expected: str) -> None:
    assert address == expected


@for_each(
    ("path", "expected"),
    [
        (addresses.board_page_path("b", 1), "b/index.html"),
        (addresses.board_page_path("b", 2), "b/2.html"),
        (addresses.board_page_json_path("b", 1), "b/0.json"),
        (addresses.board_page_json_path("b", 2), "b/1.json"),
        (addresses.catalog_path("b"), "b/catalog.html"),
        (addresses.catalog_json_path("b"), "b/catalog.json"),
        (addresses.threads_json_path("b"), "b/threads.json"),
        (addresses.thread_path("b", 123), "b/res/123.html"),
        (addresses.thread_tail_path("b", 123), "b/res/123+50.html"),
        (addresses.thread_json_path("b", 123), "b/res/123.json"),
        (addresses.media_path("b", addresses.media_name("17", ".jpeg")), "b/src/17.jpeg"),
        (addresses.media_path("b", addresses.thumb_name("17", ".webp")), "b/thumb/17.webp"),
        (addresses.FRONT_PAGE_PATH, "index.html"),
        (addresses.NOT_FOUND_PATH, "404.html"),
        (addresses.BOARDS_JSON_PATH, "boards.json"),
        (addresses.BOARDS_LIST_JSON_PATH, "boards-list.json"),
        (addresses.STATUS_JSON_PATH, "status.json"),
        (addresses.ROBOTS_PATH, "robots.txt"),
    ],
)
def test_path_below_the_web_root(path: str, expected: str) -> None:
    assert path == expected


def test_file_lies_where_its_url_says() -> None:
    assert addresses.catalog_url("b") == f"/{addresses.catalog_path('b')}"
    assert addresses.thread_url("b", 7) == f"/{addresses.thread_path('b', 7)}"
    assert addresses.thread_tail_url("b", 7) == f"/{addresses.thread_tail_path('b', 7)}"
    assert addresses.board_page_url("b", 3) == f"/{addresses.board_page_path('b', 3)}"
    assert addresses.media_url("b", "src/1.png") == f"/{addresses.media_path('b', 'src/1.png')}"


@for_each(
    ("thumb_extension", "dense_extension"),
    [(".webp", ".jpg"), (".webp", None), (".jpg", None), (None, None)],
)
@for_each("extension", [".png", ".tar.gz", ".mp3"])
def test_names_of_a_file_say_what_they_were_made_of(
    extension: str, thumb_extension: str | None, dense_extension: str | None
) -> None:
    names = addresses.media_names("17", extension, thumb_extension, dense_extension)
    expected = {Part.ORIGINAL: f"src/17{extension}"}
    if thumb_extension:
        expected[Part.THUMBNAIL] = f"thumb/17{thumb_extension}"
    if dense_extension:
        expected[Part.DENSE] = f"thumb/17-0002{dense_extension}"
    assert names == expected
    endings = dict(zip(Part, (extension, thumb_extension, dense_extension), strict=True))
    for part, name in names.items():
        assert not addresses.is_of_nothing(name)
        assert addresses.tim_and_extension(name) == ("17", endings[part])
