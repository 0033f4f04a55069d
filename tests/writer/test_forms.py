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
from imageboard.post_rules import OfferedFile
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
    with FormReader(scratch).read(req, form):
        pass
    return form


def refused(scratch: Path, req: falcon.Request, error: type[PostRefused], said: str) -> Form:
    """What could be read of a form that is refused; nothing of it may be left in the scratch."""
    form = Form()
    with pytest.raises(error, match=said), FormReader(scratch).read(req, form):
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


def test_blank_field_is_there(scratch: Path) -> None:
    form = read(scratch, request(b"delete=&spoiler=on", URLENCODED))
    assert form.has("delete")
    assert not form.has("report")


# --- files ---


def test_file_waits_in_the_scratch_folder_until_the_request_is_over(scratch: Path) -> None:
    form = Form()
    req = request(multipart(part("file", b"picture", "cat.jpeg"), part("body", b"Hello.")))
    with FormReader(scratch).read(req, form):
        (file,) = form.files
        assert (file.name, file.bytes) == ("cat.jpeg", 7)
        assert file.path.read_bytes() == b"picture"
        assert file.path.parent == scratch
    assert list(scratch.iterdir()) == []


def test_files_are_gone_when_the_post_is_refused(scratch: Path) -> None:
    form = Form()
    req = request(multipart(part("file", b"x", "a.png"), part("file2", b"y", "b.png")))

    def refuse() -> None:
        with FormReader(scratch).read(req, form):
            assert len(list(scratch.iterdir())) == 2
            raise NoSuchBoard(board="b")

    with pytest.raises(NoSuchBoard):
        refuse()
    assert list(scratch.iterdir()) == []


def test_field_in_which_no_file_was_chosen_is_no_file(scratch: Path) -> None:
    form = read(scratch, request(multipart(part("file", b"", ""), part("body", b"Hello."))))
    assert form.files == []


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("cat.jpeg", "cat.jpeg"),
        (r"C:\\Users\\me\\cat.jpeg", "cat.jpeg"),
        ("../../etc/passwd", "passwd"),
        ("...", "..."),
        ("/", "file"),
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


# --- what is no form ---


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain", "multipart/mixed"])
def test_other_kinds_of_body_are_no_form(scratch: Path, content_type: str) -> None:
    refused(scratch, request(b"{}", content_type), BadForm, "A form is expected")


@pytest.mark.parametrize(
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
        (request(multipart(part("ü", b"b"))), "unreadable name"),
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
    form = refused(scratch, req, BadField, "The field body is not valid UTF-8")
    assert form.fields == {"body": "\ufffd", "subject": "typed"}


def test_field_of_more_than_any_board_takes_is_named(scratch: Path) -> None:
    body = multipart(part("body", b"x" * (forms.FIELD_BYTES_MAX + 1)), part("subject", b"typed"))
    form = refused(scratch, request(body), RuleBroken, "The body is too long: 128 KB at most")
    assert form.get("subject") == "typed"


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED])
def test_form_that_does_not_say_how_long_it_is_is_refused(scratch: Path, content_type: str) -> None:
    """nginx always says it; whoever reaches us past nginx gets a sentence, not a failure."""
    req = request(multipart(part("board", b"b")), content_type)
    del req.env["CONTENT_LENGTH"]
    refused(scratch, req, BadForm, "its length is missing")


@given(body=st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_reader_fail_otherwise(scratch: Path, body: bytes) -> None:
    for content_type in (MULTIPART, URLENCODED):
        for sent in (body, multipart(part("a", body)), part("file", body, "a.png") + body):
            form = Form()
            req = request(sent, content_type, CONTENT_LENGTH=str(len(sent)))
            with suppress(PostRefused), FormReader(scratch).read(req, form):
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


def test_form_without_a_thread_starts_one() -> None:
    assert read_draft(a_form(), None).thread is None
    assert read_draft(a_form(thread=""), None).thread is None


@pytest.mark.parametrize("text", ["x", "-1", "1.0", "1e3", "٣", "9" * 16, "1 2", "0x10"])
def test_thread_is_a_number(text: str) -> None:
    with pytest.raises(BadField, match="The field thread is not a number") as refusal:
        read_draft(a_form(thread=text), None)
    assert refusal.value.field == "thread"


@pytest.mark.parametrize("field", ["name", "email", "subject", "body", "password"])
@pytest.mark.parametrize("text", ["a\0b", "\ud800ab", "\u202eab", "ab\ufdd0", "a\x07b", "\ufeffab"])
def test_what_nobody_sees_is_mended_in_every_field(field: str, text: str) -> None:
    assert getattr(read_draft(a_form(**{field: text}), None), field) == "ab"


@pytest.mark.parametrize("field", ["name", "email", "subject", "body", "password"])
def test_harmful_text_is_refused_in_every_field(field: str) -> None:
    with pytest.raises(BadField) as refusal:
        read_draft(a_form(**{field: "a" + "\u0301" * 9}), None)
    assert refusal.value.field == field


@pytest.mark.parametrize(
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
