"""Entry point: a worker of a queue. `python -m renderer.worker render`, or `publish`.

A fork for each job would cost more than the rendering (about 20 ms), and the fragments kept in
memory would be lost with it. Nothing here opens a stranger's file.
"""

from __future__ import annotations

import os
import sys

from imageboard.errors import BadSetting
from imageboard.queue.queues import PUBLISH_QUEUE, QUEUE
from imageboard.queue.worker import Worker, listen
from imageboard.settings import Settings
from imageboard.store import migrations
from monitoring import logs, metrics_port
from monitoring.metric_rows import Part
from renderer import jobs


def main(argv: list[str]) -> int:
    # PERF: argparse would leave 1 MB behind, for one word.
    if argv not in ([QUEUE], [PUBLISH_QUEUE]):
        print(f"usage: python -m renderer.worker {QUEUE}|{PUBLISH_QUEUE}", file=sys.stderr)
        return 2
    (queue_name,) = argv
    part: Part = "renderer" if queue_name == QUEUE else "publisher"
    try:
        settings = Settings.read(os.environ)
        parts = jobs.build_parts(settings, name=part, durable=queue_name == PUBLISH_QUEUE)
        if queue_name == PUBLISH_QUEUE:
            # Imported here: render workers can do without urllib.
            from renderer.publisher import jobs as publisher_jobs

            publisher_jobs.prepare(publisher_jobs.build_parts(settings, parts.database))
            Worker.end_job = publisher_jobs.stop
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part=part)
    metrics_port.serve(
        part,
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=parts.database.connections,
    )
    jobs.prepare(parts)
    listen(settings.redis_url, queue_name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
