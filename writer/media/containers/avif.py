"""AVIF: boxes within boxes, and an index (`iloc`) of absolute offsets into them.

Cutting a box out would move everything behind it, so nothing is cut: what must go is
overwritten in place. A box becomes a `free` box of zeros, an Exif or XMP item an unknown item
of zeros; readers skip both, and not a byte of the picture is coded again. Only boxes and properties
that draw are kept; of those, names and times are blanked.

Sources: ISO/IEC 14496-12 (boxes), 23008-12 (items),
https://aomediacodec.github.io/av1-avif/ (brands).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from imageboard.errors import FileRefused
from imageboard.media import MediaLimits
from writer.media.containers import av1, icc
from writer.media.containers.boxes import Box, Boxes, Span
from writer.media.containers.container import Container, broken

_UNUSED = b"free"
#: In the body of `hdlr`, and of a visual sample entry.
_HANDLER_NAME_AT, _CODER_NAME_AT, _PARTS_AT = 20, 42, 78
_BYTES_PER_PX = 16.0

_TOP = {b"ftyp", b"meta", b"mdat", b"moov"}
_META = {b"hdlr", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat", b"grpl", b"dinf"}
_MOVIE = {
    b"mvhd", b"trak", b"tkhd", b"edts", b"elst", b"tref", b"mdia", b"mdhd", b"hdlr", b"minf",
    b"vmhd", b"nmhd", b"dinf", b"stbl", b"stsd", b"stts", b"ctts", b"stss", b"stsz", b"stsc",
    b"stco", b"co64", b"sgpd", b"sbgp", b"sdtp",
}  # fmt: skip
#: Of pictures: size, colours, turns, what the coder needs. Not `udes` and `altt` (words), `crtt`
#: and `mdft` (times), nor what is to come.
_PROPERTIES = {
    b"ispe", b"pixi", b"pasp", b"colr", b"irot", b"imir", b"clap", b"auxC", b"av1C", b"a1op",
    b"lsel", b"a1lx", b"clli", b"mdcv", b"cclv", b"amve", b"free",
}  # fmt: skip
#: Beside the coder's own, of a track's pictures.
_ENTRY_PARTS = _PROPERTIES | {b"ccst", b"auxi", b"btrt"}
#: What programs call items and handlers; any other name may be the poster's.
_PLAIN_NAMES = {b"", b"Color", b"Alpha", b"Image", b"libavif", b"PictureHandler"}
_PROFILES = {b"prof", b"rICC"}
_MOVIE_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_PICTURE_ITEMS = {b"av01", b"grid", b"iden", b"iovl", b"tmap"}


@dataclass(slots=True)
class Index:
    """What `meta` says of the items: where their bytes are, which draw the picture."""

    spans: dict[int, list[Span]] = field(default_factory=dict)
    #: Item number → b'av01', b'grid' and so on, of those that draw.
    pictures: dict[int, bytes] = field(default_factory=dict)
    primary: int = 0
    #: The index's own box of data, if it has one.
    inner: list[Box] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    primary_size: tuple[int, int] = (0, 0)
    #: What the primary picture is cut to, if it is.
    clap: Box | None = None


def is_one(head: bytes) -> bool:
    """Whether the `ftyp` box at the start names a brand of AVIF, as major or compatible."""
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[pos : pos + 4] for pos in range(8, end, 4) if pos != 12}
    return head[4:8] == b"ftyp" and bool(brands & {b"avif", b"avis"})


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes an AVIF apart, stills and sequences.

    Width and height are those before the file's own `irot` and `imir` turns.
    """
    return _Walk(data, limits).container()


class _Walk(Boxes):
    """One file: `data` is read, `out` is the copy in which things are blanked."""

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__("AVIF", data)
        self.out = bytearray(data)
        self.limits = limits
        self.avif = Container("avif", width=0, height=0, bytes_per_px=_BYTES_PER_PX)

    def container(self) -> Container:
        top = self.top_boxes()
        meta = [box for box in top if box.kind == b"meta"]
        moov = [box for box in top if box.kind == b"moov"]
        stores = [box for box in top if box.kind == b"mdat"]
        if len(meta) > 1 or len(moov) > 1 or not (meta or moov):
            raise broken("AVIF: no index")
        index = self.read_meta(meta[0], stores) if meta else Index()
        for size in index.sizes:
            self.limits.check_canvas(*size)
        self.check_coded_sizes(index)
        size = index.primary_size
        if moov:
            track_size = self.read_movie(moov[0])
            if self.data[8:12] == b"avis":  # then readers play the track, not the still
                size = track_size
        else:
            self.avif.frames = 1
            self.blank_unclaimed([*stores, *index.inner], index)
            self.avif.drawn_size = size
            size = self.shown_size(index)
        self.avif.width, self.avif.height = size
        if not self.avif.width or not self.avif.height:
            raise broken("AVIF: size 0")
        end = top[-1].end
        self.avif.kept = [memoryview(self.out)[:end]]
        return self.avif

    def shown_size(self, index: Index) -> tuple[int, int]:
        """Of the still picture. Browsers cut off what is right and below, and nothing else."""
        size = index.primary_size
        if index.clap is None:
            return size
        try:
            left, top, *corner = self.cut(index.clap, *size)
        except FileRefused:
            return size
        return size if left or top else (corner[0], corner[1])

    def check_coded_sizes(self, index: Index) -> None:
        """Holds every still picture's own header to the limits, and to what the index says."""
        for item, kind in index.pictures.items():
            if kind == b"av01" and (spans := index.spans.get(item)):
                start, end = spans[0]
                size = av1.picture_size(memoryview(self.data)[start:end])
                self.limits.check_canvas(*size)
                if item == index.primary and size != index.primary_size:
                    raise broken("AVIF: picture and index differ in size")

    def top_boxes(self) -> list[Box]:
        """The boxes that a reader needs; others between them are blanked, behind them cut."""
        needed: list[Box] = []
        others: list[Box] = []
        pos, total = 0, len(self.data)
        while pos < total:
            box = self.box_at(pos, total)
            if box is None:
                if self.data[pos + 4 : pos + 8] in _TOP:
                    raise broken("AVIF: shorter than it says")
                break  # not a box: something was put behind the file
            if box.kind == b"ftyp" and needed:
                break  # another file, such as the film of a "motion photo"
            (needed if box.kind in _TOP else others).append(box)
            pos = box.end
        if not needed or needed[0].kind != b"ftyp":
            raise broken("AVIF: no boxes")
        end = needed[-1].end
        self.avif.behind.append(memoryview(self.data)[end:])
        for box in others:
            if box.end <= end:
                self.blank_box(box)
        return needed

    # --- blanking ---

    def blank_box(self, box: Box) -> None:
        self.out[box.start + 4 : box.start + 8] = _UNUSED
        self.blank((box.body, box.end))

    def blank(self, span: Span) -> None:
        start, end = span
        if start < end:
            self.out[start:end] = bytes(end - start)

    def blank_unclaimed(self, stores: list[Box], index: Index) -> None:
        """Of a still's data, only what its picture items name is kept."""
        claimed = sorted(s for item in index.pictures for s in index.spans.get(item, ()))
        for store in stores:
            pos = store.body
            for start, end in claimed:
                if store.body <= start and end <= store.end:
                    self.blank((pos, start))
                    pos = max(pos, end)
            self.blank((pos, store.end))

    # --- meta: stills ---

    def read_meta(self, meta: Box, stores: list[Box]) -> Index:
        children: dict[bytes, Box] = {}
        for box in self.boxes(meta.body + 4, meta.end):
            if box.kind not in _META:
                self.blank_box(box)
            elif children.setdefault(box.kind, box) is not box:
                raise broken(f"AVIF: two {box.kind!r} boxes")
        if not {b"pitm", b"iinf", b"iloc", b"iprp"} <= children.keys():
            raise broken("AVIF: index without items")
        index = Index()
        pitm = children[b"pitm"]
        index.primary = self.uint(pitm.body + 4, 4 if self.uint(pitm.body, 1) else 2)
        idat = children.get(b"idat")
        index.inner = [idat] if idat else []
        index.spans = self.item_spans(children[b"iloc"], [*stores, *index.inner], idat)
        for box in children.values():
            self.clean_words_and_times(box)
        self.read_items(children[b"iinf"], index)
        self.read_properties(children[b"iprp"], index)
        return index

    def read_items(self, iinf: Box, index: Index) -> None:
        """Sorts items into pictures and others; the others' bytes and names are blanked."""
        first = iinf.body + (8 if self.uint(iinf.body, 1) else 6)
        dropped: list[int] = []
        for infe in self.boxes(first, iinf.end):
            version = self.uint(infe.body, 1)
            if infe.kind != b"infe" or version not in (2, 3):
                raise broken("AVIF: item entry")
            id_bytes = 2 if version == 2 else 4
            item = self.uint(infe.body + 4, id_bytes)
            kind_at = infe.body + 6 + id_bytes
            if (kind := self.data[kind_at : kind_at + 4]) in _PICTURE_ITEMS:
                index.pictures[item] = kind
                self.blank_name(kind_at + 4, infe.end)
            else:
                dropped.append(item)
                self.out[kind_at : kind_at + 4] = _UNUSED
                self.blank((kind_at + 4, infe.end))
        if index.primary not in index.pictures:
            raise broken("AVIF: no picture")
        claimed = [s for item in index.pictures for s in index.spans.get(item, ())]
        for span in (s for item in dropped for s in index.spans.get(item, ())):
            if any(span[0] < end and start < span[1] for start, end in claimed):
                raise broken("AVIF: metadata and picture share bytes")
            self.blank(span)

    def read_properties(self, iprp: Box, index: Index) -> None:
        """Reads every picture's size (`ispe`), and what is said of the primary item."""
        properties: dict[int, Box] = {}
        links: list[Box] = []
        for box in self.boxes(iprp.body, iprp.end):
            if box.kind == b"ipco":
                for number, prop in enumerate(self.boxes(box.body, box.end), 1):
                    properties[number] = prop
                    if prop.kind == b"ispe":
                        index.sizes.append(self.size_in(prop))
                    self.keep_property(prop, _PROPERTIES)
            elif box.kind == b"ipma":
                links.append(box)
        for box in links:
            for number in self.properties_of(box, index.primary):
                if number in properties:
                    self.read_property(properties[number], index)

    def keep_property(self, prop: Box, kept: set[bytes]) -> None:
        """Blanks one that is not `kept`; of a colour profile, all but the colours."""
        if prop.kind not in kept or prop.kind == _UNUSED:
            self.blank_box(prop)
        elif prop.kind == b"colr":
            start = prop.body + 4
            self.avif.undrawn.append(memoryview(self.data)[prop.body : prop.end])
            if self.data[prop.body : start] in _PROFILES:
                profile = icc.cleaned(self.data[start : prop.end])
                size = prop.end - start
                fits = 0 < len(profile) <= size
                self.out[start : prop.end] = icc.padded(profile, size) if fits else bytes(size)

    def blank_name(self, start: int, end: int) -> None:
        """Blanks a text up to the end of its box, unless it is one that programs put there."""
        if self.data[start:end].rstrip(b"\0") not in _PLAIN_NAMES:
            self.blank((start, end))

    def read_property(self, prop: Box, index: Index) -> None:
        """Notes what a property of the primary item says of its size and its colours."""
        if prop.kind == b"ispe":
            index.primary_size = self.size_in(prop)
        elif prop.kind == b"clap":
            index.clap = prop
        elif prop.kind == b"clli":
            self.avif.peak_nits = self.uint(prop.body, 2) or self.avif.peak_nits
        elif prop.kind == b"colr" and self.data[prop.body : prop.body + 4] == b"nclx":
            self.avif.nclx = self.uint(prop.body + 4, 2), self.uint(prop.body + 6, 2)

    # --- moov: sequences ---

    def read_movie(self, moov: Box) -> tuple[int, int]:
        """Blanks what is not timing or picture; the size of the first track."""
        size = (0, 0)
        frames = 0
        pending = [moov]
        while pending:
            for box in self.boxes((parent := pending.pop()).body, parent.end):
                if box.kind not in _MOVIE:
                    self.blank_box(box)
                elif box.kind in _MOVIE_PARENTS:
                    pending.append(box)
                self.clean_words_and_times(box)
                if box.kind == b"tkhd":  # ends in width and height, 16.16 fixed point
                    size = self.uint(box.end - 8, 2), self.uint(box.end - 4, 2)
                    self.limits.check_canvas(*size)
                elif box.kind == b"stsz":
                    frames = max(frames, self.uint(box.body + 8, 4))
                    self.limits.check_frames(frames)
        self.avif.frames = max(frames, 1)
        return size

    def clean_words_and_times(self, box: Box) -> None:
        """Of a box that is kept."""
        if box.kind in (b"mvhd", b"tkhd", b"mdhd"):
            self.blank_times(box)
        elif box.kind == b"hdlr":
            self.blank_name(box.body + _HANDLER_NAME_AT, box.end)
        elif box.kind == b"dinf":
            self.blank_places(box)
        elif box.kind == b"stsd":
            self.clean_entries(box)

    def blank_times(self, box: Box) -> None:
        """When it was made and changed: two times, of 8 bytes each since version 1."""
        length = 16 if self.data[box.body : box.body + 1] == b"\1" else 8
        self.blank((box.body + 4, min(box.body + 4 + length, box.end)))

    def blank_places(self, dinf: Box) -> None:
        """Where else data lies: a path or an address, which no reader of a whole file follows."""
        for dref in self.boxes(dinf.body, dinf.end):
            if dref.kind != b"dref":
                self.blank_box(dref)
                continue
            for place in self.boxes(dref.body + 8, dref.end):
                self.blank((place.body + 4, place.end))

    def clean_entries(self, stsd: Box) -> None:
        """What a track's pictures are made with, without the coder's name."""
        for entry in self.boxes(stsd.body + 8, stsd.end):
            self.blank((entry.body + _CODER_NAME_AT, entry.body + _CODER_NAME_AT + 32))
            for part in self.boxes(entry.body + _PARTS_AT, entry.end):
                self.keep_property(part, _ENTRY_PARTS)
