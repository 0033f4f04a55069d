"""Word filters of jschan and LynxChan become rules that hit what they hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageboard.spam import rules
from imageboard.spam.matching import Candidate, Circumstances, RuleBook, replaced
from imageboard.store import spam_rules
from tests.builders import a_draft
from tests.importing import jschan_board, lynxchan_board
from tests.importing.conftest import Site

pytestmark = pytest.mark.slow

_JSCHAN = [
    {"_id": 1, "board": "b", "filters": ["Cat ", "dog"], "filterMode": 1, "filterMessage": "No."},
    {
        "_id": 2,
        "board": None,
        "filters": ["buy now"],
        "filterMode": 2,
        "filterBanDuration": 3_600_000,
    },
    {"_id": 3, "board": "b", "filters": ["nothing"], "filterMode": 0},
    {
        "_id": 4,
        "board": "b",
        "filters": ["cheap pills", "x"],
        "filterMode": 1,
        "strictFiltering": True,
    },
    {"_id": 5, "board": "gone", "filters": ["gone"], "filterMode": 1},
]
_ELDER = {"filters": ["elder"], "filterMode": 1, "filterBanDuration": 1_000}


def _rules(site: Site) -> dict[str, rules.Rule]:
    with site.database.connection() as db:
        return {rule.what: rule for rule in spam_rules.all_of(db)}


def _is_hit(rule: rules.Rule, body: str, name: str = "") -> bool:
    post = Candidate("b", False, name, "", "", body)
    return RuleBook([rule]).hits(post, Circumstances()) == [rule]


def test_those_of_jschan_refuse_or_ban(site: Site, tmp_path: Path) -> None:
    boards = jschan_board.collections()["boards"]
    elder = [
        board | {"settings": {**board["settings"], **_ELDER}}
        if board.get("_id") == "tech"
        else board
        for board in boards
    ]
    changes = {"filters": _JSCHAN, "boards": elder}
    for _ in range(2):
        move = jschan_board.JSCHAN.move(site, tmp_path)
        move.dump = jschan_board.source(tmp_path, changes)
        site.bring(move, draws=False)
    found = _rules(site)
    told = {what: (rule.board, rule.action, rule.sentence) for what, rule in found.items()}
    assert told == {
        "Cat[ ]": ("b", "refuse", "No."),
        "dog": ("b", "refuse", "No."),
        "buy now": (None, "ban", "word filter auto ban"),
        "cheap pills": ("b", "refuse", ""),
        "elder": ("tech", "refuse", ""),
    }
    assert found["buy now"].ban_s == 3_600
    assert _is_hit(found["Cat[ ]"], "a CAT sat")
    assert not _is_hit(found["Cat[ ]"], "cats")
    assert _is_hit(found["dog"], "x", name="hotDog")
    assert _is_hit(found["cheap pills"], "c h e a p - p i l l s")
    why = {each: trouble.examples for each, trouble in move.report.troubles.items()}
    assert [where for each, where in why.items() if "can't be a rule" in each] == [["filters 4 1"]]
    assert why["its board does not come"] == ["rule filters 5 0"]


def test_those_of_lynxchan_replace(site: Site, tmp_path: Path) -> None:
    boards = lynxchan_board.collections()["boards"]
    told = [
        {"originalTerm": "Cat", "replacementTerm": "d&lt;g"},
        {"originalTerm": "tea", "replacementTerm": "milk", "caseInsensitive": True},
        {"originalTerm": "x", "replacementTerm": "$&"},
    ]
    with_filters = [
        board | {"filters": told} if board.get("boardUri") == "b" else board for board in boards
    ]
    of_all = [{"originalTerm": "all", "replacementTerm": None, "caseInsensitive": True}]
    move = lynxchan_board.LYNXCHAN.move(site, tmp_path)
    move.dump = lynxchan_board.source(tmp_path, {"boards": with_filters, "filters": of_all})
    site.bring(move, draws=False)
    found = _rules(site)
    assert {what: rule.board for what, rule in found.items()} == {
        "(?-i)Cat": "b",
        "tea": "b",
        "all": None,
    }
    draft = a_draft(body="Cat cat Tea, all", subject="")
    hit = [rule for rule in found.values() if _is_hit(rule, draft.body)]
    assert replaced(draft, hit).body == "d<g cat milk, "
    why = "a word filter that puts in what it found, or blanks at an end, does not come"
    assert move.report.troubles[why].examples == ["filter 'x' of b"]
