"""Rules against spam, as staff write them: which posts, and what becomes of them. Pure.

A rule looks at one thing of a post (a row of PLACES), in one way (WAYS), and does one thing with
those that it hits (ACTIONS). What else it asks narrows that: threads or replies, who posts, from
where, at what pace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import re2

from imageboard import bans, countries, plain_text
from imageboard.boards import read_board_name
from imageboard.errors import BadField
from imageboard.likeness import BITS_APART_SEARCHED
from imageboard.spam import disguises
from imageboard.spam.known_files import Look, read_look
from imageboard.words import N_, Message

WHAT_CHARS_MAX = 500
SENTENCE_CHARS_MAX = 300
REPLACEMENT_CHARS_MAX = 200
COUNTRIES_MAX = 60
#: As letters alone, shorter ones are found in every long text.
BARE_CHARS_MIN = 4
#: What one pattern may take when it is compiled: `(a{1000}){1000}` is refused.
PATTERN_BYTES_MAX = 1 << 18
#: Of the whole site, all boards together.
RULES_MAX = 5_000


class Choice(NamedTuple):
    """A row: its name, as the database and forms have it, and its words."""

    name: str
    words: Message


#: What of a post is looked at.
PLACES = (
    Choice("text", N_("all that was typed")),
    Choice("body", N_("the comment")),
    Choice("subject", N_("the subject")),
    Choice("name", N_("the name")),
    Choice("tripcode", N_("the tripcode")),
    Choice("email", N_("the e-mail field")),
    Choice("host", N_("the hosts that it names")),
    Choice("file_name", N_("the names of its files")),
    Choice("sha256", N_("the SHA-256 of its files")),
    Choice("md5", N_("the MD5 of its files")),
    Choice("likeness", N_("what its files look like")),
    Choice("post", N_("nothing: every post")),
)
#: How it is looked at.
WAYS = (
    Choice("contains", N_("contains")),
    Choice("looks_like", N_("contains, however it is disguised")),
    Choice("pattern", N_("matches the pattern")),
    Choice("is", N_("is")),
)
#: What becomes of a post that is hit. Of several that ban or refuse, what comes first here.
ACTIONS = (
    Choice("ban", N_("ban its poster")),
    Choice("refuse", N_("refuse it")),
    Choice("hold", N_("hold it until staff have looked at it")),
    Choice("captcha", N_("ask for a captcha")),
    Choice("log", N_("only count it")),
    Choice("replace", N_("replace what was found")),
)
KINDS = (
    Choice("any", N_("threads and replies")),
    Choice("threads", N_("threads")),
    Choice("replies", N_("replies")),
)
#: Known: from whose address a post has stood for a day.
POSTERS = (
    Choice("any", N_("everybody")),
    Choice("new", N_("new posters")),
    Choice("known", N_("known posters")),
)
PACES = (
    Choice("any", N_("at any time")),
    Choice("pressed", N_("while more than half of an allowance is used")),
)

#: Of bytes: so many hexadecimal digits.
DIGITS = {"sha256": 64, "md5": 32}
#: Where what was found can be replaced by something else.
REPLACED_IN = ("text", "body", "subject")
#: A byte: what it finds is no text.
_HALF_A_LETTER = r"\C"
_NO_EXTENT = "post"
_LOOKS = "likeness"
_REFUSED = N_("This looks like spam: a rule of the board refuses it.")
_COUNTRIES = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A rule that may be stored. What is not asked is empty."""

    #: None: all boards.
    board: str | None = None
    #: In force.
    is_on: bool = False
    place: str = "text"
    way: str = "contains"
    what: str = ""
    kind: str = "any"
    poster: str = "any"
    pace: str = "any"
    #: {'DE'}: from these alone; none: from anywhere.
    countries: frozenset[str] = frozenset()
    action: str = "refuse"
    #: What whoever is refused reads; of a ban its reason.
    sentence: str = ""
    #: Of a ban; None: for good.
    ban_s: int | None = None
    replacement: str = ""

    @property
    def refusal(self) -> Message:
        """In the words of who made the rule, which no catalog has, or in ours."""
        return Message("{sentence}").filled(sentence=self.sentence) if self.sentence else _REFUSED


_USUAL = NewRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(NewRule):
    """One that is stored."""

    id: int
    created_by: str
    #: Unix seconds.
    created_s: int
    #: How many posts it has hit since the database was last restored, and when the last one.
    hits: int = 0
    last_hit_s: int | None = None


def words_of(choices: tuple[Choice, ...], name: str) -> Message:
    """Also of one that another version has: its name."""
    return next((each.words for each in choices if each.name == name), Message(name))


def read(typed: Mapping[str, str]) -> NewRule:
    """A rule as a form or the command has it. Raises BadField, NoSuchBoard."""
    where = typed.get("board", "").strip()
    place = _chosen(PLACES, typed, "place")
    rule = NewRule(
        board=read_board_name(where) if where else None,
        is_on=bool(typed.get("is_on")),
        place=place,
        way="contains" if place == _NO_EXTENT else _chosen(WAYS, typed, "way"),
        kind=_chosen(KINDS, typed, "kind"),
        poster=_chosen(POSTERS, typed, "poster"),
        pace=_chosen(PACES, typed, "pace"),
        countries=_countries(typed.get("countries", "")),
        action=_chosen(ACTIONS, typed, "action"),
        sentence=_line(typed, "sentence", SENTENCE_CHARS_MAX),
        replacement=_line(typed, "replacement", REPLACEMENT_CHARS_MAX),
    )
    rule = replace(rule, what=_what(typed, rule))
    if rule.action == "ban":
        rule = replace(
            rule,
            ban_s=bans.read_duration(typed.get("duration", "")),
            sentence=bans.read_reason(rule.sentence),
        )
    if rule.action == "replace" and not _can_replace(rule):
        raise BadField(
            N_("Only what a comment or a subject contains, or what matches there, is replaced."),
            field="place",
        )
    return rule


def as_typed(rule: NewRule) -> dict[str, str]:
    """What `read` reads: the rule in a form."""
    return {
        "board": rule.board or "",
        "is_on": "on" if rule.is_on else "",
        "place": rule.place,
        "way": rule.way,
        "what": rule.what,
        "kind": rule.kind,
        "poster": rule.poster,
        "pace": rule.pace,
        "countries": ", ".join(sorted(rule.countries)),
        "action": rule.action,
        "sentence": rule.sentence,
        "duration": bans.FOR_GOOD if rule.ban_s is None else f"{rule.ban_s}s",
        "replacement": rule.replacement,
    }


def compiled(pattern: str) -> re2._Regexp:
    """By RE2, which takes a time that grows with the text alone, whatever the pattern is.

    Raises BadField.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_BYTES_MAX
    if _HALF_A_LETTER in pattern:
        fault = N_("RE2 does not take this pattern: {fault}.")
        raise BadField(fault, field="what", fault=_HALF_A_LETTER)
    try:
        return re2.compile(pattern, options)
    except re2.error as ex:
        raise BadField(
            N_("RE2 does not take this pattern: {fault}."), field="what", fault=_fault(ex)
        ) from None


def can_be_used(rule: NewRule) -> bool:
    """Not one that another version wrote, with words or a pattern that this one does not know."""
    asked: list[tuple[tuple[Choice, ...], str]] = [
        (PLACES, rule.place),
        (WAYS, rule.way),
        (KINDS, rule.kind),
        (POSTERS, rule.poster),
        (PACES, rule.pace),
        (ACTIONS, rule.action),
    ]
    if any(name not in [choice.name for choice in choices] for choices, name in asked):
        return False
    if rule.place == _LOOKS and look_of(rule) is None:
        return False
    try:
        if rule.way == "pattern":
            compiled(rule.what)
    except BadField:
        return False
    return True


def is_for_nothing(rule: NewRule) -> bool:
    """Whether it looks at nothing of a post, so that all hit it that it is for."""
    return rule.place == _NO_EXTENT


def look_of(rule: NewRule) -> Look | None:
    """What it looks for, if that is what files look like."""
    return read_look(rule.what) if rule.place == _LOOKS else None


def _can_replace(rule: NewRule) -> bool:
    return rule.place in REPLACED_IN and rule.way in ("contains", "pattern")


def _what(typed: Mapping[str, str], rule: NewRule) -> str:
    what = _line(typed, "what", WHAT_CHARS_MAX)
    if is_for_nothing(rule):
        return ""
    if not what:
        raise BadField(N_("What is to be looked for?"), field="what")
    if rule.place == _LOOKS:
        if rule.way != "is" or read_look(what) is None:
            raise BadField(
                N_(
                    "What a file looks like is 16 digits, 0 to 9 and a to f, by “is”; behind a"
                    " stroke how many of 64 bits may differ, {most} at most."
                ),
                field="what",
                most=BITS_APART_SEARCHED,
            )
        return what.lower()
    if digits := DIGITS.get(rule.place):
        what = what.lower()
        if rule.way != "is" or not re.fullmatch(rf"[0-9a-f]{{{digits}}}", what):
            raise BadField(
                N_("Of a file's hash all {digits} digits are asked, 0 to 9 and a to f, by “is”."),
                field="what",
                digits=digits,
            )
    elif rule.way == "pattern":
        compiled(what)
    elif rule.way == "looks_like" and len(disguises.bare(what)) < BARE_CHARS_MIN:
        raise BadField(
            N_(
                "Without blanks, signs and repetitions that is too short: {least} letters at least."
            ),
            field="what",
            least=BARE_CHARS_MIN,
        )
    return what


def _chosen(choices: tuple[Choice, ...], typed: Mapping[str, str], field: str) -> str:
    names = [choice.name for choice in choices]
    name = typed.get(field, "").strip() or getattr(_USUAL, field)
    if name not in names:
        raise BadField(N_("Choose one of {choices}."), field=field, choices=", ".join(names))
    return name


def _line(typed: Mapping[str, str], field: str, chars_max: int) -> str:
    text = plain_text.clean_line(typed.get(field, ""), field)
    if len(text) > chars_max:
        raise BadField(
            N_("That is too long: {chars_max} characters at most."),
            field=field,
            chars_max=chars_max,
        )
    return text


def _countries(text: str) -> frozenset[str]:
    given = {code.upper() for code in _COUNTRIES.split(text) if code}
    unknown = sorted(code for code in given if countries.known(code) != code)
    if unknown or len(given) > COUNTRIES_MAX:
        raise BadField(
            N_("Countries are two letters each, as in DE, FR; {count_max} at most."),
            field="countries",
            count_max=COUNTRIES_MAX,
        )
    return frozenset(given)


def _fault(error: Exception) -> str:
    fault = error.args[0] if error.args else ""
    return (fault.decode(errors="replace") if isinstance(fault, bytes) else str(fault)).rstrip(".")
