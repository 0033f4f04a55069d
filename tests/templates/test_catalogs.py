"""What is written in other languages than English is there, and reads as people there write."""

from __future__ import annotations

import pytest

from imageboard.words import ENGLISH, LANGUAGES
from templates import languages
from templates.wording import counted, human_bytes, megapixels, moment
from tests.house_rules import words


def test_each_language_that_can_be_chosen_has_a_catalog_and_each_catalog_is_one() -> None:
    assert {path.parts[-3] for path in words.languages()} == LANGUAGES.keys() - {ENGLISH.code}
    for language in LANGUAGES.values():
        languages.catalog(language)


@pytest.mark.parametrize(
    ("code", "replies", "size", "area", "day"),
    [
        ("en", "1,234,567 replies", "3.1 KB", "1.5 megapixels", "2026-11-24 (Tue) 06:15"),
        ("ar", "1,234,567 ردًا", "3.1 ك.ب", "1.5 ميغابكسل", "2026-11-24 (الثلاثاء) 06:15"),
        ("de", "1.234.567 Antworten", "3,1 KB", "1,5 Megapixel", "2026-11-24 (Di) 06:15"),
        ("es", "1.234.567 respuestas", "3,1 KB", "1,5 megapíxeles", "2026-11-24 (mar) 06:15"),
        (
            "fr",
            "1\u202f234\u202f567 réponses",
            "3,1 Ko",
            "1,5 mégapixels",
            "2026-11-24 (mar.) 06:15",
        ),
        ("pt-BR", "1.234.567 respostas", "3,1 KB", "1,5 megapixels", "2026-11-24 (ter) 06:15"),
        ("ru", "1\u00a0234\u00a0567 ответов", "3,1 КБ", "1,5 мегапикселя", "2026-11-24 (Вт) 06:15"),
        ("ja", "1,234,567レス", "3.1 KB", "1.5メガピクセル", "2026-11-24 (火) 06:15"),
    ],
)
def test_numbers_sizes_and_days_are_written_as_the_language_does(
    code: str, replies: str, size: str, area: str, day: str
) -> None:
    catalog = languages.catalog(LANGUAGES[code])
    assert counted(1_234_567, "reply", catalog) == replies
    assert human_bytes(3200, catalog) == size
    assert megapixels(1_500_000, catalog) == area
    assert moment(1_795_500_950, catalog).shown == day
