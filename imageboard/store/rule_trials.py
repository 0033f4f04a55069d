"""A rule tried on the posts of the last day, before it is in force: what it would have hit."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from imageboard.spam.known_files import Marks
from imageboard.spam.matching import Candidate, Circumstances, RuleBook
from imageboard.spam.rules import NewRule, Rule
from imageboard.store import spam_rules
from imageboard.store.database import Connection
from imageboard.store.spam_rules import TriedPost

#: The newest of a day: more take seconds.
POSTS_MAX = 5_000
EXAMPLES_MAX = 10
#: Of so many posts, half is too much of anything.
_POSTS_THAT_TELL = 20


class Trial(NamedTuple):
    """What a rule would have done, whoever had posted and however fast."""

    looked_at: int
    hits: int
    #: The newest.
    examples: list[TriedPost]
    #: It hits whatever is posted, or every second post: hardly what was meant.
    is_too_wide: bool


def of_last_day(db: Connection, rule: NewRule, *, on: list[str] | None) -> Trial:
    """On the rule's board; of one for all boards, on those that the visitor may see (`on`)."""
    posts = spam_rules.of_last_day(
        db, on=on if rule.board is None else [rule.board], limit=POSTS_MAX
    )
    book = _book(rule)
    hit = [post for post in posts if _is_hit(book, post)]
    is_half = len(posts) >= _POSTS_THAT_TELL and 2 * len(hit) >= len(posts)
    return Trial(
        len(posts), len(hit), hit[:EXAMPLES_MAX], is_half or _hits_what_says_nothing(book, rule)
    )


def _book(rule: NewRule) -> RuleBook:
    """Who posted and how fast is not asked: nobody knows it any more."""
    meant = {name: getattr(rule, name) for name in NewRule.__dataclass_fields__}
    tried = Rule(**meant, id=0, created_by="", created_s=0)
    return RuleBook([replace(tried, is_on=True, poster="any", pace="any")])


def _is_hit(book: RuleBook, post: TriedPost) -> bool:
    found = Candidate(
        post.board,
        post.no == post.thread,
        name=post.name,
        email=post.email,
        subject=post.subject,
        body=post.body,
        file_names=tuple(post.file_names),
        tripcode=lambda: post.tripcode,
    )
    about = Circumstances(country=lambda: post.country)
    files = Marks(tuple(post.sha256), tuple(post.md5), tuple(post.likeness))
    return bool(book.hits(found, about) or book.hits_of_files(found, files, about))


def _hits_what_says_nothing(book: RuleBook, rule: NewRule) -> bool:
    """A thread and a reply without a word, from a country that it is for."""
    about = Circumstances(country=lambda: min(rule.countries, default=None))
    board = rule.board or ""
    return (
        rule.poster == rule.pace == "any"
        and not rule.countries
        and all(book.hits(Candidate(board, is_thread), about) for is_thread in (True, False))
    )
