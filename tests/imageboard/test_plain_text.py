"""What may stand in a text field of the form."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageboard.errors import BadField
from imageboard.plain_text import (
    COMBINING_MARKS_MAX,
    clean_body,
    clean_file_name,
    clean_line,
    shows_anything,
)
from tests.tables import for_each

ACUTE = "\u0301"
#: Nothing of it can be seen, and it takes no room that would keep marks off one another.
NOT_SEEN = [
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u2060\u2062\u3164\ufe0f\uffa0\u2800",
    "\U000e0100",
    "\U0001d173",
]
#: A flag is the one place where tags belong.
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@for_each(
    ("typed", "kept"),
    [
        ("", ""),
        ("  Anon  ", "Anon"),
        ("two\r\nlines", "two lines"),
        ("tab\tand\n\nline ends", "tab and line ends"),
        ("tea##two  spaces", "tea##two  spaces"),
        ("line\u2028separator", "line separator"),
        (" \n\t ", ""),
    ],
)
def test_a_line_is_one_line(typed: str, kept: str) -> None:
    assert clean_line(typed, "name") == kept


@for_each(
    ("typed", "kept"),
    [
        ("", ""),
        ("a\r\nb\rc\nd\u2029e", "a\nb\nc\nd\ne"),
        ("\n \n\t\n    indented", "    indented"),
        ("end  \n \n\n", "end  "),
        ("a\n\n\n\nb", "a\n\n\n\nb"),
        ("blanks  \nkept", "blanks  \nkept"),
        (" \n \n", ""),
        ("   ", ""),
    ],
)
def test_a_body_loses_only_the_blank_lines_around_it(typed: str, kept: str) -> None:
    assert clean_body(typed, "body") == kept


@for_each(
    "text",
    [
        "Straße, Größe …",
        "Å is not A\u030a: no normalisation",
        "\u212b",
        "שלום \u200f4-20 mA\u200e",
        "السلام عليكم",
        "👩\u200d🔬🧪 👍🏽 ❤️",
        "断熱材の厚さは",
        "one \u2067שלום\u2069 line",
        "\u202bمرحبا\u202c",
        "\u2068\u202bعدد \u202a4-20\u202c mA\u202c\u2069",
        "می\u200cخواهم क्\u200dष",
        "soft\u00adhyphen, พื้น\u200bที่, 葛\U000e0100",
        f"flag {ENGLAND} and \U0001f3f4\u200d☠\ufe0f",
        "ทดสอบ ที่นี่ น้ำ",
        "a" + ACUTE * COMBINING_MARKS_MAX,
    ],
)
def test_living_scripts_come_back_as_typed(text: str) -> None:
    assert clean_line(text, "name") == text
    assert clean_body(text, "body") == text


@for_each(
    ("pasted", "kept"),
    [
        ("\u202aC:\\Users\\me\\file.txt", "C:\\Users\\me\\file.txt"),
        ("\ufeffthe first line of a file", "the first line of a file"),
        ("said by voice\ufffc here", "said by voice here"),
        ("nul\0 bell\a escape\x1b[31m delete\x7f", "nul bell escape[31m delete"),
        ("Latin-1's \x93quotes\x94", "Latin-1's quotes"),
        ("half \ud83d of a character \udfff", "half  of a character "),
        ("not \ufffe a \ufdd0 character \U0010ffff", "not  a  character "),
        ("\ufff9東京\ufffaとうきょう\ufffb", "東京とうきょう"),
        ("tag\U000e0041 and language\U000e0001\U000e0065", "tag and language"),
        ("\U0001f3f4\U000e0067 cut", "\U0001f3f4 cut"),
        ("old \u206adigit shapes\u206f", "old digit shapes"),
        ("open \u2067isolate", "open isolate"),
        ("open \u2066\u2067isolate\u2069", "open \u2067isolate\u2069"),
        ("closed \u2069before\u202c \u2067opened", "closed before opened"),
        ("open \u202eoverride", "open override"),
        (
            "embedding \u202bthat \u2067ends\u202c outside\u2069 z",
            "embedding that \u2067ends outside\u2069 z",
        ),
        (
            "isolate \u2067with \u202aan open embedding\u2069",
            "isolate \u2067with an open embedding\u2069",
        ),
    ],
)
def test_what_nobody_sees_is_mended(pasted: str, kept: str) -> None:
    """It came along with what was copied; nobody could find it in the text box to remove it."""
    assert clean_line(f"a {pasted} z", "name") == f"a {kept} z"
    assert clean_body(f"a {pasted} z", "body") == f"a {kept} z"


@for_each(
    ("pasted", "body", "line"),
    [
        ("Word\x0bsoft", "Word\nsoft", "Word soft"),
        ("page\x0cbreak", "page\nbreak", "page break"),
        ("NEL\x85here", "NEL\nhere", "NEL here"),
        ("one\r\n\u2028\x0btwo", "one\n\n\ntwo", "one two"),
        ("\u202bone\x0btwo\u202c", "one\ntwo", "one two"),
        ("one \u2067\ntwo \u2069", "one \ntwo ", "one  two"),
    ],
)
def test_every_line_end_ends_a_line(pasted: str, body: str, line: str) -> None:
    """A direction that is open at a line's end turns nothing in the next."""
    assert clean_body(pasted, "body") == body
    assert clean_line(pasted, "subject") == line


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("it was \u202d1234\u202c in all", "it was 1234 in all"),
        ("cat\u202egpj.exe\u202c", "catgpj.exe"),
        ("\u202e\u202bab\u202c\u202c", "\u202bab\u202c"),
        ("\u202b\u202eab\u202c\u202c", "\u202bab\u202c"),
    ],
)
def test_letters_may_be_turned_around_in_a_body_alone(typed: str, line: str) -> None:
    """A name of a file or a poster is shown as it is spelled; a number of Windows' calculator
    stays as it came."""
    assert clean_body(typed, "body") == typed
    assert clean_line(typed, "file") == line


@for_each(
    ("text", "words"),
    [
        ("before it a" + ACUTE * (COMBINING_MARKS_MAX + 1) + " after it", "before it a after it"),
        ("one\ntwo a" + "\u0301\u20dd" * 5, "one two a"),
        ("a" + "\u0301\u200d" * 9, "a"),
        ("x" * 90 + " a" + "\u0301" * 2000 + "b", "a"),
        *(("a" + (ACUTE * 8 + unseen) * 2, "a") for unseen in NOT_SEEN),
        # Those that stand beside their letter: 2000 of them are 30,000 pixels that no line breaks.
        ("क" + "\u0903" * 2000, "क"),
        ("क" + "\u093e\u0301" * 5, "क"),
        ("க" + "\u0bbe\u200d" * 9, "க"),
    ],
)
@for_each("clean", [clean_line, clean_body])
def test_letter_under_a_heap_of_marks_is_refused_with_the_words_around_it(
    clean: Callable[[str, str], str], text: str, words: str
) -> None:
    with pytest.raises(BadField) as refused:
        clean(text, "subject")
    assert refused.value.field == "subject"
    assert f"{words}” a letter carries more than 8 marks" in refused.value.sentence
    assert ACUTE not in refused.value.sentence


LIVING_TEXTS = {
    "Thai": "เก็บน้ำไว้ใต้ตุ่ม ที่นี่ ปู่ย่าตายาย กตัญญู ผู้ใหญ่ลี ฤๅษี ก่ำ น้ำแข็งปั่น",
    "Lao": "ຂ້ອຍຮັກເຈົ້າ ຕື່ນເຊົ້າ ນ້ຳໃສ ເຂົ້າໜຽວປີ້ງໄກ່",
    "Hindi": "क्षत्रिय ज्ञान श्रृंगार स्वास्थ्य विद्यार्थियों में संस्कृति द्वन्द्व राष्ट्र्यों ह्म्यं",
    "Sanskrit with Vedic accents": "अ॒ग्निमी॑ळे पु॒रोहि॑तं य॒ज्ञस्य॑ दे॒वमृ॒त्विज॑म् । होता॑रं रत्न॒धात॑मम् ॥ ꣳ॒",
    "Tamil": "யாதும் ஊரே யாவரும் கேளிர் கௌரவம் க்ஷேத்திரம் ஸ்ரீ நொந்து",
    "Malayalam": "സ്ത്രീ മലയാളം ക്ഷേത്രം സ്വാതന്ത്ര്യം ന്ത്ര്യോ",
    "Bengali": "বাংলাদেশের স্বাধীনতা দ্বন্দ্ব সৌন্দর্য্য ক্ষুদ্র র‍্যাব",
    "Sinhala": "ශ්‍රී ලංකාව ක්‍රෝධය ද්‍රව්‍යමය",
    "Burmese": "မြန်မာနိုင်ငံ ကြွှေ့း သို့မဟုတ် ညွှန်ကြားချက် ဩဇာ မြွှော့်",
    "Khmer": "ព្រះរាជាណាចក្រកម្ពុជា ស្ត្រី ញ៉ាំ ខ្ញុំ ក្រៅ ប៉ុន្តែ ស៊ឺ",
    "Tibetan": "བསྒྲུབས ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ རྡཱུྃ ཀྵྨྱཱུཾ \u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f83",
    "Vietnamese, taken apart": unicodedata.normalize(
        "NFD", "Tiếng Việt: nghiêng ngả, ưỡn ẹo, rượu"
    ),
    "Hebrew with points and accents": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ׃ יְרוּשָׁלִַ֗͏ִם שּׁ֔֗",
    "Arabic with harakat": "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ ۝١ إِيَّاكَ نَعْبُدُ وَإِيَّاكَ نَسْتَعِينُۖ لَّؤْلُؤًا",
    "Urdu": "مُحبَّت کی دُنیا میں اَللّٰہُ",
    "Korean, taken apart": unicodedata.normalize("NFD", "한국어 뷁 꿻 옛말"),
    "Old Korean": "ᄒᆞᆫ글 나랏말ᄊᆞ미 中듀ᇰ귁에달아 ᄢᅳᆷ",
    "International Phonetic Alphabet": "[ˈt͡ʃʰɛ̝̃ː˞ n̪̥ʲ˭ ɔ̹̞̃ː ə̯̆]",
    "emoji": "👨‍👩‍👧‍👦 🏳️‍🌈 🏴‍☠️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 👩🏽‍❤️‍💋‍👨🏿 🧑🏻‍🤝‍🧑🏾 1️⃣ #️⃣ 🇩🇪 👁️‍🗨️ 🫱🏼‍🫲🏿",
    "kaomoji": "(╯°□°)╯︵ ┻━┻ ¯\\_(ツ)_/¯ ಠ_ಠ ٩(●̮̮̃•̃)۶ ᕙ(⇀‸↼‶)ᕗ ლ(ಠ益ಠ)ლ o͡͡͡╮༼ ʘ̆ ᴥ ʘ̆ ༽╭o͡͡͡",
    "a picture of wide blanks": "　　　　　∧＿∧\n　　　　（´・ω・`）\n　　　　　(　　)",
    "maths": "x⃗ ⋅ y⃗ = |x⃗| ȧ̂ ∑̸ A⃝",
    "struck through": "".join(f"{letter}\u0336" for letter in "no longer true"),
}


@for_each("text", LIVING_TEXTS.values(), ids=LIVING_TEXTS.keys())
def test_texts_of_living_scripts_stay_as_they_are(text: str) -> None:
    assert clean_body(text, "body") == text
    assert clean_file_name(text.replace("\n", " ")) == text.replace("\n", " ").strip()


def test_marks_are_counted_in_all_fields_and_dropped_from_a_file_name() -> None:
    for unseen in NOT_SEEN:
        high = "a" + ACUTE * 8 + unseen + ACUTE
        assert clean_file_name(high) == "a" + ACUTE * 8 + unseen


def test_sentence_about_a_password_does_not_hold_it() -> None:
    with pytest.raises(BadField) as refused:
        clean_line("tea" + ACUTE * 9, "password")
    assert refused.value.sentence == "A letter carries more than 8 marks: use fewer."


BLANKS = {
    "nothing": "",
    "white space of many scripts": " \t\n\u00a0\u1680\u2003\u202f\u205f\u3000",
    "zero width space": "\u200b",
    "hangul filler": "\u3164",
    "hangul choseong and jungseong fillers": "\u115f\u1160",
    "halfwidth hangul filler": "\uffa0",
    "braille blank": "\u2800",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "tags": "\U000e0020\U000e007f",
    "direction marks": "\u200e\u200f\u061c",
    "embedding and isolate of nothing": "\u202a\u202c\u2066\u2069",
    "combining grapheme joiner": "\u034f",
    "mongolian vowel separator": "\u180e",
    "khmer inherent vowels": "\u17b4\u17b5",
    "variation selectors": "\ufe0f\U000e0100",
    "mark without a letter": "\u0301",
    "marks on a space": " \u0308\u20dd",
    "shorthand and musical formats": "\U0001bca0\U0001d173",
    "null notehead": "\U0001d159",
    "blank hieroglyph": "\U00013441",
    "ignorable code points to come": "\u2065\ufff0\U000e0fff",
    "joiners": "\u200c\u200d",
    "invisible times": "\u2062",
    "many": "\u200b \u3164\n" * 1000,
}


@for_each("text", BLANKS.values(), ids=BLANKS.keys())
def test_what_has_no_ink_shows_nothing(text: str) -> None:
    assert not shows_anything(text)
    assert shows_anything(text + "a")


@for_each("text", [".", "e\u0301", "ा ก", "🏴", "❤️", "ㅤㅋ", "\u2801", "۝", "\ufffd", "東"])
def test_any_ink_shows(text: str) -> None:
    assert shows_anything(text)


@settings(deadline=None)
@given(st.characters(categories=["L", "N", "P", "S", "Co"]))
def test_letters_numbers_and_signs_show_but_for_the_blank_ones(char: str) -> None:
    assert shows_anything(char) or char in "\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159"


#: Texts in which what is mended is frequent.
pasted_texts = st.one_of(
    st.text(st.characters()),
    st.lists(
        st.sampled_from(
            [
                *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\0\ufeff\ud83d\U000e0067",
                *"\r\n\t\x0b\x85\u2028\u200d\u0301 aא\U0001f3f4\U000e007f",
                ENGLAND,
            ]
        )
    ).map("".join),
)


@pytest.mark.slow
@settings(deadline=None)
@given(pasted_texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (clean_line, clean_body):
        try:
            kept = clean(text, "body")
        except BadField:
            continue
        assert clean(kept, "body") == kept


CLOSED_BY = dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c") | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)


def is_closed(line: str) -> bool:
    """Whether each direction ends, within its line and the directions around it."""
    ends: list[str] = []
    for char in line:
        if char in CLOSED_BY:
            ends.append(CLOSED_BY[char])
        elif char in CLOSED_BY.values() and (not ends or ends.pop() != char):
            return False
    return not ends


@settings(deadline=None)
@given(pasted_texts)
def test_no_line_turns_around_what_follows_it(text: str) -> None:
    for clean in (clean_line, clean_body):
        try:
            kept = clean(text, "body")
        except BadField as refused:
            assert "marks" in refused.sentence  # noqa: PT017 - nothing else is refused
            continue
        assert all(is_closed(line) for line in kept.split("\n"))
        kept.encode()


@pytest.mark.slow
@for_each("piece", [" \n", "\n", "\r", "\t", "a" + ACUTE * 8, "\u2067\u2069", "\u202e"])
def test_every_long_text_is_cleaned(piece: str) -> None:
    assert clean_body(piece * 20_000 + "z", "body").endswith("z")
