"""`import 4chan` and `import site`: threads as JSON, in a folder or on a site that is read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cli.importing.coming import FOLDER, Coming, brings_boards
from cli.importing.group import importing
from importing.fourchan.folder import ThreadFolder
from importing.living.errors import SiteNotWhole
from importing.living.kept import Kept
from importing.living.mirror import Mirror
from importing.living.site import Site
from importing.moving import Move
from importing.report import Report


@importing.command(
    "4chan",
    epilog="Example: ./stillboard import 4chan archive/4chan --board g --dry-run",
)
@click.argument("folder", type=FOLDER)
@brings_boards
def fourchan(
    coming: Coming,
    folder: Path,
) -> None:
    """Boards of 4chan or of vichan that somebody has as JSON: b/thread/100.json below FOLDER.

    Files are found beside the threads, or in the folders of their board. Archived threads come into
    the archive. Nothing comes that readers never saw: addresses, passwords, bans, accounts.
    """
    source = ThreadFolder(folder, coming.only)
    _bring(coming, coming.move(source, folder), source)


@importing.command(epilog="Example: ./stillboard import site https://example.org/ --board b")
@click.argument("address", metavar="https://HOST/")
@click.option("--media", metavar="https://HOST/", help="Where its files are, if not there.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="What is read is kept there.  [default: imports/HOST in the data folder]",
)
@click.option(
    "--per-second",
    type=click.FloatRange(0.01, 1_000),
    default=1.0,
    show_default=True,
    help="So often it is asked for something.",
)
@click.option("--private", is_flag=True, help="It may be in a network of one's own.")
@click.option("--incomplete", is_flag=True, help="Bring what there is, though not all can be read.")
@brings_boards
def site(
    coming: Coming,
    address: str,
    media: str | None,
    keep: Path | None,
    per_second: float,
    private: bool,
    incomplete: bool,
) -> None:
    """Boards of a site like vichan's or 4chan's, read as its readers read it, and no quicker.

    Its JSON and its files are kept, so that whoever calls again asks only for what is new. Then
    they come as those of `import 4chan` do; what is gone there goes.
    """
    asked = Site(address, per_second, may_be_private=private)
    of_media = Site(media, per_second, may_be_private=private) if media is not None else None
    folder = keep or coming.settings.data / "imports" / asked.name
    report = Report()
    with closing(asked), closing(of_media or asked), Kept(folder) as kept:
        mirror = Mirror(asked, kept, report, coming.only, of_media)
        bar = coming.progress.add_task("reading", total=None)
        mirror.on_thread = lambda done, listed: coming.progress.update(
            bar, completed=done, total=listed
        )
        with coming.told_if_it_fails(report):
            boards = frozenset(mirror.read())
            if mirror.failed and not incomplete:
                raise SiteNotWhole(count=mirror.failed)
    source = ThreadFolder(folder, boards, is_cut_off=mirror.failed > 0)
    move = coming.move(source, folder)
    move.report = report
    _bring(coming, move, source)


def _bring(coming: Coming, move: Move, source: ThreadFolder) -> None:
    source.on_read = coming.reading(None, what="threads")
    coming.bring(move, move.look())
