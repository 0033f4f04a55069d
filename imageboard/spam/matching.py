"""All rules that are in force, compiled together: which of them a post hits. Pure.

PERF: what is looked for in one place is one automaton of RE2, which goes through the text once,
however many rules there are; whole values are looked up. A thousand rules cost a post of 500
characters some 0.1 ms (tests/imageboard/bench_rules.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import re2

from imageboard.file_bans import BannedFile, FileBan
from imageboard.post_rules import Draft
from imageboard.spam import disguises, hosts, rules
from imageboard.spam.known_files import KnownFiles, Look, Marks
from imageboard.spam.rules import Rule

#: What all patterns of one place may take, as a program and while they run.
_AUTOMATON_BYTES_MAX = 64 << 20
#: Found in every text: where it is not, RE2 has given up.
_ALWAYS = r"\z"
#: A text that others have made longer is changed no more: it is too long for any board.
_REPLACED_CHARS_MAX = 50_000


class Candidate(NamedTuple):
    """A post as rules look at it; of a post's draft or of one that is stored."""

    board: str
    is_thread: bool
    name: str = ""
    email: str = ""
    subject: str = ""
    body: str = ""
    file_names: tuple[str, ...] = ()
    #: Asked where a rule looks at it: it takes a while to be found.
    tripcode: Callable[[], str | None] = lambda: None

    def text(self, place: str) -> str:
        """As its readers see it: '' where there is none."""
        match place:
            case "text":
                typed = (self.name, self.email, self.subject, self.body, *self.file_names)
                return disguises.seen("\n".join(filter(None, typed)))
            case "host":
                return "\n".join(hosts.of_text(self.text("text")))
            case "file_name":
                return disguises.seen("\n".join(self.file_names))
            case "tripcode":
                return self.tripcode() or ""
            case "name" | "email" | "subject" | "body":
                return disguises.seen(getattr(self, place))
        return ""


class Circumstances(NamedTuple):
    """What takes longer to find out: asked only when a rule hits that depends on it."""

    country: Callable[[], str | None] = lambda: None
    is_known: Callable[[], bool] = lambda: False
    is_pressed: Callable[[], bool] = lambda: False


def candidate(draft: Draft, tripcode: Callable[[], str | None]) -> Candidate:
    """SECURITY: a name without what makes its tripcode, which is a password."""
    return Candidate(
        draft.board,
        draft.thread is None,
        name=draft.name.partition("#")[0],
        email=draft.email,
        subject=draft.subject,
        body=draft.body,
        file_names=tuple(file.name for file in draft.offered),
        tripcode=tripcode,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Patterns that are looked for at once; `rules[i]` is that of the i-th."""

    rules: tuple[Rule, ...]
    patterns: tuple[str, ...]
    #: None: all together are too large.
    automaton: re2.Set | None

    @classmethod
    def of(cls, found: list[tuple[str, Rule]]) -> _Found:
        patterns = tuple(pattern for pattern, _ in found)
        return cls(tuple(rule for _, rule in found), patterns, _automaton(patterns))

    def within(self, text: str) -> Iterable[Rule]:
        hit = set(self.automaton.Match(text) or ()) if self.automaton is not None else set()
        if len(self.patterns) in hit:
            return [self.rules[number] for number in hit if number < len(self.rules)]
        # More states than memory: slower one by one, but never unseen.
        return [
            rule
            for pattern, rule in zip(self.patterns, self.rules, strict=True)
            if rules.compiled(pattern).search(text)
        ]


def _automaton(patterns: Iterable[str]) -> re2.Set | None:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _AUTOMATON_BYTES_MAX
    automaton = re2.Set.SearchSet(options)
    try:
        for pattern in chain(patterns, [_ALWAYS]):
            automaton.Add(pattern)
        automaton.Compile()
    except re2.error:
        return None
    return automaton


class RuleBook:
    """The rules in force and the bans of files, as one process holds them until they change."""

    def __init__(
        self,
        all_rules: Iterable[Rule] = (),
        file_bans: Iterable[tuple[FileBan, BannedFile]] = (),
    ) -> None:
        in_force = [rule for rule in all_rules if rule.is_on and rules.can_be_used(rule)]
        seen: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
        bare: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
        self._values: dict[str, dict[str, list[Rule]]] = defaultdict(lambda: defaultdict(list))
        self._of_all = []
        self._of_files = KnownFiles[Rule]()
        for rule in in_force:
            if rules.is_for_nothing(rule):
                self._of_all.append(rule)
            elif look := rules.look_of(rule):
                self._of_files.add_look(look, rule)
            elif rule.place in rules.DIGITS:
                self._of_files.add_bytes(rule.place, rule.what, rule)
            elif rule.way == "is":
                self._values[rule.place][_value(rule)].append(rule)
            elif rule.way == "looks_like":
                bare[rule.place].append((re2.escape(disguises.bare(rule.what)), rule))
            elif rule.way == "pattern":
                seen[rule.place].append((rule.what, rule))
            else:
                seen[rule.place].append((re2.escape(disguises.seen(rule.what)), rule))
        self._seen = {place: _Found.of(found) for place, found in seen.items()}
        self._bare = {place: _Found.of(found) for place, found in bare.items()}
        self.is_empty = not in_force
        self.looks_at_files = bool(self._of_files)
        self._file_bans = _known_of(file_bans)

    def hits(self, post: Candidate, about: Circumstances) -> list[Rule]:
        """Those that a post hits, but for what its files are known by."""
        found = list(self._of_all)
        for place, patterns in self._seen.items():
            found += patterns.within(post.text(place))
        for place, patterns in self._bare.items():
            found += patterns.within(disguises.bare(post.text(place)))
        for place, values in self._values.items():
            found += _looked_up(values, _values_of(post, place))
        return _those_that_are_meant(found, post, about)

    def hits_of_files(self, post: Candidate, files: Marks, about: Circumstances) -> list[Rule]:
        """Those that a post's files hit."""
        return _those_that_are_meant(self._of_files.found(files), post, about)

    def file_ban(self, board: str, files: Marks) -> FileBan | None:
        """One that hits a post on `board` with these files, first of those that ban the poster too;
        None: it may be stored."""
        found = [ban for ban in self._file_bans.found(files) if ban.board in (None, board)]
        return min(found, key=lambda ban: (not ban.bans_poster, ban.id), default=None)


def _known_of(file_bans: Iterable[tuple[FileBan, BannedFile]]) -> KnownFiles[FileBan]:
    known = KnownFiles[FileBan]()
    for ban, file in file_bans:
        for digest in file.hashes:
            known.add_bytes("sha256", digest.hex(), ban)
        if file.likeness is not None and ban.bits_apart_max is not None:
            known.add_look(Look(file.likeness, ban.bits_apart_max), ban)
    return known


def replaced(draft: Draft, hit: Iterable[Rule]) -> Draft:
    """As it is when each of these rules has replaced what it replaces."""
    changed: dict[str, str] = {}
    for rule in hit:
        if rule.action != "replace":
            continue
        pattern = rules.compiled(rule.what if rule.way == "pattern" else re2.escape(rule.what))
        for field in rules.REPLACED_IN[1:] if rule.place == "text" else (rule.place,):
            text = changed.get(field, getattr(draft, field))
            if len(text) <= _REPLACED_CHARS_MAX:
                changed[field] = _without(pattern, text, rule)
    return replace(
        draft, subject=changed.get("subject", draft.subject), body=changed.get("body", draft.body)
    )


def _without(pattern: re2._Regexp, text: str, rule: Rule) -> str:
    """What was found only when it was seen as readers see it is replaced so."""
    text = text if pattern.search(text) else disguises.seen(text)
    new, _ = pattern.subn(lambda _found: rule.replacement, text)
    return str(new)


def _value(rule: Rule) -> str:
    """What is looked up; of a host as staff paste it, with its address."""
    what = disguises.seen(rule.what).lower()
    return hosts.named(what) if rule.place == "host" else what


def _values_of(post: Candidate, place: str) -> Iterable[str]:
    """What a rule's whole value is compared with; of a host also those above it."""
    text = post.text(place).lower()
    if place == "host":
        return chain.from_iterable(map(hosts.and_above, text.split("\n")))
    return text.split("\n") if place == "file_name" else (text,)


def _looked_up(values: Mapping[str, list[Rule]], found: Iterable[str]) -> list[Rule]:
    return [rule for value in found for rule in values.get(value, ())]


def _those_that_are_meant(
    found: Iterable[Rule], post: Candidate, about: Circumstances
) -> list[Rule]:
    """Each once, by their numbers, those whose other conditions hold too."""
    by_id = {rule.id: rule for rule in found if _is_meant(rule, post, about)}
    return [by_id[number] for number in sorted(by_id)]


def _is_meant(rule: Rule, post: Candidate, about: Circumstances) -> bool:
    """What costs nothing to know first."""
    return (
        rule.board in (None, post.board)
        and (rule.kind == "any" or (rule.kind == "threads") == post.is_thread)
        and (not rule.countries or about.country() in rule.countries)
        and (rule.poster == "any" or (rule.poster == "known") == about.is_known())
        and (rule.pace == "any" or about.is_pressed())
    )
