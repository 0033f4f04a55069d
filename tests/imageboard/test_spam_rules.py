"""Rules against spam: how they are read, and which posts they hit, however those are disguised."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import pytest

from imageboard.errors import BadField, NoSuchBoard
from imageboard.file_bans import BannedFile, FileBan
from imageboard.spam import disguises, hosts, known_files, matching, rules
from imageboard.spam.matching import Candidate, Circumstances, RuleBook
from imageboard.spam.rules import NewRule, Rule
from tests.builders import a_draft, a_file
from tests.tables import for_each


def a_rule(number: int = 1, **fields: Any) -> Rule:
    return Rule(**({"id": number, "created_by": "x", "created_s": 0, "is_on": True} | fields))


def hit_by(*rules_: Rule, about: Circumstances | None = None, **fields: Any) -> list[int]:
    """The numbers of the rules that a reply on /b/ hits, or what `fields` make of it."""
    post = Candidate(**({"board": "b", "is_thread": False} | fields))
    return [rule.id for rule in RuleBook(rules_).hits(post, about or Circumstances())]


@for_each(
    "typed",
    [
        "viagra",
        "ViAGRA",
        "v i a g r a",
        "v-i.a_g*r/a",
        "vi\u200bag\u200dra",
        "vi\u00adagra",
        "ｖｉａｇｒａ",
        "𝓿𝓲𝓪𝓰𝓻𝓪",
        "vіаgrа",
        "νiagra",
        "v1@gr4",
        "v!agra",
        "víàgŕä",
        "v\u0336i\u0336a\u0336g\u0336r\u0336a",
        "vviiaaggrraa"[1:],
        "Ⓥⓘⓐⓖⓡⓐ",
        "ᴠɪᴀɢʀᴀ",
        "🆅🅸🅰🅶🆁🅰",
        "🅥🅘🅐🅖🅡🅐",
        "\u202eviagra\u202c",
        "v\ni\na\ng\nr\na",
    ],
    ids=ascii,
)
def test_word_is_found_however_it_is_disguised(typed: str) -> None:
    rule = a_rule(way="looks_like", what="Viagra")
    assert hit_by(rule, body=f"Buy {typed} now") == [1]


@for_each("typed", ["Niagara", "Вагра", "ビアグラ", ""])
def test_word_is_not_found_in_what_readers_read_otherwise(typed: str) -> None:
    assert hit_by(a_rule(way="looks_like", what="viagra"), body=typed) == []


@for_each("text", ["Привет, мир", "日本語のテスト", "שלום", "naïve"])
def test_word_of_any_script_is_found_as_it_is(text: str) -> None:
    for way in ("contains", "looks_like", "pattern"):
        assert hit_by(a_rule(way=way, what=text), body=f"… {text.upper()} …") == [1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://Shop.Example.com:80/x", ("shop.example.com",)),
        ("evil.net, or www.good.org.", ("evil.net", "www.good.org")),
        ("http://good.org@evil.net/", ("good.org", "evil.net")),
        ("пример.рф", ("пример.рф",)),
        ("見て。evil.net", ("evil.net", "見て.evil.net")),
        ("xn--e1afmkfd.xn--p1ai", ("xn--e1afmkfd.xn--p1ai", "пример.рф")),
        ("xn--\u00e9.com xn--99999999999.com", ("xn--\u00e9.com", "xn--99999999999.com")),
        ("xn--a-qc4g.com", ("xn--a-qc4g.com",)),  # half a character
        ("no dot", ()),
        ("end. Begin", ()),
        ("a." * 5000 + "com", ()),
    ],
)
def test_hosts_are_what_has_a_dot_within(text: str, found: tuple[str, ...]) -> None:
    assert hosts.of_text(text) == found


@for_each(
    ("body", "is_hit"),
    [
        ("http://example.com/x", True),
        ("www.EXAMPLE.com", True),
        ("ex\u200bample.com", True),
        ("ｅｘａｍｐｌｅ.com", True),
        ("http://example。com/", True),
        ("http://example｡com/", True),
        ("example.com.evil.net", False),
        ("notexample.com", False),
    ],
)
def test_host_stands_for_those_below_it_too(body: str, is_hit: bool) -> None:
    assert bool(hit_by(a_rule(place="host", way="is", what="example.com"), body=body)) is is_hit


@for_each(
    ("what", "host"),
    [
        ("https://Shop.Example.com:443/x?y#z", "shop.example.com"),
        ("//shop.example.com/", "shop.example.com"),
        ("*.shop.example.com", "shop.example.com"),
        ("shop.example.com.", "shop.example.com"),
        ("http://me:x@shop.example.com/@you", "shop.example.com"),
        ("*.xyz", "shop.xyz"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("пример.рф", "http://xn--e1afmkfd.xn--p1ai/"),
    ],
)
def test_host_is_named_as_it_is_pasted(what: str, host: str) -> None:
    rule = a_rule(place="host", way="is", what=what)
    assert hit_by(rule, body=f"see {host}") == [1]
    assert hit_by(rule, body="see com.example.org") == []


@for_each(
    ("place", "fields"),
    [
        ("text", {"name": "spam"}),
        ("text", {"file_names": ("a spam.png",)}),
        ("body", {"body": "a\nspam"}),
        ("subject", {"subject": "Spam!"}),
        ("name", {"name": "SPAM"}),
        ("email", {"email": "spam@x"}),
        ("tripcode", {"tripcode": lambda: "!spam"}),
        ("file_name", {"file_names": ("cat.png", "spam.png")}),
        ("host", {"subject": "spam.com"}),
    ],
)
def test_rule_looks_at_its_place_alone(place: str, fields: dict[str, Any]) -> None:
    assert hit_by(a_rule(place=place, what="spam"), **fields) == [1]
    others = {each.name for each in rules.PLACES} - {place, "text", "post", "sha256", "md5"}
    if place != "host":
        assert hit_by(*(a_rule(place=other, what="spam") for other in others), **fields) in (
            [],
            [1],
        )
        assert (
            hit_by(a_rule(place="body" if place != "body" else "name", what="spam"), **fields) == []
        )


@for_each(
    ("narrowed", "fields", "about"),
    [
        ({"board": "tea"}, {"board": "tea"}, Circumstances()),
        ({"kind": "threads"}, {"is_thread": True}, Circumstances()),
        ({"countries": frozenset({"DE"})}, {}, Circumstances(country=lambda: "DE")),
        ({"poster": "known"}, {}, Circumstances(is_known=lambda: True)),
        ({"pace": "pressed"}, {}, Circumstances(is_pressed=lambda: True)),
    ],
)
def test_rule_is_narrowed_by_what_else_it_asks(
    narrowed: dict[str, Any], fields: dict[str, Any], about: Circumstances
) -> None:
    for rule in (a_rule(place="post", **narrowed), a_rule(what="spam", **narrowed)):
        assert hit_by(rule, body="spam", about=about, **fields) == [1]
        assert hit_by(rule, body="spam") == []
    if "poster" in narrowed or "kind" in narrowed:
        other = {"known": "new", "threads": "replies"}
        reversed_ = {name: other[value] for name, value in narrowed.items()}
        assert hit_by(a_rule(what="spam", **reversed_), body="spam") == [1]


def test_nobody_is_asked_where_a_post_comes_from_unless_the_text_is_hit() -> None:
    def asked() -> str:
        raise AssertionError

    rule = a_rule(what="spam", countries=frozenset({"DE"}))
    assert hit_by(rule, body="ham", about=Circumstances(country=asked)) == []


def test_rule_that_is_not_in_force_hits_nothing() -> None:
    assert hit_by(a_rule(what="spam", is_on=False), body="spam") == []


@for_each(
    "other",
    [
        {"place": "moon"},
        {"way": "smells_like"},
        {"action": "praise"},
        {"kind": "dreams"},
        {"poster": "nobody"},
        {"pace": "andante"},
        {"way": "pattern", "what": "(a"},
    ],
)
def test_rule_of_another_version_hits_nothing_and_stops_nothing(other: dict[str, str]) -> None:
    """Two versions run beside each other while one takes the place of the other."""
    assert hit_by(a_rule(1, **{"what": "spam"} | other), a_rule(2, what="spam"), body="spam") == [2]


def test_files_are_known_by_their_hashes_also_by_what_was_sent() -> None:
    file = a_file(sent_sha256=b"s" * 32)
    found = [
        a_rule(1, place="sha256", way="is", what=file.sha256.hex()),
        a_rule(2, place="sha256", way="is", what=(b"s" * 32).hex()),
        a_rule(3, place="md5", way="is", what=file.md5.hex()),
        a_rule(4, place="md5", way="is", what="0" * 32),
    ]
    book, post = RuleBook(found), Candidate("b", False)
    assert book.looks_at_files
    assert not RuleBook(found[:0]).looks_at_files
    hit = book.hits_of_files(post, known_files.marks([file]), Circumstances())
    assert [rule.id for rule in hit] == [1, 2, 3]
    assert book.hits(post, Circumstances()) == []


def test_files_are_known_by_what_they_look_like() -> None:
    """As far as the rule says, and as a number with a sign, as the database has it."""
    look = known_files.spelled(-2)
    assert look == "fffffffffffffffe"
    found = [
        rules.read({"place": "likeness", "way": "is", "what": what, "is_on": "on"})
        for what in (look.upper(), f"{look}/0", "0" * 16)
    ]
    book = RuleBook([a_rule(number, **asdict(rule)) for number, rule in enumerate(found)])
    for bits_apart, hit in ((0, [0, 1]), (10, [0]), (11, [])):
        file = a_file(likeness=-2 ^ ((1 << bits_apart) - 1))
        told = book.hits_of_files(Candidate("b", False), known_files.marks([file]), Circumstances())
        assert [rule.id for rule in told] == hit
    assert not book.hits_of_files(
        Candidate("b", False), known_files.marks([a_file()]), Circumstances()
    )
    for way, what in (("contains", look), ("is", look[1:]), ("is", f"{look}/15"), ("is", "cat")):
        with pytest.raises(BadField, match="16 digits"):
            rules.read({"place": "likeness", "way": way, "what": what})


def test_bans_of_files_are_found_by_the_same_book() -> None:
    """First those that ban the poster too; where they hold."""
    file = a_file(likeness=5, sent_sha256=b"s" * 32)
    bans = [
        a_file_ban(1, BannedFile((file.sha256,), None)),
        a_file_ban(2, BannedFile((b"s" * 32,), None), board="c", bans_poster=True),
        a_file_ban(3, BannedFile((b"x" * 32,), 7), bits_apart_max=1, bans_poster=True),
    ]
    book = RuleBook((), bans)
    assert (book.is_empty, book.looks_at_files) == (True, False), "there is no rule"

    def banned(board: str, **fields: Any) -> int | None:
        found = book.file_ban(board, known_files.marks([a_file(**fields)]))
        return found and found.id

    assert banned("b") == 1
    assert banned("c", sent_sha256=b"s" * 32) == 2
    assert banned("b", sent_sha256=b"s" * 32) == 1
    assert banned("b", likeness=5) == 3
    assert banned("b", likeness=4, sha256=b"y" * 32) is None


def a_file_ban(number: int, file: BannedFile, **fields: Any) -> tuple[FileBan, BannedFile]:
    usual: dict[str, Any] = {"board": None, "reason": "No.", "bits_apart_max": None}
    usual |= {"bans_poster": False, "ban_s": None, "created_by": "x", "created_s": 0}
    return FileBan(id=number, **(usual | fields)), file


def test_name_is_looked_at_without_the_password_of_its_tripcode() -> None:
    post = matching.candidate(a_draft(name="anon#secret"), lambda: None)
    assert post.text("text") == "anon\nHello."


def test_words_are_replaced_in_the_draft_as_each_rule_says() -> None:
    draft = a_draft(subject="Cats", body="A cat and a c\u200bat, CAT. 12-34")
    hit = [
        a_rule(1, what="cat", action="replace", replacement=r"do\1g"),
        a_rule(2, way="pattern", what=r"(\d+)-\d+", place="body", action="replace"),
        a_rule(3, what="A", action="log"),
    ]
    changed = matching.replaced(draft, hit)
    assert changed.subject == r"do\1gs"
    assert changed.body == "A do\\1g and a c\u200bat, do\\1g. "
    disguised = a_draft(body="A c\u200bat")
    assert matching.replaced(disguised, hit[:1]).body == r"A do\1g"


def test_text_does_not_grow_without_end_by_what_replaces_it() -> None:
    many = [a_rule(n, what="a", action="replace", replacement="a" * 200) for n in range(20)]
    assert len(matching.replaced(a_draft(body="a" * 2000), many).body) < 20_000_000


# --- many, and what is too much for one automaton ---


def test_each_of_many_rules_is_found_by_its_own_word_alone() -> None:
    words = [f"w{number:04}x" for number in range(1000)]
    ways = ("contains", "pattern", "looks_like")
    many = [a_rule(n, what=word, way=ways[n % 3]) for n, word in enumerate(words)]
    book = RuleBook(many)
    for number in (0, 1, 2, 500, 999):
        post = Candidate("b", False, body=f"… {words[number]} …")
        assert number in {rule.id for rule in book.hits(post, Circumstances())}
    assert book.hits(Candidate("b", False, body="Nothing."), Circumstances()) == []


@for_each(
    "pattern",
    [
        r"(a+)+$",
        r"(a|aa)+$",
        r"(.*)*b",
        r"(a|b|ab)*c",
        r"([a-z]+)*\d",
        r"(x+x+)+y",
        "^(([a-z])+.)+[A-Z]",
    ],
)
def test_pattern_that_takes_others_for_ever_takes_no_longer_here(pattern: str) -> None:
    """No limit of seconds that a slow machine breaks: by a backtracking matcher it is centuries."""
    rule = rules.read({"way": "pattern", "what": pattern})
    post = {"body": "a" * 20_000 + "!"}
    began_s = time.process_time()
    hit_by(a_rule(way="pattern", what=rule.what), **post)
    assert time.process_time() - began_s < 20


def test_patterns_of_too_many_states_are_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "_AUTOMATON_BYTES_MAX", 1 << 12)
    many = [a_rule(n, way="pattern", what=rf"(a|b)*a(a|b){{{n + 5}}}z{n}") for n in range(20)]
    assert hit_by(*many, body=f"a{'b' * 8}z3") == [3]
    assert hit_by(*many, body="ab" * 500) == []


# --- as they are written ---


@for_each(
    ("typed", "field"),
    [
        ({"what": ""}, "what"),
        ({"what": "x" * 501}, "what"),
        ({"what": "(a", "way": "pattern"}, "what"),
        ({"what": r"(?=a)", "way": "pattern"}, "what"),
        ({"what": r"(a)\1", "way": "pattern"}, "what"),
        ({"what": "(a{1000}){1000}", "way": "pattern"}, "what"),
        ({"what": "((((a{30}){30}){30}){30})", "way": "pattern"}, "what"),
        ({"what": r"a\Cb", "way": "pattern"}, "what"),
        ({"what": "a. -b", "way": "looks_like"}, "what"),
        ({"what": "ab", "place": "sha256", "way": "is"}, "what"),
        ({"what": "a" * 64, "place": "sha256", "way": "contains"}, "what"),
        ({"what": "x", "place": "moon"}, "place"),
        ({"what": "x", "way": "moon"}, "way"),
        ({"what": "x", "action": "moon"}, "action"),
        ({"what": "x", "countries": "Germany"}, "countries"),
        ({"what": "x", "sentence": "x" * 301}, "sentence"),
        ({"what": "x", "action": "ban", "duration": "3d"}, "reason"),
        ({"what": "x", "action": "ban", "duration": "soon", "sentence": "Spam."}, "duration"),
        ({"what": "x", "action": "replace", "place": "name"}, "place"),
        ({"what": "spam", "action": "replace", "way": "looks_like"}, "place"),
    ],
)  # fmt: skip
def test_rule_that_makes_no_sense_is_refused_with_its_field(
    typed: dict[str, str], field: str
) -> None:
    with pytest.raises(BadField) as refused:
        rules.read(typed)
    assert refused.value.field == field


def test_rule_is_read_as_it_was_typed() -> None:
    assert rules.read(
        {"board": "/b/", "what": " spam ", "countries": "de, FR", "action": "ban", "is_on": "on",
         "sentence": "Spam.", "duration": "3d", "kind": "threads", "poster": "new"}
    ) == NewRule(
        board="b", is_on=True, what="spam", countries=frozenset({"DE", "FR"}), action="ban",
        sentence="Spam.", ban_s=3 * 86_400, kind="threads", poster="new",
    )  # fmt: skip
    assert rules.read({"place": "post", "what": "ignored", "way": "pattern"}).what == ""
    with pytest.raises(NoSuchBoard):
        rules.read({"board": "no board", "what": "x"})


def test_text_of_letters_alone_is_the_same_for_ascii_and_beside_other_letters() -> None:
    """Two ways through the same rules: one for what is ASCII, one for all else."""
    for text in ("V1@ggr.a NOW! ", "w!n $$$ €", "rn vv", "2469", "a_b|c"):
        assert disguises.bare(text + "日") == disguises.bare(text.strip()) + "日"
