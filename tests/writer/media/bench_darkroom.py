"""How long an upload takes to develop, by format: `python -m tests.writer.media.bench_darkroom`.

Prints p50, p95 and p99 in ms for photographs of 1600 × 1200 and a few others, one at a time,
and the server's memory at rest.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from pathlib import Path
from time import perf_counter, sleep

from PIL import Image

from imageboard.media import MediaLimits
from imageboard.settings import BoardSettings
from tests.writer.media import hostile
from writer.media.darkroom import Darkroom

RUNS = 100
#: Between two of them: the next process makes itself ready, as it does between two posts.
PAUSE_S = 0.03


def photograph(width: int = 1600, height: int = 1200, roughness: int = 30) -> Image.Image:
    """Smooth light with detail on top: at quality 80 about 200 KB, as a phone's picture is."""
    grain = Image.frombytes("RGB", (200, 150), random.Random(7).randbytes(200 * 150 * 3))
    detail = grain.resize((width, height), Image.Resampling.BICUBIC)
    light = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    return Image.blend(light, detail, roughness / 100)


def samples() -> dict[str, bytes]:
    photo = photograph()
    see_through = photo.convert("RGBA")
    see_through.putalpha(Image.radial_gradient("L").resize(photo.size))
    return {
        "JPEG 1600×1200": hostile.a_jpeg(photo, quality=80),
        "JPEG progressive": hostile.a_jpeg(photo, quality=80, progressive=True),
        "JPEG turned (EXIF 6)": hostile.a_jpeg(photo, quality=80, exif=hostile.exif(6)),
        "JPEG 4000×3000": hostile.a_jpeg(photograph(4000, 3000), quality=80),
        "PNG 1600×1200": hostile.a_png(photo.quantize(256)),
        "PNG see-through": hostile.a_png(see_through),
        "GIF 1600×1200": hostile.a_gif(photo.quantize(256)),
        "WebP 1600×1200": hostile.a_webp(photo, quality=80, method=0),
        "AVIF 1600×1200": hostile.an_avif(photo, quality=60),
        "JPEG 64×48": hostile.a_jpeg(),
    }


def times_ms(room: Darkroom, upload: Path) -> list[float]:
    taken = []
    for _ in range(RUNS):
        begun = perf_counter()
        room.develop(upload, settings=BoardSettings()).discard()
        taken.append((perf_counter() - begun) * 1000)
        sleep(PAUSE_S)
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = Darkroom(MediaLimits(), Path(folder))
        upload = Path(folder) / "upload"
        print(f"{'':24}{'KB':>8}{'p50':>8}{'p95':>8}{'p99':>8}  ms")
        for name, data in samples().items():
            upload.write_bytes(data)
            room.develop(upload, settings=BoardSettings()).discard()
            cuts = statistics.quantiles(times_ms(room, upload), n=100)
            figures = "".join(f"{cuts[percent - 1]:8.1f}" for percent in (50, 95, 99))
            print(f"{name:24}{len(data) / 1000:8.0f}{figures}")
        assert room._server is not None
        status = Path(f"/proc/{room._server.pid}/status").read_text()
        print(*(line for line in status.splitlines() if line.startswith(("VmRSS", "RssAnon"))))
        room.close()


if __name__ == "__main__":
    main()
