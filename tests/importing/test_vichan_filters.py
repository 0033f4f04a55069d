"""Filters of vichan's settings become rules that hit what they hit, or are told."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from imageboard.post_rules import Draft
from imageboard.spam import rules
from imageboard.spam.matching import Candidate, Circumstances, RuleBook, replaced
from imageboard.spam.rules import Rule
from importing import word_filters
from importing.records import OldRule
from importing.vichan import filters, php
from tests.builders import a_draft
from tests.tables import for_each


def read(spelled: str) -> list[tuple[str, OldRule | word_filters.NoRuleError]]:
    told = php.settings([f"<?php {spelled}"])
    return [each for kind in filters.KINDS for each in filters.rules_of(told, kind, None)]


def a_rule(spelled: str) -> Rule:
    ((_, told),) = read(spelled)
    assert isinstance(told, OldRule), told
    new = rules.read(told.typed)
    return Rule(**asdict(new), id=1, created_by="import", created_s=0)


def is_hit(rule: Rule, draft: Draft, *, is_thread: bool = False, **more: Any) -> bool:
    post = Candidate("b", is_thread, draft.name, draft.email, draft.subject, draft.body, **more)
    return RuleBook([rule]).hits(post, Circumstances()) == [rule]


@for_each(
    ("spelled", "typed", "left"),
    [
        ("['cat', 'dog']", "a Cat sat", "a dog sat"),
        ("array(' cat ', 'dog')", "a cat sat, cats", "adogsat, cats"),
        ("['/c[ao]t/i', 'dog', true]", "Cat, cot, cut", "dog, dog, cut"),
        # By their case, where no i says that it does not matter.
        ("['#cat#', 'dog', true]", "Cat cat", "Cat dog"),
        ("['{^x}m', '>', true]", "a\nx", "a\n>"),
        ("['smh', '']", "smh, no", ", no"),
    ],
)
def test_a_word_filter_replaces_as_it_did(spelled: str, typed: str, left: str) -> None:
    rule = a_rule(f"$config['wordfilters'][] = {spelled};")
    draft = a_draft(body=typed, subject="")
    assert is_hit(rule, draft)
    assert replaced(draft, [rule]).body == left


def test_a_filter_refuses_or_bans_whom_it_did() -> None:
    rule = a_rule(
        """$config['filters'][] = array(
            'condition' => array('body' => '/buy (it|now)/i', 'OP' => true),
            'action' => 'reject', 'message' => 'No <b>shops</b> &amp; so.');"""
    )
    draft = a_draft(body="BUY now")
    assert (rule.action, rule.sentence, rule.kind) == ("refuse", "No '''shops''' & so.", "threads")
    assert is_hit(rule, draft, is_thread=True)
    assert not is_hit(rule, draft)
    assert not is_hit(rule, a_draft(body="buy later"), is_thread=True)
    banned = a_rule(
        """$config['filters'] = [['condition' => ['filename' => '/^evil/'], 'action' => 'ban',
            'expires' => 60 * 60 * 24 * 3, 'reason' => 'Evil.']];"""
    )
    assert (banned.action, banned.ban_s, banned.sentence) == ("ban", 3 * 86_400, "Evil.")
    assert is_hit(banned, a_draft(), file_names=("evil.png",))
    assert not is_hit(banned, a_draft(), file_names=("Evil.png",))


@for_each(
    ("spelled", "why"),
    [
        ("wordfilters'][] = ['/a/', function ($m) { return ');'; }, true]", "a program"),
        ("wordfilters'][] = ['/(a)/', '<b>$1</b>', true]", "puts in what it found"),
        ("wordfilters'][] = ['a', 'b ']", "blanks at an end"),
        ("wordfilters'][] = ['/a/x', 'b', true]", "written in a way"),
        ("wordfilters'][] = ['a', 'b', true]", "written in a way"),
        ("wordfilters'][] = $other", "is computed"),
        ("wordfilters'][] = ['/(?<!a)b/', 'c', true]", "RE2 does not take"),
        (
            "filters'][] = ['condition' => ['flood-time' => 9], 'action' => 'reject']",
            "of floods",
        ),
        ("filters'][] = ['condition' => ['body' => '/a/', 'name' => '/b/']]", "several things"),
        ("filters'][] = ['condition' => ['ip' => '/a/'], 'action' => 'reject']", "this does not"),
        ("filters'][] = ['condition' => ['!body' => '/a/'], 'action' => 'ban']", "this does not"),
        ("filters'][] = ['condition' => ['body' => '/a/']]", "something of its own"),
        (
            "filters'][] = ['condition' => ['name' => '/a/'], 'action' => 'ban', 'expires' => f()]",
            "is computed",
        ),
    ],
)
def test_a_filter_that_no_rule_says_is_told(spelled: str, why: str) -> None:
    ((_, told),) = read(f"$config['{spelled};")
    assert isinstance(told, word_filters.NoRuleError)
    assert why in str(told)
