"""A form's fields and files, read within limits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import falcon
import pytest
from falcon import testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imageboard.errors import (
    BadField,
    BadForm,
    FileTooLarge,
    NoSuchBoard,
    PostRefused,
    RuleBroken,
)
from imageboard.fields import BOX_FIELDS, TEXT_FIELDS, BoxField
from imageboard.post_rules import OfferedFile
from tests.builders import ROOMY
from tests.tables import for_each
from writer import forms
from writer.forms import Form, FormReader, read_draft

BOUNDARY = "between-the-parts"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"
TYPED = urlencode({"board": "b", "body": "Größe\r\n😀"}).encode()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def request(body: bytes, content_type: str = MULTIPART, **env: Any) -> falcon.Request:
    environ = testing.create_environ(
        method="POST", path="/post", body=body, headers={"Content-Type": content_type}
    )
    return falcon.Request(environ | env)


def part(name: str, value: bytes, file_name: str | None = None) -> bytes:
    file = f'; filename="{file_name}"' if file_name is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def read(scratch: Path, req: falcon.Request) -> Form:
    """The fields of a form; its files are gone again."""
    form = Form()
    with FormReader(scratch, ROOMY).read(req, form):
        pass
    return form


def refused(scratch: Path, req: falcon.Request, error: type[PostRefused], said: str) -> Form:
    """What could be read of a form that is refused; nothing of it may be left in the scratch."""
    form = Form()
    with pytest.raises(error, match=said), FormReader(scratch, ROOMY).read(req, form):
        pytest.fail("the form was read")
    assert list(scratch.iterdir()) == []
    return form


# --- both encodings ---


@pytest.mark.parametrize(
    "req",
    [
        request(multipart(part("board", b"b"), part("body", "Größe\r\n😀".encode()))),
        request(TYPED, URLENCODED),
        request(TYPED, f"{URLENCODED}; charset=UTF-8"),
    ],
    ids=["multipart", "urlencoded", "with a charset"],
)
def test_text_comes_out_as_it_was_sent(scratch: Path, req: falcon.Request) -> None:
    assert read(scratch, req).fields == {"board": "b", "body": "Größe\r\n😀"}


@pytest.mark.parametrize(
    "req",
    [
        request(multipart(part("board", b"b"), part("board", b"c"))),
        request(b"board=b&board=c", URLENCODED),
    ],
    ids=["multipart", "urlencoded"],
)
def test_first_of_two_fields_of_one_name_counts(scratch: Path, req: falcon.Request) -> None:
    assert read(scratch, req).get("board") == "b"


@pytest.mark.parametrize(
    "req",
    [
        request(multipart(part("board", b"b"), part("☠9k2", b"x"))),
        request("board=b&☠9k2=x".encode(), URLENCODED),
        request(b"board=b&%E2%98%A09k2=x", URLENCODED),
    ],
    ids=["multipart", "urlencoded", "urlencoded and escaped"],
)
def test_field_s_name_may_be_in_any_letters(scratch: Path, req: falcon.Request) -> None:
    assert read(scratch, req).fields == {"board": "b", "☠9k2": "x"}


def test_blank_field_is_there(scratch: Path) -> None:
    form = read(scratch, request(b"delete=&spoiler=on", URLENCODED))
    assert form.has("delete")
    assert not form.has("report")


# --- files ---


def test_file_waits_in_the_scratch_folder_until_the_request_is_over(scratch: Path) -> None:
    form = Form()
    req = request(multipart(part("file", b"picture", "cat.jpeg"), part("body", b"Hello.")))
    with FormReader(scratch, ROOMY).read(req, form):
        (file,) = form.files
        assert (file.name, file.bytes) == ("cat.jpeg", 7)
        assert file.path.read_bytes() == b"picture"
        assert file.path.parent == scratch
    assert list(scratch.iterdir()) == []


def test_files_are_gone_when_the_post_is_refused(scratch: Path) -> None:
    form = Form()
    req = request(multipart(part("file", b"x", "a.png"), part("file2", b"y", "b.png")))

    def refuse() -> None:
        with FormReader(scratch, ROOMY).read(req, form):
            assert len(list(scratch.iterdir())) == 2
            raise NoSuchBoard(board="b")

    with pytest.raises(NoSuchBoard):
        refuse()
    assert list(scratch.iterdir()) == []


def test_field_in_which_no_file_was_chosen_is_no_file(scratch: Path) -> None:
    form = read(scratch, request(multipart(part("file", b"", ""), part("body", b"Hello."))))
    assert form.files == []


@for_each(
    ("sent", "name"),
    [
        ("cat.jpeg", "cat.jpeg"),
        (r"C:\\Users\\me\\cat.jpeg", "cat.jpeg"),
        ("../../etc/passwd", "passwd"),
        ("cat.tar.gz", "cat.tar.gz"),
        ("cat.v2", "cat.v2"),
        ("cat.", "cat."),
        ("...", "file"),
        ("..", "file"),
        (".", "file"),
        ("C:\\\\cats\\\\..", "file"),
        ("/", "file"),
        (" ", "file"),
        (".png", "file.png"),
        ("\u200b.png", "file.png"),
        ("\u3164", "file"),
        (" \u2800 .jpeg", "file.jpeg"),
        ("\u0301.png", "file.png"),
        ("cat\u200d\U0001f431.png", "cat\u200d\U0001f431.png"),
        ("z" + "\u0301" * 300 + "algo.png", "z" + "\u0301" * 8 + "algo.png"),
        ("猫.png", "猫.png"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("x" * 300, "x" * 200),
    ],
)
def test_file_is_called_as_on_the_posters_computer_without_its_folders(
    scratch: Path, sent: str, name: str
) -> None:
    form = read(scratch, request(multipart(part("file", b"x", sent))))
    assert [file.name for file in form.files] == [name]


@pytest.mark.parametrize(
    "sent", ["cat\u202egpj.exe", "cat\u202egpj.exe\u202c", "\u2067catgpj\0.exe"]
)
def test_file_name_is_shown_as_it_is_spelled(scratch: Path, sent: str) -> None:
    """'cat\\u202egpj.exe' would be shown as 'catexe.jpg'."""
    form = read(scratch, request(multipart(part("file", b"x", sent))))
    assert [file.name for file in form.files] == ["catgpj.exe"]


def test_file_of_the_most_bytes_is_read_and_one_of_more_is_refused(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "FILE_BYTES_MAX", 200_000)
    monkeypatch.setattr(forms, "FORM_BYTES_MAX", 1_000_000)
    assert read(scratch, request(multipart(part("file", b"x" * 200_000, "a.png")))).files
    body = multipart(
        part("board", b"b"), part("file", b"x" * 200_001, "a.png"), part("body", b"typed")
    )
    form = refused(scratch, request(body), FileTooLarge, "MB at most")
    assert form.get("board") == "b"


def test_form_that_says_it_is_too_large_is_not_read_at_all(scratch: Path) -> None:
    req = request(b"", CONTENT_LENGTH=str(forms.FORM_BYTES_MAX + 1))
    refused(scratch, req, FileTooLarge, "10 MB at most")


# --- what programs send ---


def raw_part(*headers: str, value: bytes = b"x") -> bytes:
    """A part with these header lines and no other."""
    return f"--{BOUNDARY}\r\n".encode() + "\r\n".join((*headers, "", "")).encode() + value + b"\r\n"


BODY = 'Content-Disposition: form-data; name="body"'
PICTURE = "Content-Disposition: form-data; name=file; "


@for_each("encoding", ["7bit", "8bit", "binary", "Binary", "8BIT", "BINARY ", ""])
def test_part_that_says_it_is_as_it_is_is_read_so(scratch: Path, encoding: str) -> None:
    """Apache HttpClient, .NET and old Android clients say it with each part."""
    head = f"Content-Transfer-Encoding: {encoding}"
    typed = raw_part(BODY, "Content-Type: text/plain; charset=UTF-8", head, value="Größe".encode())
    file = raw_part(head, PICTURE + 'filename="a.png"', value=b"\x89PNG\r\n\x1a\n")
    form = Form()
    with FormReader(scratch, ROOMY).read(request(multipart(typed, file)), form):
        assert form.files[0].path.read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert form.fields == {"body": "Größe"}


@for_each("encoding", ["base64", "Quoted-Printable", "x-uuencode", "8 bit"])
@for_each("disposition", [BODY, PICTURE + "filename=a.png"])
def test_part_that_is_encoded_for_mail_is_refused_and_nothing_typed_is_lost(
    scratch: Path, encoding: str, disposition: str
) -> None:
    encoded = raw_part(disposition, f"Content-Transfer-Encoding: {encoding}")
    req = request(multipart(encoded, part("subject", b"typed")))
    form = refused(scratch, req, BadForm, "must be 8bit or binary")
    assert form.fields == {"subject": "typed"}


@for_each(
    "head",
    [
        "Content-Disposition: form-data; name=body",
        'content-disposition:form-data;name="body"',
        'CONTENT-DISPOSITION: form-data; NAME="body"',
        'Content-Disposition: form-data;\r\n\tname="body"',
        'Content-Disposition: form-data ; name = "body" ',
    ],
    ids=["without quotes", "without spaces", "capitals", "folded", "more spaces"],
)
def test_field_s_name_is_read_however_it_is_written(scratch: Path, head: str) -> None:
    assert read(scratch, request(multipart(raw_part(head)))).fields == {"body": "x"}


@for_each(
    ("told", "name"),
    [
        ("filename=cat.png", "cat.png"),
        ("filename=my cat.png", "my cat.png"),
        ("filename*=UTF-8''%E7%8C%AB.png", "猫.png"),
        ("filename*=utf-8'ja-JP'%E7%8C%AB.png", "猫.png"),
        ("filename=\"?.png\"; filename*=utf-8''%E7%8C%AB.png", "猫.png"),
        ("filename*=iso-8859-1''Gr%F6%DFe.png", "Größe.png"),
        ("filename*=Shift_JIS''%94L.png", "猫.png"),
        ("filename=\"cat.png\"; filename*=x-unknown''%94L.png", "cat.png"),
        ('filename="cat.png"; filename*=broken', "cat.png"),
        ('filename="a %22cat%22.png"', 'a "cat".png'),
        ('filename="a%0D%0Acat.png"', "a cat.png"),
        ('filename="=?utf-8?B?54yrLnBuZw==?="', "猫.png"),
        ('filename="=?UTF-8?Q?=E7=8C=AB_1.png?="', "猫 1.png"),
        ('filename="=?iso-2022-jp?b?GyRCRy0bKEI=?= =?utf-8?q?.png?="', "猫.png"),
        ('filename="=?x-unknown?B?aa==?=.png"', "=?x-unknown?B?aa==?=.png"),
        ('filename="=?utf-8?B?a?="', "=?utf-8?B?a?="),
        ("filename=\"=?utf-8?B?YQ==?=\"; filename*=utf-8''%E7%8C%AB.png", "猫.png"),
        (r'filename="a \"cat\".png"', 'a "cat".png'),
        ('filename="a;b.png"', "a;b.png"),
    ],
)
def test_file_s_name_is_read_however_it_is_written(scratch: Path, told: str, name: str) -> None:
    form = read(scratch, request(multipart(raw_part(PICTURE + told))))
    assert [file.name for file in form.files] == [name]


def test_file_s_name_in_unknown_letters_refuses_no_file(scratch: Path) -> None:
    sent = raw_part(PICTURE + 'filename="猫.png"').replace("猫".encode(), b"\x94L")
    assert [file.name for file in read(scratch, request(multipart(sent))).files] == ["\ufffdL.png"]


def test_script_s_form_with_bare_line_ends_is_read(scratch: Path) -> None:
    """PHP takes it; line ends within a field stay as they are."""
    body = multipart(part("board", b"b"), part("body", b"one\ntwo\n")).replace(b"\r\n", b"\n")
    assert read(scratch, request(body)).fields == {"board": "b", "body": "one\ntwo\n"}


@for_each("end", [b"", b"\r\n", b"\n", b"\r\n\r\nan epilogue"])
@for_each("preamble", [b"", b"\r\n", b"for those who read mail\r\n"])
def test_what_stands_around_the_parts_does_not_count(
    scratch: Path, preamble: bytes, end: bytes
) -> None:
    body = preamble + multipart(part("board", b"b")).removesuffix(b"\r\n") + end
    assert read(scratch, request(body)).fields == {"board": "b"}


def test_blanks_behind_a_boundary_do_not_count(scratch: Path) -> None:
    body = multipart(part("board", b"b"), part("body", b"x"))
    body = body.replace(f"{BOUNDARY}\r\n".encode(), f"{BOUNDARY} \t\r\n".encode())
    assert read(scratch, request(body)).fields == {"board": "b", "body": "x"}


@for_each(
    ("charset", "sent", "text"),
    [
        ("UTF-8", "Größe 😀".encode(), "Größe 😀"),
        ('"utf-8"', "Größe".encode(), "Größe"),
        ("ISO-8859-1", "Größe".encode("latin-1"), "Größe"),
        ("iso-8859-1", "“10 €”".encode("cp1252"), "“10 €”"),
        ("Shift_JIS", "猫①".encode("cp932"), "猫①"),
        ("EUC-JP", "猫".encode("euc_jp"), "猫"),
        ("x-sjis", "猫".encode("cp932"), "猫"),
        ("ISO-2022-JP", "猫".encode("iso2022_jp"), "猫"),
        ("windows-1251", "кот".encode("cp1251"), "кот"),
        ("cp1251", "кот".encode("cp1251"), "кот"),
        ("KOI8-U", "кіт".encode("koi8_u"), "кіт"),
        ("windows-1256", "قط".encode("cp1256"), "قط"),
        ("TIS-620", "แมว".encode("cp874"), "แมว"),
        ("ks_c_5601-1987", "고양이".encode("cp949"), "고양이"),
        ("GBK", "联通".encode("gbk"), "联通"),
        # HttpClient's default, said by clients that send UTF-8 all the same.
        ("ISO-8859-1", "Größe".encode(), "Größe"),
        ("US-ASCII", "Größe".encode(), "Größe"),
        # No letters are written in these: the text is UTF-8 or refused.
        ("unicode_escape", b"\\x41", "\\x41"),
        ("utf-7", b"+AGE-", "+AGE-"),
        ("nonsense", b"x", "x"),
    ],
)
def test_text_is_read_in_the_letters_that_it_declares(
    scratch: Path, charset: str, sent: bytes, text: str
) -> None:
    by_part = raw_part(BODY, f"Content-Type: text/plain; charset={charset}", value=sent)
    plain = charset.strip('"')
    by_field = part("body", sent) + part("_charset_", plain.encode())
    for body in (by_part, by_field):
        assert read(scratch, request(multipart(body))).fields == {"body": text}
    of_form = request(urlencode({"body": sent}).encode(), f"{URLENCODED}; charset={charset}")
    assert read(scratch, of_form).fields == {"body": text}


def test_text_that_is_not_what_it_declares_is_refused(scratch: Path) -> None:
    sent = raw_part(BODY, "Content-Type: text/plain; charset=EUC-JP", value=b"\xff\xff")
    refused(scratch, request(multipart(sent)), BadField, "can't be read")


# --- what is no form ---


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain", "multipart/mixed"])
def test_other_kinds_of_body_are_no_form(scratch: Path, content_type: str) -> None:
    refused(scratch, request(b"{}", content_type), BadForm, "A form is expected")


@for_each(
    ("req", "said"),
    [
        (
            request(multipart(part("a", b"b")), "multipart/form-data"),
            "boundary is missing or wrong",
        ),
        (
            request(multipart(part("a", b"b")), "multipart/form-data; boundary=" + "x" * 100),
            "boundary is missing or wrong",
        ),
        (
            request(multipart(part("a", b"b")), f"{MULTIPART}2"),
            "can't be read",
        ),
        (request(part("a", b"b")), "can't be read"),
        (request(b"", CONTENT_LENGTH="0"), "can't be read"),
        (request(multipart(*(part(f"f{no}", b"") for no in range(1000)))), "more than 64 parts"),
        (
            request(multipart(f"--{BOUNDARY}\r\nX-Name: a\r\n\r\nb\r\n".encode())),
            "no name",
        ),
        (request(multipart(part("a\u202eb", b"b"))), "unreadable name"),
        (request(b"%FF=b", URLENCODED), "unreadable name"),
        (request(multipart(part("x" * 101, b"b"))), "unreadable name"),
        (request(b"a=b&" * 65, URLENCODED), "more than 64 fields"),
        (request(b"a" * (forms.URLENCODED_BYTES_MAX + 1), URLENCODED), "too large"),
    ],
    ids=[
        "no boundary",
        "long boundary",
        "other boundary",
        "cut off",
        "empty",
        "1000 parts",
        "nameless part",
        "name that turns the line",
        "unreadable name",
        "long name",
        "65 fields",
        "large",
    ],
)
def test_malformed_form_is_refused_in_a_sentence(
    scratch: Path, req: falcon.Request, said: str
) -> None:
    refused(scratch, req, BadForm, said)


@pytest.mark.parametrize(
    "req",
    [
        request(multipart(part("body", b"\xff"), part("subject", b"typed"))),
        request(b"body=\xff&subject=typed", URLENCODED),
        request(b"body=%ff&subject=typed", URLENCODED),
    ],
    ids=["multipart", "raw bytes", "escaped bytes"],
)
def test_field_that_is_not_text_is_named_and_nothing_typed_is_lost(
    scratch: Path, req: falcon.Request
) -> None:
    form = refused(scratch, req, BadField, "The comment can't be read: it is not valid UTF-8")
    assert form.fields == {"body": "\ufffd", "subject": "typed"}


def test_field_of_more_than_any_board_takes_is_named(scratch: Path) -> None:
    body = multipart(part("body", b"x" * (forms.FIELD_BYTES_MAX + 1)), part("subject", b"typed"))
    form = refused(scratch, request(body), RuleBroken, "The comment is too long: 128 KB at most")
    assert form.get("subject") == "typed"


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED])
def test_form_that_does_not_say_how_long_it_is_is_refused(scratch: Path, content_type: str) -> None:
    """nginx always says it; whoever reaches us past nginx gets a sentence, not a failure."""
    req = request(multipart(part("board", b"b")), content_type)
    del req.env["CONTENT_LENGTH"]
    refused(scratch, req, BadForm, "its length is missing")


@pytest.mark.slow
@given(body=st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_reader_fail_otherwise(scratch: Path, body: bytes) -> None:
    for content_type in (MULTIPART, URLENCODED):
        for sent in (body, multipart(part("a", body)), part("file", body, "a.png") + body):
            form = Form()
            req = request(sent, content_type, CONTENT_LENGTH=str(len(sent)))
            with suppress(PostRefused), FormReader(scratch, ROOMY).read(req, form):
                assert all(isinstance(value, str) for value in form.fields.values())
            assert list(scratch.iterdir()) == []


# --- from a form to a draft ---


def a_form(**fields: str) -> Form:
    return Form(fields={"board": "b"} | fields)


def test_draft_holds_the_cleaned_fields(tmp_path: Path) -> None:
    form = a_form(
        thread=" 7 ",
        name=" Anon ",
        email="sage",
        subject="two\nlines",
        body="\n\n  text\r\nmore \n\n",
        password="hunter2",
        spoiler="on",
    )
    form.files = [forms.SpooledFile("cat.png", tmp_path / "x", 7)]
    draft = read_draft(form, "an-idempotency-key")
    assert (draft.board, draft.thread, draft.name, draft.email) == ("b", 7, "Anon", "sage")
    assert (draft.subject, draft.body) == ("two lines", "  text\nmore ")
    assert (draft.is_spoiler, draft.password, draft.nonce) == (
        True,
        "hunter2",
        "an-idempotency-key",
    )
    assert draft.offered == (OfferedFile("cat.png", 7),)


@for_each(
    ("files", "boxes", "hidden"),
    [
        (["file", "file2", "file3"], {}, []),
        (["file", "file2", "file3"], {"spoiler2": "on"}, [2]),
        (["file", "file2", "file3"], {"spoiler2": "", "spoiler3": "1"}, [3]),
        (["file", "file", "file"], {"spoiler1": "on", "spoiler3": "on"}, [1, 3]),
        (["upload[]", "upload[]"], {"spoiler2": "on"}, [2]),
        # The second field was left empty.
        (["file", "file3"], {"spoiler3": "on"}, [2]),
        # Two in the first field: neither that is meant may be seen.
        (["file", "file", "file2"], {"spoiler2": "on"}, [2, 3]),
        ([], {"spoiler2": "on"}, []),
    ],
)
def test_one_file_is_hidden_by_its_place_or_its_field(
    tmp_path: Path, files: list[str], boxes: dict[str, str], hidden: list[int]
) -> None:
    form = a_form(**boxes)
    form.files = [forms.SpooledFile("cat.png", tmp_path / "x", 7, field) for field in files]
    draft = read_draft(form, None)
    assert not draft.is_spoiler, "of all of them"
    places = [place for place, file in enumerate(draft.offered, start=1) if file.is_spoiler]
    assert places == hidden


def test_spoiler_of_a_file_that_is_not_there_hides_no_other_unasked(tmp_path: Path) -> None:
    form = a_form(spoiler2="on")
    form.files = [forms.SpooledFile("cat.png", tmp_path / "x", 7)]
    with pytest.raises(BadField, match="no file 2 to be hidden") as refusal:
        read_draft(form, None)
    assert refusal.value.field == "spoiler2"


@for_each(
    ("files", "texts", "descriptions"),
    [
        (["file"], {"file_alt": " A lake\nat dawn "}, ["A lake at dawn"]),
        (["file", "file2"], {"file_alt1": "One", "file_alt2": "Two"}, ["One", "Two"]),
        (["file", "file"], {"file_alt2": "Two"}, ["", "Two"]),
        # The second field was left empty.
        (["file", "file3"], {"file_alt": "One", "file_alt3": "Three"}, ["One", "Three"]),
        ([], {"file_alt": "Of nothing"}, []),
    ],
)
def test_file_is_described_by_its_place_or_its_field(
    tmp_path: Path, files: list[str], texts: dict[str, str], descriptions: list[str]
) -> None:
    form = a_form(**texts)
    form.files = [forms.SpooledFile("cat.png", tmp_path / "x", 7, field) for field in files]
    assert [file.alt for file in read_draft(form, None).offered] == descriptions


def test_description_of_a_file_that_is_not_there_is_not_lost_unseen(tmp_path: Path) -> None:
    form = a_form(file_alt2="A lake")
    form.files = [forms.SpooledFile("cat.png", tmp_path / "x", 7)]
    with pytest.raises(BadField, match="no file 2 to be described") as refusal:
        read_draft(form, None)
    assert refusal.value.field == "file_alt2"


@for_each("box", BOX_FIELDS, ids=[box.name for box in BOX_FIELDS])
def test_box_is_ticked_unless_it_is_empty(box: BoxField) -> None:
    """An app for vichan that sends along every field of the form has no 'on' for it."""
    for text, is_ticked in (("on", True), ("1", True), ("", False)):
        draft = read_draft(a_form(**{box.name: text}), None)
        assert getattr(draft, box.attribute) is is_ticked
    assert getattr(read_draft(a_form(), None), box.attribute) is False


def test_name_of_a_file_without_the_file_is_not_passed_over() -> None:
    """A page sends it whose form lacks its enctype, and so does `curl -d file=@cat.png`."""
    with pytest.raises(BadField, match="The file itself did not come along") as refusal:
        read_draft(a_form(body="See the picture.", file="cat.png"), None)
    assert refusal.value.field == "file"
    assert read_draft(a_form(file=" "), None).offered == ()


def test_form_without_a_thread_starts_one() -> None:
    assert read_draft(a_form(), None).thread is None
    assert read_draft(a_form(thread=""), None).thread is None


@for_each("text", ["x", "-1", "1.0", "1e3", "٣", "9" * 16, "1 2", "0x10"])
def test_thread_is_a_number(text: str) -> None:
    with pytest.raises(BadField, match="The field thread is not a number") as refusal:
        read_draft(a_form(thread=text), None)
    assert refusal.value.field == "thread"


@for_each("field", [field.name for field in TEXT_FIELDS])
@for_each("text", ["a\0b", "\ud800ab", "\u202eab", "ab\ufdd0", "a\x07b", "\ufeffab"])
def test_what_nobody_sees_is_mended_in_every_field(field: str, text: str) -> None:
    assert getattr(read_draft(a_form(**{field: text}), None), field) == "ab"


@for_each("field", [field.name for field in TEXT_FIELDS])
def test_harmful_text_is_refused_in_every_field(field: str) -> None:
    with pytest.raises(BadField) as refusal:
        read_draft(a_form(**{field: "a" + "\u0301" * 9}), None)
    assert refusal.value.field == field


@for_each(
    ("header", "field", "nonce"),
    [
        (None, "", None),
        (None, "a-nonce-of-mine", "a-nonce-of-mine"),
        ("from-the-header", "from-the-field", "from-the-header"),
        ("12345678", "", "12345678"),
        ("x" * 128, "", "x" * 128),
    ],
)
def test_nonce_is_the_header_or_the_field(
    header: str | None, field: str, nonce: str | None
) -> None:
    assert read_draft(a_form(nonce=field), header).nonce == nonce


@pytest.mark.parametrize("nonce", ["1234567", "x" * 129, "ünicode-nonce", "with\nline-end"])
def test_nonce_that_can_not_be_kept_is_refused(nonce: str) -> None:
    with pytest.raises(BadField, match="8 to 128 printable ASCII"):
        read_draft(a_form(nonce=nonce), None)
