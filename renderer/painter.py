"""What everybody who draws pages works with, whichever pages they are."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

from imageboard import captchas, push_keys
from imageboard.captchas import ShownCaptcha
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from imageboard.words import ENGLISH, Language
from renderer.web_root import WebRoot

Other = TypeVar("Other", bound="Painter")


@dataclass
class Painter:
    """Draws one site into one web root. What it needs is the same for all who draw that site."""

    database: Database
    web_root: WebRoot
    uploads: UploadStore
    site_name: str
    site_url: str = ""
    captcha: ShownCaptcha | None = None
    #: Of the site, and of boards that have none of their own.
    language: Language = ENGLISH
    #: What the log's head is signed with; none: nobody signs it.
    log_key: bytes = field(default=b"", repr=False)
    #: For which browsers subscribe that are to be told of replies; '': none can be.
    push_key: str = ""

    @classmethod
    def from_settings(cls, settings: Settings, database: Database, **more: Any) -> Self:
        """One that draws the site that the settings describe; `more`: fields of its own."""
        return cls(
            database=database,
            web_root=WebRoot(settings.web_root),
            uploads=UploadStore(settings.data / "uploads"),
            site_name=settings.site_name,
            site_url=settings.site_url,
            captcha=captchas.shown(settings),
            language=settings.language,
            log_key=settings.log_key,
            push_key=push_keys.shown(settings),
            **more,
        )

    def beside(self, kind: type[Other], **more: Any) -> Other:
        """Another one, that draws the same site; `more`: fields of its own."""
        return kind(**{row.name: getattr(self, row.name) for row in fields(Painter)}, **more)
