"""The film that a board is measured with."""

from __future__ import annotations

from io import BytesIO

import av
import pytest

from loadtest import films


@pytest.mark.slow
def test_film_is_a_minute_of_picture_and_sound_and_three_megabytes_and_never_the_same_twice() -> (
    None
):
    film = films.webm(1)
    assert 2_500_000 < len(film) < 3_500_000
    assert film != films.webm(2)
    with av.open(BytesIO(film)) as opened:
        assert opened.duration is not None
        assert 59 <= opened.duration / av.time_base <= 61
        assert [each.codec_context.name for each in opened.streams] == ["vp8", "opus"]
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == films.SCENES * films.SCENE_S * films.FRAMES_PER_S
