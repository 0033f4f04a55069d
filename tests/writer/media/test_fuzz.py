"""Files with random damage: refused or developed, and nothing else ever happens.

Seeded, so that a failure comes back; `--hypothesis-profile thorough` looks further.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imageboard.errors import ImageboardError
from imageboard.media import MediaLimits
from imageboard.media_kinds import KINDS
from imageboard.settings import BoardSettings
from tests.writer.media import hostile
from writer.media import containers, contraband
from writer.media.darkroom import Darkroom

LIMITS = MediaLimits()
#: What is put at the end of a file that lacks its own.
END_BYTES_MAX = 16
SEEDS = [
    *(make(exif=hostile.exif(6), icc_profile=hostile.icc_profile())
      for kind, make in hostile.GOOD.items() if kind != "gif"),
    hostile.gif_with(hostile.gif_comment(b"hello")),
    hostile.a_jpeg(progressive=True, comment=b"hello"),
    hostile.a_jpeg(hostile.scene(mode="CMYK")),
    hostile.a_png(hostile.scene(mode="P")),
    *(hostile.an_animation(kind) for kind in ("GIF", "PNG", "WEBP", "AVIF")),
]  # fmt: skip


def with_checksums(png: bytes) -> bytes:
    """The PNG with its chunks' checksums made right, so that the damage reaches the decoder."""
    out, pos = bytearray(png), 8
    while pos + 12 <= len(out):
        end = pos + 8 + int.from_bytes(out[pos : pos + 4])
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[pos + 4 : end]).to_bytes(4)
        pos = end + 4
    return bytes(out)


PICTURES = [kind.name for kind in KINDS if kind.is_picture]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A good file in which bytes were changed, cut out, doubled or taken from another file."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    other = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        # Half of the damage in the first 200 bytes: that is where sizes and counts are.
        at = draw(st.integers(0, min(200, len(data))) | st.integers(0, len(data)))
        length = draw(st.integers(0, 12) | st.integers(0, 400))
        match draw(st.sampled_from(["set", "cut", "double", "splice", "number"])):
            case "set":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case "splice":
                data[at : at + length] = other[at : at + length]
            case "number":
                edge = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFF]))
                data[at : at + 4] = edge.to_bytes(4, draw(st.sampled_from(["big", "little"])))
    return with_checksums(bytes(data)) if data[1:4] == b"PNG" else bytes(data)


@pytest.mark.slow
@settings(max_examples=max(1_000, settings.default.max_examples))
@given(data=damaged_files())
def test_the_walk_over_a_damaged_file_raises_nothing_but_refusals(data: bytes) -> None:
    with suppress(ImageboardError):
        found = containers.read(data, LIMITS, PICTURES)
        contraband.smuggled(found)
        assert 0 < found.width <= LIMITS.side_px_max
        assert 0 < found.height <= LIMITS.side_px_max
        assert 0 < found.frames <= LIMITS.frames_max
        assert len(found.clean_bytes()) <= len(data) + END_BYTES_MAX


@pytest.mark.slow
@settings(
    max_examples=max(150, settings.default.max_examples),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=damaged_files())
def test_a_damaged_file_never_ends_the_server(
    shared_darkroom: Darkroom, tmp_path: Path, data: bytes
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(data)
    started = shared_darkroom.counts["started"]
    with suppress(ImageboardError):
        shared_darkroom.develop(upload, settings=BoardSettings()).discard()
    assert shared_darkroom.counts["started"] in (started, 1)
    assert shared_darkroom.counts["died"] == 0


@pytest.mark.parametrize("data", SEEDS, ids=range(len(SEEDS)))
def test_the_undamaged_files_are_good(
    shared_darkroom: Darkroom, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "upload").write_bytes(data)
    shared_darkroom.develop(tmp_path / "upload", settings=BoardSettings()).discard()
