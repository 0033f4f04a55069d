"""The running board keeps to what its openapi.json tells: whatever is sent, by whichever form."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board

BOARD = "api"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def board(board_process: BoardProcess) -> BoardProcess:
    """With a board for whatever comes."""
    board_process.cli("board", "add", BOARD)
    return board_process


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_board_answers_as_its_description_says(
    board: BoardProcess, mode: GenerationMode, accept: str
) -> None:
    """Forms that keep to it, and forms that do not; to a board and a thread that are there."""
    document = board.read("/openapi.json")
    thread = board.post(board=BOARD, subject="Kettles", body="Hello.")["thread"]
    fields = document["components"]["schemas"]["Form"]["properties"]
    fields["board"] = {"type": "string", "enum": [BOARD]}
    fields["thread"] = {"type": "string", "enum": [thread]}
    schema = schemathesis.openapi.from_dict(document)
    operation = schema["/post"]["POST"]
    answers: set[int] = set()

    @seed(1)
    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        answer = case.call(base_url=board.url, headers={"Accept": accept}, allow_redirects=False)
        answers.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    sent()
    assert 400 <= max(answers) < 500


def test_form_that_keeps_to_the_description_is_taken(board: BoardProcess) -> None:
    document = board.read("/openapi.json")
    form = document["components"]["schemas"]["Form"]["properties"]
    fields = {"board": BOARD, "subject": "Kettles", "body": "Hello."}
    assert fields.keys() <= form.keys()
    answer = board.post(**fields)
    posted = document["components"]["schemas"]["Posted"]
    assert set(posted["required"]) <= answer.keys()
