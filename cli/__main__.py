"""Entry point: `python -m cli`, which ./stillboard calls."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from cli.registry import stillboard
from deploy.embedded.service import ServiceFailed
from deploy.env_file import with_env_file
from imageboard.errors import ImageboardError, StoreUnavailable

_AWAY = "the database can't be reached: ./stillboard doctor says why"


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Exit with 0: done; 1: failed, with one line that says why; 2: wrong call."""
    # The pool tells of each of its tries, ten a second: a command says once what came of them.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    try:
        # Commands get the environment as click's `obj`: nothing else reads it.
        stillboard.main(arguments, prog_name="stillboard", obj=with_env_file(environ))
    except (ServiceFailed, ImageboardError) as ex:
        # What is said to posters of an outage helps nobody who could end it.
        is_away = type(ex) is StoreUnavailable
        sys.exit(f"stillboard: {_AWAY if is_away else ex}")
    except OSError as ex:
        # A folder that is not there, a disk that is full: for whoever typed the command to mend.
        sys.exit(f"stillboard: {_refused(ex)}")


def _refused(ex: OSError) -> str:
    """'/mnt/board.tar: No space left on device'"""
    if ex.strerror is None:
        return str(ex)
    return ex.strerror if ex.filename is None else f"{os.fsdecode(ex.filename)}: {ex.strerror}"


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
