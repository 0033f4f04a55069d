"""What a board asks of a post: pure rules, checked before any lock is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from imageboard import dice, markup, plain_text, tripcodes
from imageboard.allowances import Allowance, HeldShare
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.dice import Asked, Throw
from imageboard.errors import BadField, BoardReadOnly, FilesTooLarge, FileTooLarge, RuleBroken
from imageboard.fields import (
    ALT_CHARS_MAX,
    CHOICE_FIELDS,
    FILES_BYTES_MAX,
    POST_FIELDS,
    TEXT_FIELDS,
    alt_field,
    label,
)
from imageboard.markup import Line
from imageboard.settings import BoardSettings
from imageboard.stored_words import STAFF_LOOK_FIRST
from imageboard.words import N_, NN_, Message

#: Bytes of a thread's page, whatever its board's settings are; reckoned on the safe side in SQL, by
#: page_weight(). It holds some 5000 replies of a line or two.
PAGE_WEIGHT_MAX = 8 * 1024 * 1024

#: Raw bytes of a hash, not its hexadecimal digits.
Digest = bytes


class NewFile(NamedTuple):
    """A file that was put into the upload store: read and cleaned, or as it was sent.

    Each field is a column of `files`; `is_pending` stands for `pending_since`.
    """

    stored_as: str
    extension: str
    #: None, as the two below: it has no thumbnail.
    thumb_extension: str | None
    original_name: str
    bytes: int
    #: None, both: it has no picture, or nobody knows yet.
    width: int | None
    height: int | None
    thumb_width: int | None
    thumb_height: int | None
    md5: Digest
    sha256: Digest
    is_spoiler: bool
    #: Of the upload as it was sent; None: not known, then `sha256` stands for it.
    sent_sha256: Digest | None = None
    #: As it was sent: it is shown when it has been worked on (store.pending_files).
    is_pending: bool = False
    #: Of what is played; None, all three: it is not.
    duration_ms: int | None = None
    has_sound: bool | None = None
    #: 'vp9, opus'.
    codecs: str | None = None
    #: What its picture or its still looks like: a number of 64 bits, with its sign.
    likeness: int | None = None
    #: What it shows, in its poster's words; None: nobody said.
    alt: str | None = None
    #: 0xrrggbb of its thumbnail on average; None: it has none, or the page shines through it.
    colour: int | None = None
    #: Of its second thumbnail, for dense screens; None: it has none.
    dense_extension: str | None = None


class OfferedFile(NamedTuple):
    """A file of a form before anything has looked into it."""

    name: str
    bytes: int
    #: By itself, whatever holds for the others of its post.
    is_spoiler: bool = False
    #: What it shows; '': nobody said.
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A posting form as it was sent; text fields are clean (see plain_text) but unchecked.

    What a poster fills in has the name that its row of `fields.POST_FIELDS` gives it.
    """

    board: str
    thread: int | None = None
    name: str = ""
    email: str = ""
    subject: str = ""
    body: str = ""
    #: Of the first file; each of `offered` has its own.
    file_alt: str = ""
    tag: str = ""
    user_flag: str = ""
    password: str = ""
    is_spoiler: bool = False
    hides_country: bool = False
    keeps_file_names: bool = False
    #: Of staff who are logged in, and may say it.
    capcode: str | None = None
    nonce: str | None = None
    #: What nginx calls the request: the same each time that it hands it to a writer.
    delivery: str | None = None
    offered: tuple[OfferedFile, ...] = ()
    #: The field that no person sees is filled in.
    is_trapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post that may be stored: what `store.posts.add` takes.

    Each field is a column of `posts` or, being a condition, an attribute of `post_terms`.
    """

    board: str
    thread: int | None
    name: str | None
    tripcode: str | None
    email: str | None
    is_sage: bool
    subject: str | None
    body: str
    quotes: tuple[tuple[str, int], ...]
    address_hash: bytes
    address_sealed: bytes
    password_hash: bytes | None
    nonce: str | None
    delivery: str | None
    wait_s: int
    same_text_wait_s: int
    reply_limit: int
    image_limit: int = 0
    allowances: tuple[Allowance, ...] = ()
    page_weight_max: int | None = PAGE_WEIGHT_MAX
    capcode: str | None = None
    ignores_lock: bool = False
    files: tuple[NewFile, ...] = ()
    #: As dice.kept keeps them.
    dice: str | None = None
    #: 'DE'
    country: str | None = None
    tag: str | None = None
    flag: str | None = None
    flag_name: str | None = None
    #: In a thread that came from another engine; elsewhere it gets one of ours.
    poster_id: str | None = None
    #: Staff look at it before anybody else does: why, in a line for them. None: it appears at once.
    held_because: str | None = None
    #: What it counts for while they have not.
    held_shares: tuple[HeldShare, ...] = ()


class Return(NamedTuple):
    """Where the poster goes after posting, and what is left of the e-mail field."""

    email: str | None
    is_sage: bool
    to_thread: bool


def keeps_file_names(draft: Draft, settings: BoardSettings) -> bool:
    return settings.file_names == "kept" or draft.keeps_file_names


def shows_country(draft: Draft, settings: BoardSettings) -> bool:
    return settings.country_flags != "off" and not draft.hides_country


def asked_dice(draft: Draft, settings: BoardSettings) -> list[Asked]:
    """What its poster wants to be thrown: all that the text asks for, and the e-mail field."""
    if not settings.dice:
        return []
    lines = [part for part in markup.parse(draft.body, settings.marking) if isinstance(part, Line)]
    return dice.in_email(draft.email)[0] + dice.in_texts(markup.texts(tuple(lines)))


def read_email(email: str) -> Return:
    """'sage' keeps the thread where it is; 'nonoko' leads back to the board; 'noko' is the default.

    As in vichan both words are taken out, and 'sage' stays to be seen:
    'nonoko' -> (None, False, False).
    """
    words = email.split()
    lowered = [word.lower() for word in words]
    kept = [word for word in words if word.lower() not in ("noko", "nonoko")]
    return Return(
        email=" ".join(kept) or None,
        is_sage="sage" in lowered,
        to_thread="nonoko" not in lowered,
    )


def check(draft: Draft, settings: BoardSettings) -> None:
    """Raise the first rule of the board that the draft breaks (RuleBroken, FileTooLarge).

    Called before the draft's files are read: what is refused here costs no decoding.
    """
    if settings.read_only and draft.capcode is None:
        raise BoardReadOnly
    _check_lengths(draft, settings)
    is_named = draft.name != settings.anonymous_name and plain_text.shows_anything(draft.name)
    if settings.forced_anonymous and is_named:
        raise RuleBroken(
            N_("Posts have no names on this board: leave the name empty."), field="name"
        )
    _check_choices(draft, settings)
    _check_files(draft, settings)
    dice.check(asked_dice(draft, settings))
    if draft.hides_country and settings.country_flags == "always":
        # Not ignored: whoever hides it would be shown.
        raise RuleBroken(
            N_("This board shows the country of every post: take the tick away to post."),
            field="no_country",
        )
    if not draft.offered and not _says_anything(markup.parse(draft.body, settings.marking)):
        raise RuleBroken(N_("The post is empty: write something or add a file."), field="body")
    _check_needed(draft, settings)


def accept(
    draft: Draft,
    board: Board,
    *,
    address: Address,
    cloak: Cloak,
    trip_salt: tripcodes.Salt,
    allowances: tuple[Allowance, ...] = (),
    files: tuple[NewFile, ...] = (),
    throws: tuple[Throw, ...] = (),
    country: str | None = None,
    old_poster_id: str | None = None,
) -> NewPost:
    """The post that a checked draft becomes; a field that shows nothing is none."""
    settings = board.settings
    signature = tripcodes.split_name(draft.name, trip_salt)
    way_back = read_email(dice.in_email(draft.email)[1] if settings.dice else draft.email)
    tree = markup.parse(draft.body, settings.marking)
    return NewPost(
        board=board.name,
        thread=draft.thread,
        name=_name(signature.name, signature.tripcode, settings),
        tripcode=signature.tripcode,
        email=_if_shown(way_back.email or ""),
        is_sage=way_back.is_sage,
        subject=_if_shown(draft.subject),
        body=draft.body if _says_anything(tree) else "",
        # >>1 and >>>/b/1 are one quote on /b/.
        quotes=tuple(
            dict.fromkeys((quote.board or board.name, quote.no) for quote in markup.quoted(tree))
        ),
        address_hash=cloak.hash_address(address),
        address_sealed=cloak.seal_address(address),
        password_hash=cloak.hash_password(draft.password) if draft.password else None,
        nonce=draft.nonce,
        delivery=draft.delivery,
        wait_s=settings.thread_wait_s if draft.thread is None else settings.reply_wait_s,
        same_text_wait_s=settings.same_text_wait_s,
        reply_limit=settings.reply_limit,
        image_limit=settings.image_limit,
        allowances=allowances,
        files=files,
        dice=dice.kept(throws),
        country=country,
        tag=draft.tag or None,
        flag=draft.user_flag or None,
        flag_name=dict(settings.flags).get(draft.user_flag),
        capcode=draft.capcode,
        poster_id=old_poster_id,
        held_because=_held_because(draft, settings),
    )


def _held_because(draft: Draft, settings: BoardSettings) -> str | None:
    """Who says that they are of the staff has been looked at."""
    looks = settings.staff_look_first == "posts" or (
        settings.staff_look_first == "files" and draft.offered
    )
    return str(STAFF_LOOK_FIRST) if looks and draft.capcode is None else None


def _name(name: str, tripcode: str | None, settings: BoardSettings) -> str | None:
    """None stands for the board's anonymous name, so that a new one shows on old posts too."""
    if name == settings.anonymous_name and tripcode is None:
        return None
    return _if_shown(name)


def _if_shown(text: str) -> str | None:
    return text if plain_text.shows_anything(text) else None


def _says_anything(body: markup.Tree) -> bool:
    """Not '** **' or '[code][/code]': marks around nothing."""
    return any(plain_text.shows_anything(text) for text in markup.texts(body))


def _check_lengths(draft: Draft, settings: BoardSettings) -> None:
    for field in TEXT_FIELDS:
        text, chars_max = getattr(draft, field.name), field.chars_max(settings)
        if len(text) > chars_max:
            raise _too_long(field.name, field.in_sentence, len(text), chars_max)
    lines = draft.body.count("\n") + 1
    if lines > settings.body_lines_max:
        raise RuleBroken(
            NN_(
                "The {label} is too long: {lines} line, {lines_max} at most.",
                "The {label} is too long: {lines} lines, {lines_max} at most.",
                "lines",
            ),
            field="body",
            label=label("body"),
            lines=lines,
            lines_max=settings.body_lines_max,
        )


def _too_long(field: str, label: Message, count: int, chars_max: int) -> RuleBroken:
    return RuleBroken(
        NN_(
            "The {label} is too long: {count} character, {chars_max} at most.",
            "The {label} is too long: {count} characters, {chars_max} at most.",
        ),
        field=field,
        label=label,
        count=count,
        chars_max=chars_max,
    )


def _check_choices(draft: Draft, settings: BoardSettings) -> None:
    for field in CHOICE_FIELDS:
        chosen = getattr(draft, field.name)
        if not chosen:
            continue
        offered = [option.value for option in field.options(settings)]
        if not offered:
            raise BadField(field.nothing_there, field=field.name)
        if field.is_of_threads and draft.thread is not None:
            raise RuleBroken(
                N_("A reply has no {label}: take it out."),
                field=field.name,
                label=field.in_sentence,
            )
        if chosen not in offered:
            raise RuleBroken(
                N_("This board does not offer that {label}: choose one of {offered}."),
                field=field.name,
                label=field.in_sentence,
                offered=", ".join(offered),
            )


def _check_files(draft: Draft, settings: BoardSettings) -> None:
    if draft.keeps_file_names and settings.file_names == "replaced":
        # Not ignored: whoever counts on a name would lose it.
        raise RuleBroken(
            N_("This board keeps no names of files: take the tick away to post."),
            field="keep_filename",
        )
    if len(draft.offered) > settings.files_max:
        if not settings.files_max:
            raise RuleBroken(N_("Too many files: this board takes none."), field="file")
        at_most = N_("Too many files: {files_max} at most.")
        raise RuleBroken(at_most, field="file", files_max=settings.files_max)
    for number, file in enumerate(draft.offered, start=1):
        if len(file.alt) > ALT_CHARS_MAX:
            raise _too_long(alt_field(number), label("file_alt"), len(file.alt), ALT_CHARS_MAX)
        if file.bytes > settings.upload_bytes_max:
            megabytes = settings.upload_bytes_max / 1024 / 1024
            raise FileTooLarge(bytes_max_mb=f"{megabytes:.3g}")
    if sum(file.bytes for file in draft.offered) > FILES_BYTES_MAX:
        raise FilesTooLarge(bytes_max_mb=FILES_BYTES_MAX // 1024 // 1024)


def _check_needed(draft: Draft, settings: BoardSettings) -> None:
    for field in POST_FIELDS:
        needs, sentence = (
            (field.is_needed, _THREAD_NEEDS)
            if draft.thread is None
            else (field.is_needed_by_reply, _REPLY_NEEDS)
        )
        if needs(settings) and not _is_filled(draft, field.name, settings):
            raise RuleBroken(sentence, field=field.name, label=field.in_sentence)


_THREAD_NEEDS = N_("A new thread needs a {label} on this board.")
_REPLY_NEEDS = N_("A reply needs a {label} on this board.")


def _is_filled(draft: Draft, name: str, settings: BoardSettings) -> bool:
    if name == "file":
        return bool(draft.offered)
    if name == "body":
        return _says_anything(markup.parse(draft.body, settings.marking))
    return plain_text.shows_anything(getattr(draft, name))
