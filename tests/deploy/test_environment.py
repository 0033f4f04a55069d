"""Where a board's settings come from, and who wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import environment
from deploy.data_folder import KEY_NAMES, DataFolder
from deploy.embedded.service import ServiceFailed
from deploy.env_file import with_env_file

KEYS = {name: f"made {name} {'x' * 32}" for name in KEY_NAMES}


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        (None, {}, environment.DEFAULT_DATA),
        (None, {"STILLBOARD_DATA": "/srv/board"}, Path("/srv/board")),
        (Path("/here"), {"STILLBOARD_DATA": "/srv/board"}, Path("/here")),
        (Path("here"), {}, Path.cwd() / "here"),
    ],
)
def test_data_folder(given: Path | None, environ: dict[str, str], expected: Path) -> None:
    assert environment.data_path(given, environ) == expected


@pytest.mark.parametrize(
    ("data", "environ", "expected"),
    [
        (environment.DEFAULT_DATA, {}, environment.ROOT / "public"),
        (Path("/srv/board"), {}, Path("/srv/board/public")),
        (Path("/srv/board"), {"STILLBOARD_WEB_ROOT": "/srv/www"}, Path("/srv/www")),
    ],
)
def test_web_root(data: Path, environ: dict[str, str], expected: Path) -> None:
    assert environment.web_root(data, environ) == expected


def test_the_caller_s_settings_win_over_the_folder_s(tmp_path: Path) -> None:
    given = environment.of_parts(DataFolder(tmp_path), {"CSRF_KEY": "mine"}, keys=KEYS, limits=True)
    assert given["CSRF_KEY"] == "mine"
    assert given["STILLBOARD_ADDRESS_KEY"] == KEYS["STILLBOARD_ADDRESS_KEY"]
    assert given["STILLBOARD_DATA"] == str(tmp_path)


def test_a_secret_in_a_file_of_the_caller_s_wins_too(tmp_path: Path) -> None:
    environ = {"CSRF_KEY_FILE": "/run/secrets/csrf"}
    given = environment.of_parts(DataFolder(tmp_path), environ, keys=KEYS, limits=True)
    assert "CSRF_KEY" not in given


def test_no_part_is_told_the_passwords_of_the_servers_beyond_its_urls(tmp_path: Path) -> None:
    given = environment.of_parts(DataFolder(tmp_path), {}, keys=KEYS, limits=True)
    assert not {"POSTGRES_PASSWORD", "POSTGRES_SUPERUSER_PASSWORD"} & given.keys()


def test_limits_are_off_only_when_asked(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert "STILLBOARD_LIMITS" not in environment.of_parts(folder, {}, keys=KEYS, limits=True)
    assert environment.of_parts(folder, {}, keys=KEYS, limits=False)["STILLBOARD_LIMITS"] == "off"


def test_a_command_without_a_board_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(
        ServiceFailed, match=r"no board is up on .*: start it with \./stillboard up"
    ):
        environment.settings_of_board(tmp_path, {})


def test_a_command_of_another_user_is_told_whose_the_board_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that no board is up: that is what it can't see."""
    (tmp_path / "lock").touch()
    monkeypatch.setattr("deploy.data_folder.os.access", lambda *_: False)
    with pytest.raises(ServiceFailed, match=f"is of the user {tmp_path.owner()}: call it as that"):
        environment.settings_of_board(tmp_path, {})


def test_keys_are_made_in_the_folder_only_where_the_settings_have_none(tmp_path: Path) -> None:
    """A program that systemd starts has them from its file, and none of a folder's besides."""
    given = {"DATABASE_URL": "postgresql://stillboard:x@db/stillboard"}
    environment.settings_of_board(tmp_path, given | {"CSRF_KEY": "k" * 32})
    assert (tmp_path / "keys.json").exists()
    own = dict.fromkeys(environment.SECRETS_OF_THE_BOARD, "k" * 32)
    (tmp_path / "alone").mkdir()
    environment.settings_of_board(tmp_path / "alone", given | own)
    assert not (tmp_path / "alone/keys.json").exists()


def test_a_command_uses_the_operator_s_servers(tmp_path: Path) -> None:
    url = "postgresql://stillboard:x@db/stillboard"
    assert environment.settings_of_board(tmp_path, {"DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PORT=80", {"PORT": "80"}),
        ("# a comment\n\nexport PORT = 80\n", {"PORT": "80"}),
        ("NAME=\"a b\"\nOTHER='c'", {"NAME": "a b", "OTHER": "c"}),
        ("URL=postgresql://x?a=b", {"URL": "postgresql://x?a=b"}),
        ("EMPTY=", {"EMPTY": ""}),
        ("HOME=/other", {"HOME": "/home"}),
    ],
)
def test_env_file(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    file = tmp_path / ".env"
    file.write_text(text)
    assert with_env_file({"HOME": "/home"}, file) == {"HOME": "/home"} | expected


def test_env_file_that_is_not_one_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=80\nwhat is this\n")
    with pytest.raises(ServiceFailed, match="line 2: expected NAME=value"):
        with_env_file({}, file)


def test_no_env_file_is_no_fault(tmp_path: Path) -> None:
    assert with_env_file({"A": "b"}, tmp_path / ".env") == {"A": "b"}
