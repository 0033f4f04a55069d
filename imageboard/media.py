"""How large a picture may be before anyone looks inside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imageboard.errors import FileTooLarge, ImageTooLarge
from imageboard.settings import BoardSettings
from imageboard.words import N_, NN_, Message

#: Of the address space of the process that reads a file: its code, and the file a few times.
BYTES_BEFORE_DECODING = 80 * 1024 * 1024


def bytes_to_read(pixels: int, bytes_per_px: float) -> float:
    """Of address space, for a file of so many pixels that are decoded at this cost."""
    return BYTES_BEFORE_DECODING + pixels * bytes_per_px


#: Of wall-clock time, for each second of a processor's that a file may take.
_PATIENCE = 2.5


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The most that one uploaded file may ask of the board.

    `memory_bytes_max` is the address space of the process that decodes it. How many pixels fit
    into that is a matter of the format (`check_memory`); within it the board has its own
    limits of pixels, sides and frames (`of_board`). Frames behind the first are decoded only for a
    thumbnail that moves, which has limits of its own (writer/media/moving.py).
    `seconds_max` are a processor's: posts and pages come first, and a file that has to wait for
    them is none the larger.
    `passes_pixels_max` takes a decoder about a second: each pass of a progressive JPEG goes over
    the whole picture.
    """

    upload_bytes_max: int = 10 * 1024 * 1024
    side_px_max: int = 65_500
    pixels_max: int = 200_000_000
    frames_max: int = 10_000
    passes_pixels_max: int = 1_500_000_000
    played_max_s: int = 3600
    seconds_max: float = 8.0
    memory_bytes_max: int = 1024 * 1024 * 1024

    @property
    def patience_s(self) -> float:
        """So long a file is waited for on a busy machine, start to end."""
        return _PATIENCE * self.seconds_max

    def of_board(self, settings: BoardSettings) -> MediaLimits:
        """These limits, with those that the board sets itself."""
        return replace(
            self,
            side_px_max=settings.image_side_px_max,
            pixels_max=settings.image_pixels_max,
            frames_max=settings.image_frames_max,
            played_max_s=settings.played_max_s,
        )

    def check_bytes(self, count: int) -> None:
        """Raises FileTooLarge when the upload has more than `upload_bytes_max` bytes."""
        if count > self.upload_bytes_max:
            raise FileTooLarge(bytes_max_mb=self.upload_bytes_max // (1024 * 1024))

    def check_canvas(self, width: int, height: int) -> None:
        """Raises ImageTooLarge when a picture of this size must not be decoded."""
        if max(width, height) > self.side_px_max:
            raise ImageTooLarge(
                N_(
                    "The image is too large: it is {width} × {height} pixels,"
                    " and {side_px_max} is the most for a side."
                ),
                width=width,
                height=height,
                side_px_max=self.side_px_max,
            )
        if width * height > self.pixels_max:
            raise _too_many_pixels(_TOO_MANY_PIXELS, width * height, self.pixels_max)

    def check_memory(self, pixels: int, bytes_per_px: float) -> None:
        """Raises ImageTooLarge when so many pixels, decoded at this cost, don't fit."""
        left_bytes = max(0, self.memory_bytes_max - BYTES_BEFORE_DECODING)
        if bytes_to_read(pixels, bytes_per_px) > self.memory_bytes_max:
            pixels_max = int(left_bytes / bytes_per_px)
            raise _too_many_pixels(_TOO_MANY_PIXELS_OF_KIND, pixels, pixels_max)

    def check_passes(self, pixels: int, passes: int) -> None:
        """Raises ImageTooLarge when going over so many pixels so often takes too long."""
        if pixels * passes > self.passes_pixels_max:
            raise ImageTooLarge(
                N_(
                    "The image takes too long to read: {megapixels} megapixels in more than"
                    " {passes_max} passes. Save it as an ordinary JPEG, not a progressive one."
                ),
                megapixels=f"{pixels / 1e6:.1f}",
                passes_max=self.passes_pixels_max // pixels,
            )

    def check_frames(self, count: int) -> None:
        """Raises ImageTooLarge when an animation has more than `frames_max` frames."""
        if count > self.frames_max:
            raise ImageTooLarge(
                NN_(
                    "The animation is too long: {frames_max} frame is the most.",
                    "The animation is too long: {frames_max} frames are the most.",
                    "frames_max",
                ),
                frames_max=self.frames_max,
            )

    def check_played(self, seconds: float) -> None:
        """Raises ImageTooLarge when a film or a sound goes on for longer than the board has it."""
        if seconds > self.played_max_s:
            raise ImageTooLarge(
                N_("The film or sound is too long: {length_max} is the most."),
                length_max=clock(self.played_max_s),
            )


def clock(seconds: float) -> str:
    """75.2 -> '1:15'; 3600 -> '1:00:00'."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


_TOO_MANY_PIXELS = N_(
    "The image is too large: it has {megapixels} megapixels, and {megapixels_max} is the most."
)
_TOO_MANY_PIXELS_OF_KIND = N_(
    "The image is too large: it has {megapixels} megapixels,"
    " and {megapixels_max} is the most for a file of this kind."
)


def _too_many_pixels(message: Message, pixels: int, pixels_max: int) -> ImageTooLarge:
    return ImageTooLarge(
        message, megapixels=f"{pixels / 1e6:.1f}", megapixels_max=f"{pixels_max / 1e6:.4g}"
    )
