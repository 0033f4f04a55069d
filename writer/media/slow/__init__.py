"""How files of slow kinds are made fit to be shown: a module for each, called by its kind's name.

It runs in the darkroom's short-lived process, within the developer's limits, and may call decoders
that take their time. What a file is, and whether it is whole, its reader in `containers/` has said
before, while its poster waited.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from imageboard import media_kinds
from writer.media.containers import Container
from writer.media.picture import Print

__all__ = ["MAKERS", "Maker"]


class Maker(Protocol):
    """What the module of one slow kind holds."""

    def develop(self, container: Container, thumb_px_max: int, /) -> Print:
        """The file that is served, and its thumbnail. Raises FileRefused, MemoryError."""


MAKERS = MappingProxyType(
    {
        kind.name: cast("Maker", import_module(f"{__name__}.{kind.name}"))
        for kind in media_kinds.KINDS
        if kind.is_slow
    }
)
