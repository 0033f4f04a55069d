"""The running board keeps to what its openapi.json tells: whatever is sent, by whichever form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings, strategies

from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board

BOARD = "api"


@pytest.fixture(scope="module")
def board(board_process: BoardProcess) -> BoardProcess:
    """With a board for whatever comes."""
    board_process.cli("board", "add", BOARD)
    return board_process


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_board_answers_as_its_description_says(board: BoardProcess, mode: str) -> None:
    """Forms that keep to it, and forms that do not; to a board and a thread that are there.

    Programs send them, and browsers.
    """
    # Here, since most test processes have no use for it.
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    document = board.read("/openapi.json")
    thread = board.post(board=BOARD, subject="Kettles", body="Hello.")["thread"]
    fields = document["components"]["schemas"]["Form"]["properties"]
    fields["board"] = {"type": "string", "enum": [BOARD]}
    fields["thread"] = {"type": "string", "enum": [thread]}
    schema = schemathesis.openapi.from_dict(document)
    operation = schema["/post"]["POST"]
    answers: dict[str, set[int]] = {"application/json": set(), "text/html": set()}

    @seed(1)
    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        case=operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode)),
        accept=strategies.sampled_from(list(answers)),
    )
    def sent(case: Any, accept: str) -> None:
        answer = case.call(base_url=board.url, headers={"Accept": accept}, allow_redirects=False)
        answers[accept].add(answer.status_code)
        case.validate_response(
            answer,
            checks=[
                not_a_server_error,
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
            ],
        )

    sent()
    assert all(400 <= max(statuses) < 500 for statuses in answers.values())


def test_form_that_keeps_to_the_description_is_taken(board: BoardProcess) -> None:
    document = board.read("/openapi.json")
    form = document["components"]["schemas"]["Form"]["properties"]
    fields = {"board": BOARD, "subject": "Kettles", "body": "Hello."}
    assert fields.keys() <= form.keys()
    answer = board.post(**fields)
    posted = document["components"]["schemas"]["Posted"]
    assert set(posted["required"]) <= answer.keys()
