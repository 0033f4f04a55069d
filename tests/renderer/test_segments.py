"""Parts of a page that were compressed apart make one stream, which everybody reads."""

from __future__ import annotations

import gzip
import random
import subprocess

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.bodies import SHORT_BYTES_MAX, LongBody, body_of, brotlied, gzipped
from renderer.kept_threads import KeptThread
from renderer.segments import Segment, brotli_stream, gzip_stream
from tests.renderer.test_kept_threads import a_reply

#: Text that repeats itself, words that brotli has in its dictionary, and noise.
PARTS = st.lists(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(str.encode),
        st.sampled_from([b"time down life left back code data show only site " * 9, b"ab" * 300]),
    ),
    max_size=12,
)


@given(parts=PARTS, level=st.integers(0, 3))
def test_segments_in_any_order_make_one_stream(parts: list[bytes], level: int) -> None:
    segments = [Segment.of(part, level=level) for part in parts]
    assert [bytes(segment) for segment in segments] == parts
    assert [len(segment) for segment in segments] == [len(part) for part in parts]
    for order in (segments, segments[::-1]):
        page = b"".join(map(bytes, order))
        assert gzip.decompress(b"".join(gzip_stream(order))) == page
        assert brotli.decompress(b"".join(brotli_stream(order))) == page


@pytest.mark.slow
def test_segment_larger_than_what_brotli_looks_back_can_stand_anywhere() -> None:
    dice = random.Random(1)
    words = [f"word{number}" for number in range(3000)]
    parts = [" ".join(dice.choices(words, k=100_000)).encode() for _ in range(3)]
    segments = [Segment.of(part) for part in (*parts, *parts)]
    assert brotli.decompress(b"".join(brotli_stream(segments))) == b"".join(parts * 2)
    assert gzip.decompress(b"".join(gzip_stream(segments))) == b"".join(parts * 2)


def a_long_thread() -> KeptThread:
    dice = random.Random(1)
    thread = KeptThread(settings_change_no=0, as_of=0, is_whole=True)
    for no in range(2, 1002):
        words = " ".join(dice.choices(("kettle", "hob", "lid", "litre", "pressure"), k=60))
        thread.keep(a_reply(no, words), poster=b"")
    return thread


def test_page_of_a_long_thread_is_joined_of_its_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply to it costs what is new, and its siblings are hardly larger than those of a whole."""
    thread = a_long_thread()
    page = body_of((b"<html>", *thread.html(), b"</html>"))
    assert isinstance(page, LongBody)
    compressed: list[int] = []
    of = Segment.of.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Segment], part: bytes, **how: int) -> Segment:
        compressed.append(len(part))
        segment: Segment = of(cls, part, **how)
        return segment

    monkeypatch.setattr(Segment, "of", classmethod(counted))
    gz, br = b"".join(gzipped(page)), b"".join(brotlied(page))
    monkeypatch.undo()
    assert sum(compressed) < len(page) / 4
    assert gzip.decompress(gz) == brotli.decompress(br) == bytes(page)
    whole = bytes(page)
    assert len(gz) < 1.1 * len(gzip.compress(whole, 1))
    assert len(br) < 1.1 * len(brotli.compress(whole, quality=1, lgwin=18))


def test_what_a_page_is_joined_of_is_read_by_programs_that_others_wrote() -> None:
    """gzip's own; browsers and curl are asked in tests/browser."""
    page = body_of((b"<html>", *a_long_thread().html(), b"</html>"))
    assert len(page) > SHORT_BYTES_MAX
    done = subprocess.run(
        ["gzip", "-dc"], input=b"".join(gzipped(page)), stdout=subprocess.PIPE, check=True
    )
    assert done.stdout == bytes(page)
