"""Pages as bytes and in pieces: the same page, however it lies."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer import bodies
from renderer.bodies import LongBody, body_of, brotlied, gzipped, sha256

#: A page in a few blocks of this size is a long one, so that examples can be small.
BLOCK = 64


@pytest.fixture(scope="module", autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "BLOCK_BYTES", BLOCK)
        patch.setattr(bodies, "SHORT_BYTES_MAX", 2 * BLOCK)
        yield


def in_pieces(page: bytes, cuts: Sequence[int]) -> list[bytes]:
    """b'abcd', [1, 3] -> [b'a', b'bc', b'd']"""
    edges = [0, *sorted(cuts), len(page)]
    return [page[start:end] for start, end in pairwise(edges)]


@given(page=st.binary(max_size=6 * BLOCK), cuts=st.lists(st.integers(0, 6 * BLOCK), max_size=12))
def test_page_is_the_same_however_it_lies_in_pieces(page: bytes, cuts: list[int]) -> None:
    body = body_of(in_pieces(page, cuts))
    assert isinstance(body, LongBody) is (len(page) > 2 * BLOCK)
    assert (bytes(body), len(body)) == (page, len(page))
    assert sha256(body) == hashlib.sha256(page).digest()
    assert gzipped(body) == gzipped(page)
    assert brotlied(body) == brotlied(page)


@given(page=st.binary(min_size=2 * BLOCK + 1, max_size=6 * BLOCK))
def test_block_of_a_long_page_is_as_large_as_any_but_the_last(page: bytes) -> None:
    *blocks, last = bodies.blocks(page)
    assert {len(block) for block in blocks} == {BLOCK}
    assert 0 < len(last) <= BLOCK
    assert b"".join((*blocks, last)) == page


def test_long_page_can_be_read_again_and_again() -> None:
    page = os.urandom(5 * BLOCK)
    body = body_of(in_pieces(page, [BLOCK, 3 * BLOCK]))
    assert [b"".join(bodies.blocks(body)) for _ in range(3)] == [page] * 3


def test_page_of_megabytes_is_compressed_as_well_in_blocks_as_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(bodies, "SHORT_BYTES_MAX", 1024 * 1024)
    monkeypatch.setattr(bodies, "BLOCK_BYTES", 256 * 1024)
    dice = random.Random(1)
    words = [f"word{number}" for number in range(3000)]
    page = " ".join(dice.choices(words, k=300_000)).encode()
    body = body_of(in_pieces(page, range(0, len(page), 50_000)))
    assert isinstance(body, LongBody)
    assert gzip.decompress(b"".join(gzipped(body))) == page
    brotlied_whole = b"".join(brotlied(body))
    assert brotli.decompress(brotlied_whole) == page
    whole = brotli.compress(page, mode=brotli.MODE_TEXT, quality=1, lgwin=18)
    assert len(brotlied_whole) <= len(whole) * 1.01
