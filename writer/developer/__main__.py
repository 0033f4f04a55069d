"""Entry point: the developer, `python -m writer.developer`. One process works on one file."""

from __future__ import annotations

import os
import sys

from imageboard.errors import BadSetting
from imageboard.queue.queues import MEDIA_QUEUE
from imageboard.queue.worker import Worker, listen
from imageboard.settings import Settings
from imageboard.store import migrations
from monitoring import logs, metrics_port
from writer.developer import jobs
from writer.media.confinement import hide_memory


def main() -> int:
    hide_memory()
    try:
        settings = Settings.read(os.environ)
        developer = jobs.build_developer(settings)
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part="developer")
    metrics_port.serve(
        "developer",
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=developer.database.connections,
    )
    jobs.prepare(developer)
    Worker.end_job = jobs.stop
    try:
        listen(settings.redis_url, MEDIA_QUEUE)
    finally:
        developer.darkroom.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
