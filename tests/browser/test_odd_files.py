"""Odd files as Chromium shows them: what is taken, what is served of it, and its thumbnail."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PIL import Image

from imageboard.errors import PostRefused
from tests.browser.test_thumbnails import DIFFERENCE_MAX, TYPES, developed, difference
from tests.browser.visits import painted
from tests.writer.media.odd_files import ODD_FILES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

#: As each is shown.
WIDTH, HEIGHT = 96, 64
#: Of a page: 30 files, each as it was sent, as it is served, and its thumbnail.
ROWS, COLUMNS = 30, 3

SHOW = """async ([rows, width, height]) => {
    const shown = rows.map((row) => row.map((source) => {
        const image = new Image(width, height);
        image.src = source;
        return image;
    }));
    const all = shown.flat();
    const come = (image) => new Promise((done) => image.onload = image.onerror = done);
    await Promise.all(all.map(come));
    document.body.replaceChildren(...shown.map((images) => {
        const row = document.createElement("div");
        row.style.height = `${height}px`;
        for (const image of images) {
            image.style.cssText = "float: left; background: #4080c0";
            row.append(image);
        }
        return row;
    }));
    await Promise.all(all.map((image) => image.decode().catch(() => null)));
    return shown.map((row) => row.map((image) => [image.naturalWidth, image.naturalHeight]));
}"""


class Shown(NamedTuple):
    #: As Chromium has it; 0 × 0: it shows none.
    size: tuple[int, int]
    picture: Image.Image


class Outcome(NamedTuple):
    #: What was sent, what is served, the thumbnail; the first alone of one that is refused.
    shown: list[Shown]
    #: Of what is served, as we have it.
    size: tuple[int, int]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": WIDTH * COLUMNS, "height": HEIGHT * ROWS})
    page.set_content('<body style="margin:0">')
    yield page
    page.close()


def outcomes(page: Page, files: dict[str, bytes]) -> dict[str, Outcome]:
    """PERF: one page and one screenshot for thirty files."""
    found, names = {}, list(files)
    for at in range(0, len(names), ROWS):
        some = names[at : at + ROWS]
        found |= dict(zip(some, _outcomes(page, [files[name] for name in some]), strict=True))
    return found


def _outcomes(page: Page, bodies: Sequence[bytes]) -> Iterator[Outcome]:
    rows, sizes = [], []
    for body in bodies:
        row, size = [source(body, "png")], (0, 0)
        try:
            kind, made = developed(body)
        except PostRefused:
            pass
        else:
            assert made.thumbnail is not None
            row += [
                source(made.original, kind),
                source(made.thumbnail, TYPES[made.thumb_extension]),
            ]
            size = made.width, made.height
        rows.append(row)
        sizes.append(size)
    natural = page.evaluate(SHOW, [rows, WIDTH, HEIGHT])
    whole = {"x": 0, "y": 0, "width": WIDTH * COLUMNS, "height": HEIGHT * len(rows)}
    screen = painted(page, whole)
    for y, (of_row, size) in enumerate(zip(natural, sizes, strict=True)):
        shown = []
        for x, (width, height) in enumerate(of_row):
            left, top = x * WIDTH, y * HEIGHT
            picture = screen.crop((left, top, left + WIDTH, top + HEIGHT))
            shown.append(Shown((width, height), picture))
        yield Outcome(shown, size)


def source(body: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(body).decode()}"


#: What Chromium shows a part of, or more than is there, and nobody is to think that it is whole.
REFUSED = frozenset({
    "PNG, nothing but an empty IDAT", "PNG, half of the rows", "PNG, a row too few",
    "PNG, a wrong sum of the pixels", "PNG, a filter that is none",
    "PNG, a filter that is none, below", "PNG, checksum of the pixels", "PNG, no palette",
    "PNG, a palette behind the pixels", "PNG, an animation cut in its second frame",
    "PNG, an animation with a wrong checksum in its second frame",
    "PNG, interlaced, cut in its last pass",
    "JPEG, called lossless", "JPEG, called arithmetic", "JPEG, called progressive",
    "JPEG, of 12 bits", "JPEG, progressive, its first scan alone", "JPEG, cut in its last row",
    "JPEG, with DAC",
    "GIF, no colours", "GIF, no colours, of 2 bits", "GIF, cut in its rows",
    "GIF, codes of 12 bits", "GIF, pixels too few", "GIF, no pixels",
    "WebP, that moves, an empty frame", "WebP, a canvas behind its picture",
    "WebP, cut in its last rows, and says so",
})  # fmt: skip
#: What is served shows more than what was sent, or the right way up, in every browser.
MENDED = frozenset({
    "PNG, pixels in three, a text between", "PNG, pixels in three, an unknown chunk between",
    "PNG, acTL of a frame that is missing",
    "JPEG, without its end", "JPEG, progressive, cut in its second scan",
    "WebP, lossless, shows through and says it does not",
    "WebP, that moves and does not tell that it shows through",
    "WebP, on its side", "WebP, on its side, told with a title",
    "WebP, on its side, which its flags do not tell", "WebP, on its side, told before the picture",
    "WebP, on its side, without a canvas", "WebP, on its side, twice",
    "WebP, on its side, lossless", "WebP, on its side, shows through",
})  # fmt: skip
#: Of 255: what is coded anew differs by so much.
_SERVED_DIFFERENCE_MAX = 2.5


@pytest.mark.filterwarnings("ignore:Invalid APNG")
@pytest.mark.parametrize("files", ODD_FILES, ids=lambda files: files.__name__)
def test_what_chromium_shows_is_taken_and_looks_the_same(
    page: Page, files: Callable[[], dict[str, bytes]]
) -> None:
    """And what is taken is shown, whatever was sent."""
    wrong = [
        f"{name}: {fault}"
        for name, outcome in outcomes(page, files()).items()
        if (fault := fault_of(name, outcome))
    ]
    assert not wrong, "\n".join(["", *wrong])


def fault_of(name: str, outcome: Outcome) -> str | None:
    sent, *made = outcome.shown
    if not made:
        return "refused" if sent.size != (0, 0) and name not in REFUSED else None
    if name in REFUSED:
        return "taken"
    served, thumbnail = made
    if served.size != outcome.size:
        return f"served as {served.size}, and is said to be {outcome.size}"
    if (off := difference(served.picture, thumbnail.picture)) > DIFFERENCE_MAX:
        return f"the thumbnail is off by {off:.1f}"
    if sent.size == (0, 0) or name in MENDED:
        return None
    if sent.size != served.size:
        return f"sent as {sent.size}, served as {served.size}"
    if (off := difference(sent.picture, served.picture)) > _SERVED_DIFFERENCE_MAX:
        return f"what is served is off by {off:.1f}"
    return None
