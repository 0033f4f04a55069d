"""What `up` loads and makes once, for all programs that are forked from it (forking.py)."""

from __future__ import annotations

import gc
import importlib
import mimetypes
from datetime import datetime

from imageboard.captchas import PROVIDERS
from imageboard.cloaks import Cloak
from imageboard.words import ENGLISH
from renderer.appearance import appearance
from renderer.pages import board_kinds, site_kinds
from templates.engine import compile_templates

#: Nothing of it starts a thread or opens a file.
_MODULES = (
    "deploy.whole_answers",
    "gunicorn.app.wsgiapp",
    "gunicorn.glogging",
    "gunicorn.workers.gthread",
    "imageboard.queue.worker",
    "monitoring.metrics_port",
    "monitoring.nginx_log",
    "monitoring.readiness",
    "renderer.jobs",
    "renderer.keeper.archivist",
    "renderer.keeper.catch_up",
    "renderer.keeper.expiry",
    "renderer.keeper.figures",
    "renderer.keeper.press",
    "renderer.keeper.sampling",
    "renderer.verify",
    "writer.app",
    *(f"writer.captchas.{each.name}" for each in PROVIDERS if each.challenge is not None),
)


def warm_up() -> None:
    """Load what the programs share, and keep the collector from touching it ever after.

    And make what each of them would make for itself when it first needs it. PERF: of what is loaded
    nearly nothing goes again; to look for it took 0.17 of 1.1 s.
    """
    gc.disable()
    for module in _MODULES:
        importlib.import_module(module)
    board_kinds()
    site_kinds()
    compile_templates(ENGLISH)
    # The fingerprints of what is loaded now: one that is started again later has not read the disk.
    appearance(site_name="", site_url="")
    Cloak(bytes(32))  # OpenSSL's ciphers, 3 MB
    mimetypes.init()
    datetime.strptime("2026", "%Y")  # noqa: DTZ007 - RQ reads times by it: a module, and expressions
    gc.freeze()
    gc.enable()
