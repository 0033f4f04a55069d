"""What must not stand in any file of the repository."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.house_rules.repository import ROOT, files
from tests.tables import for_each

# No expression matches itself, and the examples below are in halves: this file is looked at too.
FORBIDDEN = {
    "the address of a package registry": re.compile(
        r"\b(py[p]i|python[h]osted|npm[j]s|crate[s]|proxy[.]golang)[.](org|io|com)\b"
    ),
    "an option that names a package registry": re.compile("--(extra-)?[i]ndex-url[ =]http"),
    "a path of one machine": re.compile(
        r"(?<![\w.~{}$/-])/(wor[k]|roo[t]|home/[a-z]\w*|Users/[A-Z]\w*)/[\w.-]"
    ),
    # It is true at the first look, or the policy of the page forbids to look again.
    "a wait in a browser for what is no function": re.compile(
        r"wait_for_function\(\s*[rf]?[\"']+(?![\"']|(\w+|\([^)]*\)) =>)"
    ),
    "a private key": re.compile("-----BEGIN [A-Z ]*[P]RIVATE KEY"),
    "an access key": re.compile(r"\b(AK[I]A[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36})\b"),
    "a token": re.compile(r"\b(xox[bp]-[0-9A-Za-z-]{20,}|sk-[A-Za-z0-9]{32,}|AIza[\w-]{35})\b"),
}


@cache
def _texts() -> dict[str, str]:
    return {path: (ROOT / path).read_bytes().decode(errors="ignore") for path in files()}


@pytest.mark.slow
@for_each("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = []
    for path, text in _texts().items():
        found += [f"{path}: {match.group()}" for match in FORBIDDEN[what].finditer(text)]
    assert not found, f"{what} in {found}"


@for_each(
    ("what", "text"),
    [
        ("the address of a package registry", "https://pypi" + ".org/simple"),
        ("the address of a package registry", "https://files.python" + "hosted.org/x"),
        ("an option that names a package registry", "--index" + "-url https://x"),
        ("a path of one machine", '"/wo' + 'rk/main"'),
        ("a path of one machine", "cd /ho" + "me/maria/board"),
        ("a wait in a browser for what is no function", "page.wait_for_" + 'function("x === 1")'),
        ("a wait in a browser for what is no function", "wait_for_" + 'function("async () => 0")'),
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("an access key", "AK" + "IA" + "A" * 16),
        ("a token", "AI" + "za" + "x" * 35),
    ],
)
def test_rule_sees_what_it_is_for(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_nothing_that_is_made_is_committed() -> None:
    made = re.compile(r"(^|/)((__pycache__|var|\.venv)/|\.env$)|\.pyc$")
    assert [path for path in files() if made.search(path)] == []


def test_no_file_is_called_by_a_word_that_says_nothing() -> None:
    hollow = {"utils", "util", "common", "helpers", "helper", "manager", "core", "misc"}
    assert [path for path in files() if hollow & set(re.split(r"[/._]", path))] == []
