"""Crowds at the desk's door and with reports beside people who post: the short run of crowds.py."""

from __future__ import annotations

import httpx
import pytest

from tests.walk.board_process import BoardProcess
from tests.walk.crowds import AT_ONCE, run_on


@pytest.mark.board
def test_board_goes_on_posting_beside_crowds_of_log_ins_and_reports(
    board_process: BoardProcess,
) -> None:
    """Every post is taken, few passwords are looked at at once, the page of reports is bounded."""
    log_ins, reports = crowds = run_on(board_process, log_ins=AT_ONCE, reports=100, seed=7)
    print("\n".join(line for crowd in crowds for line in crowd.lines()))
    assert log_ins.problems == reports.problems == []
    assert (log_ins.statuses.total(), reports.statuses.total()) == (AT_ONCE, 100)
    assert log_ins.statuses[httpx.codes.FORBIDDEN] > 0, "somebody was looked at"
