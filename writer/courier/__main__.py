"""Entry point: the courier, `python -m writer.courier`."""

from __future__ import annotations

import os
import sys

from imageboard.errors import BadSetting
from imageboard.queue.queues import PUSH_QUEUE
from imageboard.queue.worker import listen
from imageboard.settings import Settings
from imageboard.store import migrations
from monitoring import logs, metrics_port
from writer.courier import jobs


def main() -> int:
    try:
        settings = Settings.read(os.environ)
        courier = jobs.build_courier(settings)
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part="courier")
    metrics_port.serve(
        "courier",
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=courier.database.connections,
    )
    jobs.prepare(courier)
    listen(settings.redis_url, PUSH_QUEUE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
