"""gunicorn's settings for the writer: `gunicorn -c deploy/gunicorn.py 'writer.app:get_app()'`.

The same file on one machine and in a container. An entry point: it reads the environment.
"""

from __future__ import annotations

import os
from pathlib import Path

#: `unix:/path` or `host:port`; PORT is what container platforms give.
bind = os.environ.get("STILLBOARD_WRITER_BIND") or f"0.0.0.0:{os.environ.get('PORT') or 8000}"

# A post spends its time waiting for PostgreSQL's commit and for the page, so a few threads
# share one process; the processes use the cores for parsing and markup.
worker_class = "gthread"
workers = int(os.environ.get("STILLBOARD_WRITER_WORKERS") or 2)
threads = 8

# Each worker opens its own connections and picture process, so nothing is loaded before the fork.
preload_app = False

# A worker says that it is alive by touching a file; on a disk, a slow fsync would kill workers.
if os.access("/dev/shm", os.W_OK):  # noqa: S108
    worker_tmp_dir = str(Path("/dev/shm"))  # noqa: S108

# nginx keeps connections to the writer open: let it be the one that closes them.
keepalive = 75

# Longer than any request may wait (a slow commit, an upload being decoded).
timeout = 60
graceful_timeout = 8

# Nothing is known to leak; a worker that restarts by count would only add slow requests.
max_requests = 0

# The application logs each request itself, without the address.
accesslog = None
errorlog = "-"
loglevel = "warning"
