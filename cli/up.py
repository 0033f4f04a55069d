"""`stillboard up`: the whole board on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from cli import options
from deploy import environment, one_machine


@click.command(
    epilog="Example: ./stillboard up --port 8000 --data ~/boards/first   (Ctrl-C stops it)"
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for everybody.")
@options.data
@click.option(
    "--renderers",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Processes that draw pages.  [default: $STILLBOARD_RENDER_WORKERS, else 1]",
)
@click.option(
    "--with-r2",
    is_flag=True,
    help="And a bucket on this machine, with the publisher that fills it.",
)
@click.option(
    "--no-limits", is_flag=True, help="For load tests: no rate limits, flood checks or captcha."
)
@click.option("--verbose", is_flag=True, help="Show the logs of all parts, and timings.")
@click.pass_obj
def up(
    environ: dict[str, str],
    port: int,
    host: str,
    data: Path | None,
    renderers: int | None,
    with_r2: bool,
    no_limits: bool,
    verbose: bool,
) -> None:
    """Start the whole board on this machine, in the foreground.

    PostgreSQL, Valkey, the writer, the renderer and nginx are started in order; one that dies
    is started again. The first start in an empty data folder makes the board /b/ and a staff
    account, whose password is printed once. The line "ready: …" says that a post would work.

    When the settings name a bucket (R2_*, S3_ENDPOINT_URL) or a CDN (CDN_*), a publisher keeps it
    up to date; --with-r2 brings SeaweedFS along in the place of R2.
    """
    wish = one_machine.Wish(
        host=host,
        port=port,
        data=environment.data_path(data, environ),
        limits=not no_limits,
        verbose=verbose,
        with_r2=with_r2,
    )
    if renderers is not None:
        environ = environ | {"STILLBOARD_RENDER_WORKERS": str(renderers)}
    one_machine.run(wish, environ)
