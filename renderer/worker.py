"""Entry point: a worker of a queue. `python -m renderer.worker render`, or `publish`.

RQ's worker that does not fork: a fork for each job costs more than the rendering (about 20 ms),
and the fragments kept in memory would be lost with it. Nothing here opens a stranger's file.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from imageboard.errors import BadSetting
from imageboard.settings import Settings
from imageboard.wake_up import PUBLISH_QUEUE, QUEUE
from monitoring import logs
from renderer import jobs


class Worker(SimpleWorker):  # type: ignore[misc]  # we follow no imports of RQ
    """RQ's, which lets a job end before it stops; ours are told to come to an end."""

    def handle_warm_shutdown_request(self) -> None:
        """Called within the signal's handler."""
        super().handle_warm_shutdown_request()
        jobs.stop()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="A worker of one of the queues.")
    parser.add_argument("queue", choices=(QUEUE, PUBLISH_QUEUE))
    queue_name = parser.parse_args(argv).queue
    try:
        settings = Settings.read(os.environ)
        parts = jobs.build_parts(settings, durable=queue_name == PUBLISH_QUEUE)
        if queue_name == PUBLISH_QUEUE:
            parts = replace(parts, cloud=jobs.build_cloud(settings, parts.database))
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part="renderer" if queue_name == QUEUE else "publisher")
    jobs.prepare(parts)
    # Without the short time-outs of a poster's call: a worker may wait as long as it likes.
    connection = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=5)
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer)
    worker = Worker(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        log_job_description=False,
        default_result_ttl=0,
    )
    worker.work(logging_level="WARNING")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
