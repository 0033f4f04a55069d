"""A later dump of a board brings what has become of it since, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import pytest

from imageboard.store import posts
from tests.builders import a_new_post
from tests.importing.conftest import SAMPLE, Site
from tests.walk import sample

pytestmark = pytest.mark.slow

_LINE = re.compile(rb"^INSERT INTO `posts_lab` .*? VALUES \(([0-9]+),.*\n", re.MULTILINE)


def changed(
    dump: bytes,
    changes: Mapping[int, tuple[bytes, bytes]],
    gone: Collection[int] = (),
) -> bytes:
    """The dump with other words in some posts ({number: (before, after)}), and without others."""

    def line(found: re.Match[bytes]) -> bytes:
        no = int(found[1])
        if no in gone:
            return b""
        before, after = changes.get(no, (b"", b""))
        assert before in found[0]
        return found[0].replace(before, after) if before else found[0]

    return _LINE.sub(line, dump)


def another_post(dump: bytes, like: int, no: int, **words: bytes) -> bytes:
    """The dump with one post more, behind all others, as if it had been said again."""
    lines = list(_LINE.finditer(dump))
    (model,) = (found[0] for found in lines if int(found[1]) == like)
    new = model.replace(b"(%d," % like, b"(%d," % no, 1)
    for before, after in zip(words["before"].split(b"|"), words["after"].split(b"|"), strict=True):
        new = new.replace(before, after)
    at = lines[-1].end()
    return dump[:at] + new + dump[at:]


def shown(site: Site) -> dict[int, str]:
    """{number: text} as the thread's own files have it."""
    threads = [no for (no,) in site.ask("SELECT no FROM threads WHERE board = 'lab'")]
    return {
        post["no"]: post.get("raw", "")
        for no in threads
        for post in site.read(f"lab/res/{no}.json")["posts"]
    }


def test_a_later_dump_brings_the_difference(site: Site) -> None:
    site.bring(site.move(SAMPLE))
    before, sample_dump = shown(site), SAMPLE.read_bytes()
    # Somebody has answered here meanwhile, and staff has removed a reply.
    with site.database.transaction() as db:
        own = posts.add(db, a_new_post(site.board("lab"), thread=3, body="here"), limits=False)
        assert posts.remove(db, "lab", 199)
    assert own.no == 203
    later = changed(
        sample_dump,
        {
            11: (b",0,1,0,0,NULL,'group", b",1,0,0,0,NULL,'group"),
            8: (b"1795500957526.png", b"deleted"),
            9: (b"23.7", b"23.8"),
        },
        gone={200},
    )
    later = another_post(later, like=201, no=202 + 1, before=b"audio", after=b"taken")
    later = another_post(later, like=201, no=204, before=b"1795501292", after=b"1795509292")
    # Search looks between two steps, and finds no post of the numbers that are reserved by then.
    site.ask_nothing("UPDATE search_progress SET no = %s", 1_000)
    move = site.bring(site.move(later))
    assert site.ask("SELECT no FROM search_progress") == [(203,)]
    assert site.findings() == []
    after = shown(site)
    assert {no: text for no, text in after.items() if before.get(no) != text} == {
        9: before[9].replace("23.7", "23.8"),
        203: "here",
        204: before[201],
    }
    assert before.keys() - after.keys() == {199, 200}
    assert move.report.troubles["a post that was made here has its number"].examples == ["/lab/203"]
    first = [thread for page in site.read("lab/catalog.json") for thread in page["threads"]][:3]
    assert [thread["no"] for thread in first] == [11, 16, 3]
    assert (first[0]["locked"], first[0]["sticky"]) == (0, 1)
    assert site.web_root.read("lab/src/1795500957526.png") is None
    counts = {what: number for what, number in move.report.counts.items() if "post" in what}
    assert counts == {
        "posts": 1,
        "posts that had come": 195,
        "posts that look different": 3,
        "posts removed": 1,
    }
    # And once more.
    again = site.move(later)
    again.look()
    assert again.bring() == []


def test_what_staff_there_changed_between_two_dumps_comes(site: Site) -> None:
    """A ban's message, a spoiler, another link, and a name that was too much."""
    site.bring(site.move(SAMPLE))
    lines = {int(found[1]): found[0] for found in _LINE.finditer(SAMPLE.read_bytes())}
    assert b"#108" in lines[190]
    banned = b"0.8 \xc2\xb5A.\\r\\n<tinyboard ban message>BANNED</tinyboard>',1795500963,"
    later = changed(
        SAMPLE.read_bytes(),
        {
            10: (b"'Anonymous'", b"'John Doe, 1 High Street'"),
            14: (b"0.8 \xc2\xb5A.',1795500963,", banned),
            120: (b"'bench','!YRjsY1vd0s'", b"'bench',NULL"),
            122: (b'"thumb\\":\\"1795501212078.png', b'"thumb\\":\\"spoiler'),
            190: (b"108", b"107"),
        },
    )
    move = site.bring(site.move(later))
    assert site.findings() == []
    assert move.report.counts["posts that look different"] == 5
    posts_of = {
        post["no"]: post
        for thread in (3, 7, 25)
        for post in site.read(f"lab/res/{thread}.json")["posts"]
    }
    assert posts_of[10]["name"] == "John Doe, 1 High Street"
    assert posts_of[14]["ban_message"] == "BANNED"
    assert "trip" not in posts_of[120]
    assert posts_of[122]["spoiler"] == 1
    assert "#107" in posts_of[190]["com"]
    assert "#108" not in posts_of[190]["com"]
    assert site.ask("SELECT to_no FROM quotes WHERE board = 'lab' AND no = 190") == [(107,)]
    assert not site.ask("SELECT FROM imported_quotes WHERE board = 'lab' AND no = 190")
    again = site.move(later)
    again.look()
    assert again.bring() == []


def test_a_dump_that_is_not_whole_removes_nothing(site: Site) -> None:
    site.bring(site.move(SAMPLE), draws=False)
    dump = SAMPLE.read_bytes()
    half = changed(dump, {}, gone=range(90, 203))
    other = site.bring(site.move(half), draws=False)
    assert "the dump lacks so many posts that it must be another: none was removed" in (
        other.report.troubles
    )
    cut = changed(dump, {}, gone={200}).partition(b"-- Dump completed")[0]
    assert site.bring(site.move(cut), draws=False).report.counts["posts removed"] == 0
    assert site.ask("SELECT count(*) FROM posts") == [(sample.expected()["counts"]["posts"],)]
