"""By which names a board on this machine may be asked."""

from __future__ import annotations

from deploy.own_site import names_of
from imageboard.settings import Settings
from tests.tables import for_each

SITE = {"STILLBOARD_SITE_URL": "https://Board.example:8443"}
PROXY = {"STILLBOARD_TRUSTED_PROXIES": "127.0.0.1"}


@for_each(
    ("host", "environ", "names"),
    [
        ("127.0.0.1", {}, ("localhost",)),
        ("localhost", {}, ("localhost",)),
        ("127.0.0.1", SITE | PROXY, ("board.example", "localhost")),
        ("0.0.0.0", SITE, ("board.example", "localhost")),
        (
            "box.lan",
            SITE | {"STILLBOARD_HOST_NAMES": "board.onion"},
            ("board.example", "board.onion", "box.lan", "localhost"),
        ),
        # Nobody has said what it is called.
        ("0.0.0.0", {}, ()),
        ("192.0.2.7", {}, ()),
        ("127.0.0.1", PROXY, ()),
    ],
)
def test_a_board_is_asked_by_the_names_that_it_has(
    host: str, environ: dict[str, str], names: tuple[str, ...]
) -> None:
    assert names_of(Settings.read(environ), host) == names
