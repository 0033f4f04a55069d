"""gunicorn's settings for the writer: `gunicorn -c deploy/gunicorn.py 'writer.app:get_app()'`.

The same file on one machine and in a container. An entry point: it reads the environment.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

# gunicorn has put the folder that it was started in before all others: it may be anybody's, or hold
# another version of the board. This file is read again at each reload.
_ROOT = str(Path(__file__).resolve().parents[1])
if sys.path[0] != _ROOT:
    sys.path.insert(0, _ROOT)

#: `unix:/path` or `host:port`; PORT is what container platforms give.
bind = os.environ.get("STILLBOARD_WRITER_BIND") or f"0.0.0.0:{os.environ.get('PORT') or 8000}"

# A post spends its time waiting for PostgreSQL's commit and for the page, so a few threads
# share one process; the processes use the cores for parsing and markup.
worker_class = "gthread"
workers = int(os.environ.get("STILLBOARD_WRITER_WORKERS") or 2)
# Files are read by half of them at most (writer/turns.py): a text never waits for pictures.
threads = 8

# Who we are now: gunicorn's own default is who loaded it, and `up` forks it to be somebody else.
user, group = os.geteuid(), os.getegid()

# Each worker opens its own connections and picture process, so nothing is loaded before the fork.
preload_app = False

# A worker says that it is alive by touching a file; on a disk, a slow fsync would kill workers.
if os.access("/dev/shm", os.W_OK):  # noqa: S108
    worker_tmp_dir = str(Path("/dev/shm"))  # noqa: S108

# SECURITY: nobody steers it but by signals. The socket would be in the home folder, the same for
# all boards of a user. PERF: and the main process would have a thread and an event loop for it.
control_socket_disable = True

# Longer than nginx keeps idle connections (nginx/site.py), so that it is the one that closes them.
# They wait in the main thread's selector: none of them holds a thread.
keepalive = 75

# Longer than any request may wait (a slow commit, an upload being decoded).
timeout = 60
# At a reload, and at the end: a post that is being stored is not cut off. Its picture may take 22 s
# on a machine that is busy, its lock 10 s, its own page as long. Whoever stops the writer has less
# patience (10 to 15 s).
graceful_timeout = 30

# Nothing is known to leak; a worker that restarts by count would only add slow requests.
max_requests = 0

# Workers share their figures through files, so that whichever is asked shows those of all. The
# folder is this writer's own: others may run on the same data, here or on another machine.
if os.environ.get("STILLBOARD_METRICS_LISTEN"):
    _who = re.sub("[^A-Za-z0-9.-]+", "_", f"{socket.gethostname()}-{bind}")
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR",
        str(Path(os.environ.get("STILLBOARD_DATA") or "var") / "metrics" / _who),
    )


def on_starting(_server: Any) -> None:
    """Begin to count anew; not at a reload, while workers of before are still at work."""
    _hide_memory()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for left in Path(folder).glob("*.db"):
            left.unlink(missing_ok=True)


def _hide_memory() -> None:
    """And the workers', which are forked.

    By a module that nobody else finds: at a reload they would find the old one. PERF: run as a
    script it would be compiled, which leaves 1 MB behind in each of them.
    """
    found = spec_from_file_location("_confinement", f"{_ROOT}/writer/media/confinement.py")
    assert found is not None
    assert found.loader is not None
    confinement = module_from_spec(found)
    found.loader.exec_module(confinement)
    confinement.hide_memory()


def post_worker_init(worker: Any) -> None:
    """Make its answers whole, and show how many requests it can be at, in its own process."""
    # Imported here: metrics look at the setting above when they are first loaded.
    from deploy import whole_answers
    from monitoring import metrics

    whole_answers.install()

    metrics.max_running_requests.set(worker.cfg.threads)


def child_exit(_server: Any, worker: Any) -> None:
    """What a worker held is gone with it; what it counted stays counted."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        # Imported here: it looks at the setting above when it is first loaded.
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


# The application logs each request itself, without the address.
accesslog = None
errorlog = "-"
loglevel = "warning"
