"""A page as a browser reads it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

#: Tag and names of attributes of each element, depth first: all of a page but its text.
Shape = list[tuple[str, tuple[str, ...]]]


def parse(page: str | bytes) -> Element:
    """The whole page, as <html>. Raises html5lib.html5parser.ParseError at the first error."""
    if isinstance(page, bytes):
        page = page.decode()
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(page)
    return root


def parse_fragment(html: str) -> Element:
    """What may stand in a <main>, as children of a made-up root."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parseFragment(html, container="main")
    return root


def elements(root: Element) -> Iterator[Element]:
    """Every element; comments have no tag of their own and are left out.

    What stands in a <template> is no part of the page.
    """
    if isinstance(root.tag, str):
        yield root
        if root.tag != "template":
            for child in root:
                yield from elements(child)


def shape(root: Element) -> Shape:
    return [(element.tag, tuple(sorted(element.attrib))) for element in elements(root)]


def with_class(root: Element, name: str) -> list[Element]:
    return [element for element in elements(root) if name in element.get("class", "").split()]


def text(element: Element) -> str:
    """'Thread 123 Pinned': the text as it is read, with single blanks."""
    return " ".join("".join(element.itertext()).split())


def fields_of(form: Element) -> dict[str, str]:
    """What a browser would send of a form: its lines and ticked boxes; no button, and no file."""
    fields = {}
    for control in elements(form):
        name = control.get("name", "")
        if control.tag == "textarea":
            fields[name] = control.text or ""
        elif control.get("type") == "checkbox":
            if "checked" in control.attrib:
                fields[name] = control.get("value", "on")
        elif control.tag == "input" and control.get("type") != "file":
            fields[name] = control.get("value", "")
    return fields
