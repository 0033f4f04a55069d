"""How large a picture may be before anyone looks inside it."""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.errors import FileTooLarge, ImageTooLarge


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The most that one uploaded file may ask of the board.

    `pixels_max` bounds the decoded picture (4 bytes each, a few copies of it at a time);
    `memory_bytes_max` is the address space of the process that decodes it, 45 MB of
    which are gone before it begins.
    """

    upload_bytes_max: int = 10 * 1024 * 1024
    width_max: int = 10_000
    height_max: int = 10_000
    pixels_max: int = 40_000_000
    frames_max: int = 500
    seconds_max: float = 8.0
    memory_bytes_max: int = 1024 * 1024 * 1024

    def check_bytes(self, count: int) -> None:
        """Raises FileTooLarge when the upload has more than `upload_bytes_max` bytes."""
        if count > self.upload_bytes_max:
            raise FileTooLarge(bytes_max_mb=self.upload_bytes_max // (1024 * 1024))

    def check_canvas(self, width: int, height: int) -> None:
        """Raises ImageTooLarge when a picture of this size must not be decoded."""
        if width > self.width_max or height > self.height_max:
            raise ImageTooLarge(
                reason=f"The image is too large: it is {width} × {height} pixels,"
                f" and {self.width_max} × {self.height_max} is the most."
            )
        if width * height > self.pixels_max:
            raise ImageTooLarge(
                reason=f"The image is too large: it has {width * height / 1e6:.1f} megapixels,"
                f" and {self.pixels_max / 1e6:g} is the most."
            )

    def check_frames(self, count: int) -> None:
        """Raises ImageTooLarge when an animation has more than `frames_max` frames."""
        if count > self.frames_max:
            raise ImageTooLarge(
                reason=f"The animation is too long: {self.frames_max} frames are the most."
            )
