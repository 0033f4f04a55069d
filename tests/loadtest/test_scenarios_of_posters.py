"""Some seconds of each scenario that writes, with its targets but those of time."""

from __future__ import annotations

import httpx
import pytest

from loadtest import forms
from loadtest.connection import Connection
from tests.cli.boards import RunningBoard
from tests.loadtest.runs import a_run, counts_of
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board


def test_flood_gathers_in_one_thread(loaded_board: BoardProcess) -> None:
    before = loaded_board.read("/b/catalog.json")
    ran = a_run(loaded_board.data, "flood", "--users", "6", "--time", "5s")
    assert ran.faults == [], ran
    loaded_board.settle()  # what lists threads is drawn at a pace of its own
    hot = loaded_board.read("/b/catalog.json")[0]["threads"][0]
    assert hot["no"] > max(thread["no"] for page in before for thread in page["threads"])
    assert hot["replies"] == ran.run.correctness.acknowledged - 1


def test_what_staff_delete_goes_while_others_post(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "staff", "--users", "12", "--time", "12s")
    assert ran.faults == [], ran
    assert counts_of(ran.run, "staff")["delete"] > 0
    assert (
        counts_of(ran.run, "visible")["deleted reply off its page"]
        == counts_of(ran.run, "staff")["delete"]
    )


def test_abuse_is_refused_and_nobody_else_notices(board_with_limits: RunningBoard) -> None:
    with Connection(board_with_limits.url) as poster:
        form = forms.urlencoded(forms.post_fields("b", None, "This is what will be flooded."))
        somebody = {"X-Forwarded-For": "192.0.2.1"}
        assert poster.post(form.body, form.headers | somebody)[0] == httpx.codes.OK
    ran = a_run(board_with_limits.data, "abuse", "--users", "15", "--time", "10s")
    assert ran.faults == [], ran
    posts = counts_of(ran.run, "post")
    # Which of them, says tests/walk/test_bad_input.py: a busy machine comes to a few.
    assert any(name.startswith("refused: ") for name in posts)
    # How much of a flood may be taken the flooders judge themselves: more is a fault. Where the
    # machine is busy they come less often, and more of what comes is taken.
    assert 0 < ran.run.correctness.acknowledged < posts["reply"], "nothing was refused"
