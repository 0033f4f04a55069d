"""HEIC: what phones save, in boxes as AVIF has them, its pictures coded as HEVC.

Browsers don't show it: it is turned into a JPEG (`turned/heic.py`). `still_of` finds the picture
that the file is about: whole, or in tiles, and how it is turned, cut and coloured. Thumbnails,
depths, brightness beyond white, films and what the camera wrote down are left where they are.

Sources: ISO/IEC 14496-12 (boxes), 23008-12 (items, grids, turns), 14496-15 (hvcC).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from imageboard.media import MediaLimits
from writer.media.containers.boxes import Box, Boxes, Cut, Span
from writer.media.containers.container import Container

_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_OF_AVIF = frozenset({b"avif", b"avis"})
#: Of 48 megapixels in tiles of 512 px there are 192.
TILES_MAX = 1_024
#: Decoded, turned, and coded as a JPEG; of one in tiles, they are decoded one by one.
_BYTES_PER_PX, _IN_TILES_BYTES_PER_PX = 20.0, 9.0


class Turn(NamedTuple):
    """`irot`: quarters of a turn, counterclockwise. `imir`: 0 top for bottom, 1 left for right."""

    kind: bytes
    by: int


@dataclass(slots=True)
class Still:
    """The picture that a file is about; in tiles of one size, row by row."""

    #: Before it is cut or turned.
    width: int
    height: int
    columns: int = 1
    #: Of each tile: what the decoder is set up with, and the tile.
    tiles: list[tuple[bytes, bytes]] = field(default_factory=list)
    tile_width: int = 0
    tile_height: int = 0
    #: In the order in which they are done.
    changes: list[Turn | Cut] = field(default_factory=list)
    profile: bytes | None = None
    #: Primaries, transfer curve, matrix of H.273, and whether numbers go from 0 to 255.
    nclx: tuple[int, int, int, bool] | None = None


def is_one(head: bytes) -> bool:
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[pos : pos + 4] for pos in range(8, end, 4) if pos != 12}
    return head[4:8] == b"ftyp" and bool(brands & _BRANDS) and not brands & _OF_AVIF


def walk(data: bytes, limits: MediaLimits) -> Container:
    still = still_of(data, limits)
    bytes_per_px = _IN_TILES_BYTES_PER_PX if len(still.tiles) > 1 else _BYTES_PER_PX
    return Container("heic", still.width, still.height, bytes_per_px=bytes_per_px, kept=[data])


def still_of(data: bytes, limits: MediaLimits) -> Still:
    """Raises FileRefused, ImageTooLarge."""
    return _Walk(data, limits).still()


class _Walk(Boxes):
    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__("HEIC", data)
        self.limits = limits
        self.kinds: dict[int, bytes] = {}
        self.spans: dict[int, list[Span]] = {}
        self.properties: list[Box] = []
        self.links: list[Box] = []

    def still(self) -> Still:
        top = list(self.top_boxes())
        meta = next((box for box in top if box.kind == b"meta"), None)
        if meta is None:
            raise self.broken("no index")
        children = {box.kind: box for box in self.boxes(meta.body + 4, meta.end)}
        if not {b"pitm", b"iinf", b"iloc", b"iprp"} <= children.keys():
            raise self.broken("index without items")
        idat = children.get(b"idat")
        stores = [box for box in top if box.kind == b"mdat"] + ([idat] if idat else [])
        self.spans = self.item_spans(children[b"iloc"], stores, idat)
        self.kinds = dict(self.items(children[b"iinf"]))
        self.read_properties(children[b"iprp"])
        pitm = children[b"pitm"]
        primary = self.uint(pitm.body + 4, 4 if self.uint(pitm.body, 1) else 2)
        return self.picture(primary, children.get(b"iref"))

    def top_boxes(self) -> list[Box]:
        """Those before what is no box: something was put behind the file."""
        found: list[Box] = []
        pos = 0
        while pos < len(self.data) and (box := self.box_at(pos, len(self.data))) is not None:
            found.append(box)
            pos = box.end
        return found

    def items(self, iinf: Box) -> list[tuple[int, bytes]]:
        first = iinf.body + (8 if self.uint(iinf.body, 1) else 6)
        found = []
        for infe in self.boxes(first, iinf.end):
            version = self.uint(infe.body, 1)
            if infe.kind != b"infe" or version not in (2, 3):
                raise self.broken("item entry")
            id_bytes = 2 if version == 2 else 4
            kind_at = infe.body + 6 + id_bytes
            found.append((self.uint(infe.body + 4, id_bytes), self.data[kind_at : kind_at + 4]))
        return found

    def read_properties(self, iprp: Box) -> None:
        for box in self.boxes(iprp.body, iprp.end):
            if box.kind == b"ipco":
                self.properties = list(self.boxes(box.body, box.end))
            elif box.kind == b"ipma":
                self.links.append(box)

    def of_item(self, item: int) -> list[Box]:
        """What is said of it, in the order in which it is to be done."""
        numbers = [number for ipma in self.links for number in self.properties_of(ipma, item)]
        return [self.properties[n - 1] for n in numbers if 0 < n <= len(self.properties)]

    def bytes_of(self, item: int) -> bytes:
        pieces = [self.data[start:end] for start, end in self.spans.get(item, ())]
        if not pieces:
            raise self.broken(f"item {item} without bytes")
        return b"".join(pieces)

    def picture(self, primary: int, iref: Box | None) -> Still:
        said = self.of_item(primary)
        size = self.size_of(said)
        self.limits.check_canvas(*size)
        still = Still(*size)
        if self.kinds.get(primary) == b"grid":
            grid_size, still.columns, rows = self.grid(self.bytes_of(primary))
            tiles = self.parts_of(primary, iref) if iref else []
            if grid_size != size or len(tiles) != still.columns * rows:
                raise self.broken("grid and index differ")
        else:
            tiles = [primary]
        for number, tile in enumerate(tiles):
            self.add_tile(still, tile, is_first=number == 0)
        rows = len(tiles) // still.columns
        if still.tile_width * still.columns < size[0] or still.tile_height * rows < size[1]:
            raise self.broken("tiles that don't cover the picture")
        for prop in said:
            self.read_property(prop, still)
        return still

    def add_tile(self, still: Still, item: int, *, is_first: bool) -> None:
        if self.kinds.get(item) != b"hvc1":
            raise self.broken(f"a picture of kind {self.kinds.get(item)!r}")
        said = self.of_item(item)
        size = self.size_of(said)
        self.limits.check_canvas(*size)
        if is_first:
            still.tile_width, still.tile_height = size
        if size != (still.tile_width, still.tile_height):
            raise self.broken("tiles of different sizes")
        setup = next((prop for prop in said if prop.kind == b"hvcC"), None)
        if setup is None:
            raise self.broken("no hvcC")
        still.tiles.append((self.data[setup.body : setup.end], self.bytes_of(item)))
        for prop in said:
            # What a whole grid doesn't say of its colours, its tiles do.
            if prop.kind == b"colr":
                self.read_property(prop, still)

    def size_of(self, said: list[Box]) -> tuple[int, int]:
        ispe = next((prop for prop in said if prop.kind == b"ispe"), None)
        size = self.size_in(ispe) if ispe else (0, 0)
        if not all(size):
            raise self.broken("size 0")
        return size

    def grid(self, said: bytes) -> tuple[tuple[int, int], int, int]:
        """The size that is shown, columns, rows."""
        length = 4 if said[1:2] == b"\1" else 2
        if len(said) < 4 + 2 * length:
            raise self.broken("grid without size")
        width, height = (
            int.from_bytes(said[4 + n * length : 4 + (n + 1) * length]) for n in range(2)
        )
        columns, rows = said[3] + 1, said[2] + 1
        if columns * rows > TILES_MAX:
            raise self.broken("too many tiles")
        return (width, height), columns, rows

    def parts_of(self, item: int, iref: Box) -> list[int]:
        """The items that it is derived from, in order."""
        id_bytes = 4 if self.uint(iref.body, 1) else 2
        for box in self.boxes(iref.body + 4, iref.end):
            if box.kind == b"dimg" and self.uint(box.body, id_bytes) == item:
                count_at = box.body + id_bytes
                first = count_at + 2
                count = min(self.uint(count_at, 2), (box.end - first) // id_bytes)
                return [self.uint(first + n * id_bytes, id_bytes) for n in range(count)]
        return []

    def read_property(self, prop: Box, still: Still) -> None:
        if prop.kind == b"colr":
            self.read_colours(prop, still)
        elif prop.kind == b"irot":
            still.changes.append(Turn(prop.kind, self.uint(prop.body, 1) & 3))
        elif prop.kind == b"imir":
            still.changes.append(Turn(prop.kind, self.uint(prop.body, 1) & 1))
        elif prop.kind == b"clap":
            still.changes.append(self.cut(prop, *self.size_so_far(still)))

    def read_colours(self, colr: Box, still: Still) -> None:
        sort = self.data[colr.body : colr.body + 4]
        if sort in (b"prof", b"rICC"):
            still.profile = self.data[colr.body + 4 : colr.end]
        elif sort == b"nclx":
            primaries, curve, matrix = (self.uint(colr.body + 4 + 2 * n, 2) for n in range(3))
            still.nclx = primaries, curve, matrix, bool(self.uint(colr.body + 10, 1) & 0x80)

    def size_so_far(self, still: Still) -> tuple[int, int]:
        width, height = still.width, still.height
        for change in still.changes:
            if isinstance(change, Cut):
                width, height = change.right - change.left, change.bottom - change.top
            elif change.kind == b"irot" and change.by % 2:
                width, height = height, width
        return width, height
