"""Entry point: pass after pass, one a second, until it is told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace

from imageboard.errors import BadSetting
from imageboard.settings import Settings
from imageboard.store import migrations
from imageboard.store.kept_files import KeptFiles
from monitoring import logs, metrics, metrics_port, readiness
from monitoring.nginx_log import NginxLog
from renderer import jobs
from renderer.jobs import Parts
from renderer.keeper.archivist import Archivist
from renderer.keeper.catch_up import CatchUp
from renderer.keeper.expiry import Expiry
from renderer.keeper.figures import Figures
from renderer.keeper.indexing import Indexing
from renderer.keeper.press import Press
from renderer.keeper.sampling import Sampling
from renderer.redrawing import Redrawing
from renderer.verify import Verifier

PASS_EVERY_S = 1.0
#: A page that is being looked at is looked at to its end: cut off, its board would be drawn anew.
SAMPLER_WAIT_S = 10.0


def main() -> int:
    try:
        settings = Settings.read(os.environ)
        parts = jobs.build_parts(settings, name="catch-up")
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part="catch_up")
    catch_up = _catch_up(settings, parts)
    figures = Figures.from_settings(settings, parts.database, parts.wake_up)
    metrics_port.serve(
        "catch_up",
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=parts.database.connections,
    )
    if settings.nginx_log_listen:
        NginxLog(settings.nginx_log_listen).start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sampler = _sampler(settings, catch_up, stop)
    is_proven = has_told = False
    while not stop.is_set():
        if not is_proven and catch_up.run_first():
            is_proven = True
            sampler.start()
            _start_press_and_archivist(settings, parts, stop)
        catch_up.run_once()
        metrics.catch_up_pass_timestamp_seconds.set_to_current_time()
        if not has_told:
            has_told = True
            readiness.tell(os.environ.get(readiness.VARIABLE, ""))
        figures.look()
        stop.wait(PASS_EVERY_S)
    if is_proven:
        sampler.join(SAMPLER_WAIT_S)
    return 0


def _catch_up(settings: Settings, parts: Parts) -> CatchUp:
    return CatchUp(
        database=parts.database,
        wake_up=parts.wake_up,
        loop=parts.loop,
        verifier=parts.loop.beside(Verifier, repair=True),
        expiry=Expiry(
            parts.database,
            parts.loop.uploads,
            scratch=settings.data / "scratch",
            kept=KeptFiles(settings.data / "kept"),
            address_kept_days=settings.address_kept_days,
            hash_kept_days=settings.address_hash_kept_days,
            log_names_kept_days=settings.log_names_kept_days,
        ),
        indexing=Indexing(parts.database),
        has_cloud=settings.has_cloud,
        has_push=settings.push,
    )


def _sampler(settings: Settings, catch_up: CatchUp, stop: threading.Event) -> threading.Thread:
    """Beside the passes, which must not wait for a board that is being drawn."""
    sampling = Sampling(
        replace(catch_up.verifier, repair=False), settings.sample_pages, wait=stop.wait
    )
    return threading.Thread(target=sampling.run, name="sampling", daemon=True)


def _start_press_and_archivist(settings: Settings, parts: Parts, stop: threading.Event) -> None:
    """They end by themselves when `stop` is set, and the program waits for them."""
    press = Press(
        parts.database,
        parts.loop.web_root,
        parts.loop,
        rest_s=settings.page_rest_s,
        stop=stop,
    )
    archivist = Archivist(parts.database, Redrawing(parts.loop), stop=stop)
    threading.Thread(target=press.run, name="press").start()
    threading.Thread(target=archivist.run, name="archivist").start()


if __name__ == "__main__":
    sys.exit(main())
