"""A board of vichan stands here as it stood there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from imageboard.cloaks import parse_address
from imageboard.store import bans, posts
from importing import loading
from tests.builders import CLOAK, a_new_post
from tests.importing.conftest import SAMPLE, Site
from tests.importing.contract import Killed, dies_at
from tests.walk import sample
from tests.walk.known_differences import ABSENT, KNOWN
from tests.walk.test_vichan_replay import listed

pytestmark = pytest.mark.slow

#: Fields that vichan does not have in all places where this board does; the replay of the sample
#: holds each to what it says.
_ONLY_HERE = frozenset(
    "bumplimit change closed filedeleted imagelimit images last_replies mime now raw replies"
    " semantic_url spoiler thumb unique_ips".split()
)
#: {post: fields that differ}: a file that was deleted there; spoilers, which have no thumbnail, and
#: there the measures of its placeholder; a name of blanks.
_DIFFERS = {
    sample.POST_WITHOUT_ITS_FILE: "filename ext tim md5 fsize w h tn_w tn_h".split(),
    48: ["tn_w", "tn_h"],
    166: ["tn_w", "tn_h"],
    136: ["name"],
}
#: How the same text is spelled in HTML.
_SPELLINGS = [known for known in KNOWN if known.fields in (("com",), ("sub",))]


def published(site: Site) -> dict[str, Any]:
    return {path: site.read(f"{sample.BOARD}/{path}") for path in sample.documents()}


def test_threads_stand_in_their_order_on_their_pages(moved: Site) -> None:
    assert [(post.path, post.page, post.no) for post in listed(published(moved))] == [
        (post.path, post.page, post.no) for post in listed(sample.documents())
    ]


def test_every_field_of_every_post_is_as_it_was(moved: Site) -> None:
    wrong = []
    for there, here in zip(listed(sample.documents()), listed(published(moved)), strict=True):
        for field in sorted(there.fields.keys() | here.fields.keys()):
            found = here.fields.get(field, ABSENT)
            expected = _expected(field, there.fields, here.fields)
            if found != expected and field not in _DIFFERS.get(here.no, ()):
                wrong.append(f"{here.path} No.{here.no} {field}: {found!r}, not {expected!r}")
    assert not wrong, "\n".join(wrong[:20])


def _expected(field: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> Any:
    theirs = there.get(field, ABSENT)
    if field in _ONLY_HERE and (theirs == ABSENT or field == "images"):
        return here[field]
    if field == "last_modified":
        # There of a thread its last bump.
        thread = sample.threads().get(here["no"], [])
        return max([post["time"] for post in thread], default=theirs)
    if field == "extra_files":
        own = [{name: file[name] for name in ("mime", "thumb")} for file in here[field]]
        return [file | more for file, more in zip(theirs, own, strict=True)]
    for known in _SPELLINGS:
        if field in known.fields:
            theirs = known.expected(field, theirs, here)
    return theirs


def test_every_file_is_there_byte_for_byte(moved: Site) -> None:
    files = [
        file for post in sample.expected()["posts"] for file in post["files"] if not file["deleted"]
    ]
    for file in files:
        body = moved.web_root.read(f"{sample.BOARD}/src/{file['stored']}")
        assert body == (sample.FOLDER / sample.BOARD / "src" / file["stored"]).read_bytes()
        assert body is not None
        assert hashlib.md5(body).hexdigest() == file["md5"]
        if not file["spoiler"]:
            thumb = f"{sample.BOARD}/thumb/{file['thumb']}"
            assert moved.web_root.read(thumb) == (sample.FOLDER / thumb).read_bytes()
    assert len(files) == sample.expected()["counts"]["files_present"]
    assert base64.b64encode(hashlib.md5(body).digest()).decode() == files[-1]["md5_base64"]


def test_every_link_of_the_old_texts_leads_to_its_post(moved: Site) -> None:
    linked = moved.ask("SELECT no, to_board, to_no FROM quotes WHERE board = 'lab'")
    assert len(linked) == sum(
        len({part.partition('"')[0] for part in post["body_html"].split("/res/")[1:]})
        for post in sample.expected()["posts"]
    )
    assert (130, "b", sample.QUOTED_ON_B) in linked
    # Its post was gone, and its text is no link.
    assert (112, "lab", 24) not in linked


def test_files_of_one_step_share_a_folder_which_is_flushed_once(moved: Site) -> None:
    assert moved.ask("SELECT count(DISTINCT left(stored_as, 2)) FROM files") == [(1,)]


def test_links_are_joined_some_at_a_time_and_also_after_an_interruption(
    site: Site, moved: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board may have so many that one statement for all of them would take too long."""
    monkeypatch.setattr(loading, "LINKS_AT_ONCE", 20)
    with monkeypatch.context() as dying:
        dies_at(dying, "join_quotes", 3)
        with pytest.raises(Killed):
            site.bring(site.move(SAMPLE), draws=False)
    links = "SELECT no, to_no FROM quotes WHERE board = 'lab' AND to_board = 'lab' ORDER BY 1, 2"
    assert 40 <= len(site.ask(links)) < len(moved.ask(links))
    site.bring(site.move(SAMPLE), draws=False)
    assert site.ask(links) == moved.ask(links)


def test_bans_hit_whom_they_hit(moved: Site) -> None:
    def found(address: str, board: str) -> str | None:
        hit = parse_address(address)
        with moved.database.connection() as db:
            ban = bans.find(db, board, CLOAK.hash_address(hit), hit)
        return ban and ban.reason

    assert found("192.0.2.66", "lab") == "Advertising in three threads, second time."
    assert found("192.0.2.66", "b") is None
    assert found("198.51.100.77", "b") == (
        "Flood from this range; mail the curator if you are ''not'' the flooder."
    )
    assert found("2001:db8:1::7", "lab") == "Spam bots <see log>, permanent."
    assert found("192.0.2.65", "lab") is None


def test_the_next_post_has_the_number_behind_all_that_ever_were(site: Site) -> None:
    """Also behind those that were removed, of which a log or a quote tells."""
    log = b"INSERT INTO modlogs (`board`,`text`) VALUES ('lab','Deleted post #230');"
    site.bring(site.move(SAMPLE.read_bytes() + log), draws=False)
    with site.database.transaction() as db:
        board = site.board(sample.BOARD)
        stored = posts.add(db, a_new_post(board, thread=3), limits=False)
        assert stored.no == 231
    order = site.ask("SELECT no FROM threads ORDER BY is_sticky DESC, bump_no DESC LIMIT 2")
    assert order == [(sample.STICKY_THREAD,), (3,)]


def test_who_removes_a_reply_that_bumped_takes_its_bump_back(site: Site) -> None:
    site.bring(site.move(SAMPLE), draws=False)
    threads = sample.threads()
    last = max((post for post in threads[3] if not post["sage"]), key=lambda post: post["no"])
    with site.database.transaction() as db:
        assert posts.remove(db, sample.BOARD, last["no"])
    bumped = dict(site.ask("SELECT no, bump_no FROM threads WHERE board = 'lab'"))
    before_it = max(
        post["no"] for post in threads[3] if not post["sage"] and post["no"] < last["no"]
    )
    above = {post["thread"] for post in sample.expected()["posts"] if post["no"] > before_it}
    assert {no for no in bumped if bumped[no] > bumped[3]} <= above
