"""Entry point: `python -m cli`, which ./stillboard calls."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from cli.registry import stillboard
from deploy.embedded.service import ServiceFailed
from deploy.env_file import with_env_file
from imageboard.errors import ImageboardError


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Exit with 0: done; 1: failed, with one line that says why; 2: wrong call."""
    try:
        # Commands get the environment as click's `obj`: nothing else reads it.
        stillboard.main(arguments, prog_name="stillboard", obj=with_env_file(environ))
    except (ServiceFailed, ImageboardError) as ex:
        sys.exit(f"stillboard: {ex}")


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
