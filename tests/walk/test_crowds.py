"""Crowds at the desk's door and with reports beside people who post: the short run of crowds.py."""

from __future__ import annotations

import pytest

from tests.walk.crowds import run


@pytest.mark.board
def test_board_goes_on_posting_beside_crowds_of_log_ins_and_reports() -> None:
    """Every post is taken, few passwords are looked at at once, the page of reports is bounded."""
    log_ins, reports = crowds = run(log_ins=72, reports=200, seed=7)
    print("\n".join(line for crowd in crowds for line in crowd.lines()))
    assert log_ins.problems == reports.problems == []
    assert (log_ins.statuses.total(), reports.statuses.total()) == (72, 200)
    assert log_ins.passwords_at_once > 0, "somebody was looked at"
