"""The form on a page, as a browser would send it on."""

from __future__ import annotations

from html.parser import HTMLParser


def filled_in(page: str) -> dict[str, str]:
    """The text fields of a page's forms and what stands in them, hidden ones too."""
    reader = _FormReader()
    reader.feed(page)
    reader.close()
    return reader.fields


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = attributes.get("name") or ""
        if tag == "input" and attributes.get("type") not in ("checkbox", "file"):
            self.fields[name] = attributes.get("value") or ""
        if tag == "textarea":
            self._textarea = name
            self.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # Its first line end belongs to the page, not to the text.
            self.fields[self._textarea] = self.fields[self._textarea].removeprefix("\n")
            self._textarea = ""
