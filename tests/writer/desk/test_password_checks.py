"""Passwords are looked at in a process that ends, and few at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from imageboard import passwords
from imageboard.errors import LoginsBusy, LoginUnavailable
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, TheDesk, make_desk
from writer.desk import sessions
from writer.desk.password_checks import PasswordChecks, Verdict

pytestmark = pytest.mark.slow

STORED = passwords.hash_password(PASSWORD)


def patient() -> PasswordChecks:
    """A process that goes after all else takes more than ten seconds of a busy machine."""
    return PasswordChecks(check_s_max=WAIT_S)


@for_each(
    ("password", "stored", "matches"),
    [
        (PASSWORD, STORED, True),
        (PASSWORD + " ", STORED, False),
        ("", STORED, False),
        (PASSWORD, None, False),
        (PASSWORD, "not a hash", False),
        ("\udcff\0\n\u2028\U0001f511", STORED, False),
        ("x" * 200_000, STORED, False),
    ],
    # Each process that collects these makes a hash of its own, which must not be in their names.
    ids=["right", "longer", "empty", "no account", "no hash", "no text", "endless"],
)
def test_process_says_what_passwords_say(password: str, stored: str | None, matches: bool) -> None:
    assert patient().check(password, stored) == Verdict(matches, None)


def test_new_password_is_hashed_there_with_the_parameters_of_today() -> None:
    made = patient().new_hash(PASSWORD)
    assert passwords.matches(PASSWORD, made)
    assert not passwords.is_outdated(made)


def test_old_hash_comes_back_renewed_and_only_with_its_password() -> None:
    old = PasswordHasher.from_parameters(CHEAPEST).hash(PASSWORD)
    verdict = patient().check(PASSWORD, old)
    assert verdict.renewed_hash is not None
    assert passwords.matches(PASSWORD, verdict.renewed_hash)
    assert not passwords.is_outdated(verdict.renewed_hash)
    assert patient().check("wrong", old).renewed_hash is None


_FIVE_LOG_INS = """
import re, sys
from pathlib import Path
from writer.desk.password_checks import PasswordChecks
import falcon, imageboard.store.staff
# Not getrusage: its figure lives on from the program that started this one.
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
for _ in range(5):
    assert PasswordChecks(check_s_max=float(sys.argv[3])).check(sys.argv[1], sys.argv[2]).matches
print(peak() - before)
"""


def test_log_ins_leave_nothing_in_the_writer_s_memory() -> None:
    """One hash takes 19 MiB of whoever makes it."""
    grown_kb = subprocess.run(
        [sys.executable, "-c", _FIVE_LOG_INS, PASSWORD, STORED, str(WAIT_S)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert int(grown_kb) < 4 * 1024


def test_of_a_crowd_a_few_wait_and_the_others_are_told_to_come_again() -> None:
    checks = PasswordChecks(at_once=1, waiting_max=2, wait_s_max=WAIT_S)
    inside, leave = threading.Event(), threading.Event()
    served: list[int] = []

    def comes(number: int) -> threading.Thread:
        thread = threading.Thread(target=log_in, args=(number,), daemon=True)
        thread.start()
        return thread

    def log_in(number: int) -> None:
        with checks.turn():
            inside.set()
            leave.wait()
            served.append(number)

    first = comes(0)
    inside.wait()
    waiting = [comes(number) for number in (1, 2)]
    assert eventually(lambda: checks.here == 3)
    for _ in range(21):
        with pytest.raises(LoginsBusy) as refusal, checks.turn():
            pass
        assert refusal.value.retry_after_s == 2
    leave.set()
    for thread in (first, *waiting):
        thread.join()
    assert sorted(served) == [0, 1, 2]
    assert checks.here == 0


def test_turn_that_does_not_come_is_given_up() -> None:
    checks = PasswordChecks(wait_s_max=0.01)
    with checks.turn(), pytest.raises(LoginsBusy), checks.turn():
        pass
    with checks.turn():
        assert checks.here == 1, "whoever gave up left the place"


def test_crowd_is_told_so_at_the_desk_and_its_tries_do_not_count(
    desk: TheDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sessions, "PasswordChecks", lambda **_: PasswordChecks(at_once=0, waiting_max=0)
    )
    desk = make_desk(desk.database, tmp_path)
    for _ in range(6):
        answer = desk.browser().log_in("admin")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        assert "Many people are logging in" in answer.text
    assert desk.one("SELECT count(*) FROM allowances") == 0


@pytest.mark.parametrize("program", ["exit 1", "kill -9 $$", "echo nonsense", "sleep 60"])
def test_process_that_fails_is_told_as_a_part_that_is_down(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(LoginUnavailable):
        PasswordChecks(check_s_max=0.5).check(PASSWORD, STORED)


def test_so_many_a_minute_run_beside_posts_and_all_others_after_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first step on: most of what one costs is its start, by processors posts need."""
    python = tmp_path / "python"
    answer = '{"matches": true, "renewed_hash": null}'
    python.write_text(f"#!/bin/sh\nnice >> {tmp_path}/ranks\necho '{answer}'\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    now_s = 1_000_000.0
    few = PasswordChecks(quick_per_minute=2, check_s_max=WAIT_S, clock=lambda: now_s)
    for passed_s in (0, 30, 29, 1, 1, 29):
        now_s += passed_s
        assert few.check(PASSWORD, STORED).matches
    assert patient().check(PASSWORD, STORED).matches
    beside = str(os.nice(0))
    expected = [beside, beside, "19", beside, "19", beside, beside]
    assert (tmp_path / "ranks").read_text().split() == expected


def test_missing_program_is_told_as_a_part_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(LoginUnavailable):
        PasswordChecks().check(PASSWORD, STORED)
