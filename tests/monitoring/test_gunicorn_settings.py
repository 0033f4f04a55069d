"""gunicorn's settings: processes that share their figures, and begin anew when they all do."""

from __future__ import annotations

import logging
import os
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.config import Config  # type: ignore[import-untyped]
from prometheus_client import REGISTRY

from tests.house_rules.repository import ROOT


def settings(monkeypatch: pytest.MonkeyPatch, **environ: str) -> dict[str, Any]:
    """As gunicorn reads them: it runs the file."""
    for name in ("PROMETHEUS_MULTIPROC_DIR", "STILLBOARD_METRICS_LISTEN", "STILLBOARD_WRITER_BIND"):
        # Set first, so that what the file itself sets is taken back after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "deploy" / "gunicorn.py"))


def test_nothing_is_shared_when_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = settings(monkeypatch, STILLBOARD_DATA=str(tmp_path))
    read["on_starting"](None)
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert list(tmp_path.iterdir()) == []


def test_nobody_steers_it_through_a_socket_in_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where gunicorn puts it, all boards of a user would share it."""
    main = SimpleNamespace(cfg=Config(), log=logging.getLogger("told"), pid=1)
    for name, value in settings(monkeypatch).items():
        if name in main.cfg.settings:
            main.cfg.set(name, value)
    main.cfg.set("control_socket", str(tmp_path / "gunicorn.ctl"))
    main._get_control_socket_path = lambda: main.cfg.control_socket
    main._control_server = None
    Arbiter._start_control_server(main)
    assert main._control_server is None


def test_two_writers_on_one_data_folder_do_not_mix_their_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = set()
    for bind in ("unix:/run/one.sock", "unix:/run/two.sock"):
        settings(
            monkeypatch,
            STILLBOARD_DATA=str(tmp_path),
            STILLBOARD_METRICS_LISTEN="127.0.0.1:9400",
            STILLBOARD_WRITER_BIND=bind,
        )
        folders.add(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    assert len(folders) == 2
    assert {folder.parent for folder in folders} == {tmp_path / "metrics"}


def test_figures_of_the_last_run_are_gone_at_the_start_and_dead_workers_hold_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = settings(
        monkeypatch,
        STILLBOARD_METRICS_LISTEN="127.0.0.1:9400",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "shared"),
    )
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "counter_1.db").touch()
    read["on_starting"](None)
    assert list((tmp_path / "shared").iterdir()) == []
    for name in ("counter_7.db", "gauge_livesum_7.db", "gauge_livesum_8.db"):
        (tmp_path / "shared" / name).touch()
    read["child_exit"](None, SimpleNamespace(pid=7))
    left = sorted(path.name for path in (tmp_path / "shared").iterdir())
    assert left == ["counter_7.db", "gauge_livesum_8.db"]


def test_worker_shows_how_many_requests_it_can_be_at(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(monkeypatch)
    worker = SimpleNamespace(cfg=SimpleNamespace(threads=read["threads"]))
    read["post_worker_init"](worker)
    assert REGISTRY.get_sample_value("stillboard_max_running_requests") == 8
