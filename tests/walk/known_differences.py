"""Where this board's JSON differs from vichan's, and why: the list that the replay is held to.

Each difference is told as what becomes of vichan's value here. The replay fails on a difference
that is not listed, and on a listed one that does not occur in exactly the posts that it names.
docs/compatibility.md gives every reason in the same words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.walk import sample

#: Stands for a field that a post does not have.
ABSENT = "(absent)"

Fields = Mapping[str, Any]
#: (field, vichan's value, the post as it is here) -> the value that is expected here.
Translation = Callable[[str, Any, Fields], Any]


@dataclass(frozen=True)
class Known:
    """One difference: it occurs wherever `expected` gives something else than vichan's value."""

    fields: tuple[str, ...]
    reason: str
    expected: Translation
    #: The posts in which it occurs; None: it depends on no post in particular.
    posts: frozenset[int] | None = None


def _own(pattern: str) -> Translation:
    """Of vichan's type and of this form, but the board's own: another moment, another key."""

    def expected(field: str, theirs: Any, post: Fields) -> Any:
        ours = post.get(field, ABSENT)
        is_own = type(ours) is type(theirs) and re.fullmatch(pattern, str(ours))
        return ours if theirs != ABSENT and is_own else theirs

    return expected


def _added(value: Callable[[Fields], Any]) -> Translation:
    """A field that vichan does not have in this place."""
    return lambda _field, theirs, post: value(post) if theirs == ABSENT else theirs


def _added_to_op(value: Callable[[Fields], Any]) -> Translation:
    """The same for OPs, but not in threads.json, which says little of each."""
    return _added(lambda post: value(post) if post.get("resto") == 0 else ABSENT)


def _in_posts(values: Mapping[int, Any]) -> Translation:
    """{post: the value that it has, whatever vichan's is}"""
    return lambda _field, theirs, post: values.get(post["no"], theirs)


def _fields_in_posts(values: Mapping[int, Mapping[str, Any]]) -> Translation:
    """{post: {field: the value that it has}}"""
    return lambda field, theirs, post: values.get(post["no"], {}).get(field, theirs)


def _in_text(rewrite: Callable[[str], str]) -> Translation:
    return lambda _field, theirs, _post: theirs if theirs == ABSENT else rewrite(theirs)


def _post_links(com: str) -> str:
    vichans = r'<a (?:onclick="[^"]*" )?href="(/\w+/res/\d+\.html#\d+)">'
    return re.sub(vichans, r'<a class="post-link" href="\1">', com)


def _code_blocks(com: str) -> str:
    def block(found: re.Match[str]) -> str:
        code = found[1].replace("&#10;", "\n").replace("&amp;amp;", "&amp;")
        return f'<pre class="code">{code}</pre>'

    return re.sub(r"<pre class='code lang-'>(.*?)</pre>", block, com)


def _own_names(_field: str, theirs: Any, post: Fields) -> Any:
    """extra_files, each under the name that it has here, with what only this board tells of it."""
    if theirs == ABSENT:
        return theirs
    ours = [
        {"tim": file["tim"], "thumb": _thumb(file), "mime": _mime(file)}
        for file in post.get("extra_files", [])
    ]
    assert all(re.fullmatch(_TIM, file["tim"]) for file in ours)
    return [file | own for file, own in zip(theirs, ours, strict=True)]


def _thumb(post: Fields) -> Any:
    """Of this name, whatever its ending."""
    if "filename" not in post:
        return ABSENT
    thumb = post.get("thumb", "")
    return thumb if re.fullmatch(rf"{post['tim']}[.](jpg|png|webp|gif)", thumb) else "its name"


def _mime(post: Fields) -> Any:
    """By the ending of the file."""
    if "filename" not in post:
        return ABSENT
    subtype = post["ext"].removeprefix(".")
    return f"image/{'jpeg' if subtype == 'jpg' else subtype}"


def _served(field: str, theirs: Any, post: Fields) -> Any:
    """Size and MD5 of the file as it is served: a test of its own looks at that file."""
    return post.get(field, ABSENT) if post["no"] in _TURNED else theirs


def _typed(post: Fields) -> Any:
    """What was sent, but for how a form ends lines; threads.json says nothing of texts."""
    texts = {sent["no"]: sent["body_nomarkup"] for sent in sample.expected()["posts"]}
    return (texts[post["no"]].replace("\r\n", "\n") or ABSENT) if "com" in post else ABSENT


def _change(post: Fields) -> Any:
    """Of its own: later than all posts before it."""
    return post["change"] if post["change"] >= post["no"] else "a later one"


def _last_replies(post: Fields) -> Any:
    """In the catalog alone; of the sticky thread the board's page shows one."""
    if "last_replies" not in post:
        return ABSENT
    told, (_op, *replies) = post["last_replies"], sample.threads()[post["no"]]
    count = 1 if post["no"] == sample.STICKY_THREAD else 2
    last = [reply["no"] for reply in replies[-count:]]
    return told if [reply["no"] for reply in told] == last else last


def _clock_face(post: Fields) -> str:
    if "time" not in post:
        return ABSENT
    return f"{datetime.fromtimestamp(post['time'], tz=UTC):%m/%d/%y(%a)%H:%M:%S}"


def _slug(post: Fields) -> str:
    words = re.findall("[a-z0-9]+", html.unescape(post["sub"]).lower())
    return "-".join(words)[:60].strip("-")


def _is_locked(post: Fields) -> int:
    return int(post["no"] == sample.LOCKED_THREAD)


def _replies(post: Fields) -> Any:
    return ABSENT if post.get("resto") else len(sample.threads()[post["no"]]) - 1


def _images(_field: str, theirs: Any, post: Fields) -> Any:
    """Files of replies that are there."""
    if post.get("resto") != 0:
        return theirs
    _op, *replies = sample.threads()[post["no"]]
    return sum(not file["deleted"] for reply in replies for file in reply["files"])


def _posters(post: Fields) -> int:
    return len({sample.poster(sent) for sent in sample.threads()[post["no"]]})


_TIM = "[0-9]{13,}"
_SECONDS = "[0-9]{10}"
_WITHOUT_FILE = frozenset({sample.POST_WITHOUT_ITS_FILE})
_SPOILERED = frozenset({48, 166})
_TURNED = frozenset({122, 166})
_BY_STAFF = frozenset({16, 51})

KNOWN = (
    # What can't be the same: another moment, another key.
    Known(("time",), "When the post was sent here.", _own(_SECONDS)),
    Known(
        ("id",),
        "A poster's ID has 8 characters and comes from a keyed hash; a /64 of IPv6 is one poster.",
        _own("[0-9a-f]{8}"),
    ),
    Known(
        ("tim",),
        "`tim` is digits alone, also where vichan numbers the files of a post (`…-0`, `…-1`).",
        _own(_TIM),
    ),
    Known(
        ("extra_files",),
        "`tim` is digits alone, also where vichan numbers the files of a post (`…-0`, `…-1`).",
        _own_names,
        posts=frozenset({2, 73}),
    ),
    # Fields of 4chan's API.
    Known(("now",), "4chan's clock face, in UTC.", _added(_clock_face)),
    Known(("closed",), "4chan's name for `locked`.", _added_to_op(_is_locked)),
    Known(
        ("bumplimit",),
        "1 when the next reply does not bump: it reaches the limit, or staff keep the thread from "
        "it.",
        _added_to_op(lambda _post: 0),
    ),
    Known(("imagelimit",), "1 when the thread takes no more files.", _added_to_op(lambda _post: 0)),
    Known(
        ("unique_ips",),
        "How many people posted in the thread, told in its own JSON alone.",
        _added_to_op(_posters),
    ),
    Known(("semantic_url",), "The subject as a slug, or how the text begins.", _added_to_op(_slug)),
    Known(
        ("spoiler",),
        "1 when the picture is to be hidden.",
        _in_posts(dict.fromkeys(_SPOILERED, 1)),
        posts=_SPOILERED,
    ),
    Known(("thumb",), "The thumbnail's own name below `/b/thumb/`.", _added(_thumb)),
    Known(("mime",), "The file's type.", _added(_mime)),
    Known(("raw",), "The text as it was typed.", _added(_typed)),
    Known(
        ("change",),
        "Number of the board's change by which it last came to look different, of an OP by which "
        "its thread did.",
        _added(_change),
    ),
    Known(
        ("last_replies",),
        "The thread's last two replies in the catalog, or as many as the board's page shows.",
        _added(_last_replies),
    ),
    # Counts.
    Known(
        ("replies",),
        "Also in a thread's own JSON and in threads.json, as in 4chan's API.",
        _added(_replies),
    ),
    Known(
        ("images",),
        "Also in a thread's own JSON. All files of replies that are there: vichan leaves out those "
        "that a board page omits, and counts deleted ones.",
        _images,
    ),
    Known(
        ("last_modified",),
        "A thread's last visible change, not its last bump: a sage and a deletion count too, so a "
        "client that polls misses nothing.",
        _own(_SECONDS),
    ),
    # Files.
    Known(
        ("filename", "ext", "tim", "md5", "fsize", "w", "h", "tn_w", "tn_h"),
        "A deleted file has none of these: vichan's `ext` of `deleted` looks like a file to "
        "clients.",
        _in_posts(dict.fromkeys(_WITHOUT_FILE, ABSENT)),
        posts=_WITHOUT_FILE,
    ),
    Known(
        ("filedeleted",),
        "1 when the file was deleted.",
        _in_posts(dict.fromkeys(_WITHOUT_FILE, 1)),
        posts=_WITHOUT_FILE,
    ),
    Known(
        ("w", "h", "tn_w", "tn_h"),
        "A photograph that lies on its side is turned upright, and so are its measures.",
        _fields_in_posts(
            {122: {"w": 290, "h": 400, "tn_w": 185, "tn_h": 255}, 166: {"w": 480, "h": 640}}
        ),
        posts=_TURNED,
    ),
    Known(
        ("fsize", "md5"),
        "Those of the picture as it is served: what a camera wrote beside it is taken out.",
        _served,
        posts=_TURNED,
    ),
    Known(
        ("tn_w", "tn_h"),
        "Those of the picture's own thumbnail, also when it is to be hidden: vichan has none then, "
        "and gives the measures of its placeholder.",
        _fields_in_posts({48: {"tn_w": 255, "tn_h": 255}, 166: {"tn_w": 192, "tn_h": 255}}),
        posts=_SPOILERED,
    ),
    # Who signs, and over what.
    Known(
        ("name",),
        "A name of blanks before a tripcode is no name.",
        _in_posts({136: "Anonymous"}),
        posts=frozenset({136}),
    ),
    Known(
        ("sub",),
        "Quotation marks are escaped too, as in 4chan's API: safe in an attribute.",
        _in_text(lambda sub: sub.replace('"', "&quot;")),
        posts=frozenset({6}),
    ),
    Known(
        ("capcode",),
        "Of whoever is logged in at the desk; these posts were sent by nobody who was.",
        _in_posts(dict.fromkeys(_BY_STAFF, ABSENT)),
        posts=_BY_STAFF,
    ),
    Known(
        ("trip",),
        "`Curator ## Admin` in the public form is a name with a secure tripcode.",
        _in_posts(dict.fromkeys(_BY_STAFF, "!!pv4Vjwf8cU")),
        posts=_BY_STAFF,
    ),
    # Text.
    Known(
        ("com",),
        'A link to a post has `class="post-link"`, also to another board, in place of an '
        "`onclick`, which a strict Content-Security-Policy forbids.",
        _in_text(_post_links),
    ),
    Known(
        ("com",),
        'A link to the web says `rel="nofollow noopener"`, and opens where the reader wants it.',
        _in_text(
            lambda com: com.replace('rel="nofollow" target="_blank"', 'rel="nofollow noopener"')
        ),
        posts=frozenset({54, 197}),
    ),
    Known(
        ("com",),
        'Code is in `<pre class="code">`, with real line ends, and escaped once where vichan '
        "does so twice.",
        _in_text(_code_blocks),
        posts=frozenset({66, 91}),
    ),
    Known(
        ("com",),
        "`--` and `...` stay as they were typed.",
        _in_text(lambda com: com.replace("&ndash;", "--").replace("&hellip;", "...")),
        posts=frozenset({147}),
    ),
)


#: {thread: the one that it stands behind here}
MOVED = {1: 4}
MOVED_BECAUSE = (
    "A deleted reply takes its bump back: its thread stands where the last one that is left put it."
)


def in_our_order(documents: Mapping[str, Any]) -> dict[str, Any]:
    """vichan's documents with the threads of their pages in the order that they have here."""
    pages = {path: page for path, page in documents.items() if re.fullmatch("[0-9]+[.]json", path)}
    first = [page["threads"] for page in pages.values()]
    moved = dict(zip(pages, ({"threads": part} for part in _moved(first)), strict=True))
    for path in ("catalog.json", "threads.json"):
        parts = _moved([page["threads"] for page in documents[path]])
        moved[path] = [
            page | {"threads": part} for page, part in zip(documents[path], parts, strict=True)
        ]
    return {path: moved.get(path, document) for path, document in documents.items()}


def _moved(pages: list[list[Any]]) -> list[list[Any]]:
    """The same threads on as many pages, each as long as before."""

    def number(thread: Any) -> int:
        return int(thread["posts"][0]["no"] if "posts" in thread else thread["no"])

    threads = [thread for page in pages for thread in page]
    for no, behind in MOVED.items():
        thread = threads.pop([number(one) for one in threads].index(no))
        threads.insert([number(one) for one in threads].index(behind) + 1, thread)
    ordered = iter(threads)
    return [[next(ordered) for _ in page] for page in pages]
