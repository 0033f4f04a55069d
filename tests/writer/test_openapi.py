"""openapi.json tells of every address that anybody may send to, and of every way to be refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from imageboard.errors import ImageboardError, PostRefused
from imageboard.fields import POST_FIELDS
from imageboard.settings import Settings
from imageboard.store.database import Database
from templates import Site, openapi
from writer import captchas, outage
from writer.board_list import BoardList
from writer.statuses import status_of

DOCUMENT = openapi.document(Site("Stillboard", ()))


def below(kind: type[ImageboardError]) -> Iterator[type[ImageboardError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


@pytest.mark.slow
def test_document_is_one_that_programs_understand() -> None:
    # Here, since most test processes have no use for it.
    import schemathesis

    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_address_of_a_captcha_is_told(database: Database) -> None:
    settings = Settings.read({"CSRF_KEY": "c" * 32, "DATABASE_URL": "postgresql://x"})
    told = {path for path, methods in DOCUMENT["paths"].items() if "get" in methods}
    ours = captchas.routes(settings, database, BoardList(database))
    assert told == {route.address for route in (*ours, *outage.routes(settings, database))}
    assert "/post" in DOCUMENT["paths"]


def test_every_status_of_a_refused_form_is_told() -> None:
    refusals = {status_of(kind.__new__(kind)) for kind in below(PostRefused)}
    told = DOCUMENT["paths"]["/post"]["post"]["responses"]
    assert {str(int(status)) for status in refusals} <= told.keys()


def test_every_field_of_the_form_is_told() -> None:
    fields = DOCUMENT["components"]["schemas"]["Form"]["properties"]
    assert {field.name for field in POST_FIELDS} <= fields.keys()
