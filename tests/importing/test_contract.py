"""Each importer keeps what all of them promise: what `contract.py` says, of each row here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Lender
from tests.importing import (
    asagi_board,
    contract,
    fourchan_board,
    jschan_board,
    lynxchan_board,
    vichan_board,
)
from tests.importing.conftest import Site
from tests.importing.contract import Made

pytestmark = pytest.mark.slow

MADE = {
    "vichan": vichan_board.VICHAN,
    "jschan": jschan_board.JSCHAN,
    "LynxChan": lynxchan_board.LYNXCHAN,
    "4chan": fourchan_board.FOURCHAN,
    "asagi": asagi_board.ASAGI,
}


@pytest.fixture(scope="module", params=MADE)
def made(request: pytest.FixtureRequest) -> Made:
    return MADE[request.param]


@pytest.fixture(scope="module")
def come(lender: Lender, made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Where it came to, and was drawn: for tests that look and change nothing."""
    with lender.lend() as lent:
        site = Site(tmp_path_factory.mktemp("come"), lent.open())
        site.bring(made.move(site, site.folder))
        yield site


def test_numbers_and_places_stay(come: Site, made: Made) -> None:
    contract.numbers_and_places_stay(come, made)


def test_links_are_those_that_were(come: Site, made: Made) -> None:
    contract.links_are_those_that_were(come, made)


def test_files_are_the_same_bytes(come: Site, made: Made) -> None:
    contract.files_are_the_same_bytes(come, made)


def test_passwords_are_taken(come: Site, made: Made) -> None:
    contract.passwords_are_taken(come, made)


def test_pages_are_those_of_the_database(come: Site, made: Made) -> None:
    contract.pages_are_those_of_the_database(come)


def test_killed_anywhere_it_comes_to_the_same(
    site: Site, come: Site, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract.killed_anywhere_it_comes_to_the_same(site, come, made, tmp_path, monkeypatch)
    contract.a_second_run_changes_nothing(site, made, tmp_path)
    contract.the_next_post_has_the_next_number(site, made)
    contract.passwords_delete_through_the_form(site, made)
