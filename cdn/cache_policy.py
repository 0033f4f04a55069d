"""With which headers a public file is stored, so that a bucket answers as nginx does.

A file has the type and the age that imageboard/served_kinds.py gives it; a test asks a real nginx
for each kind and compares. Some things differ:

- How long the CDN keeps a page is no header of the object: a new number there would mean
  putting every object again. nginx says it with CDN-Cache-Control.
- That a file is to be saved and not shown (Content-Disposition) is the edge's to say (cdn/edge).
- What changed in a thread is asked for each time as any page is; nginx says so in fewer letters,
  `no-cache`, since its answer to whoever has it already is to be small.
- Objects are stored as they are, without Content-Encoding: a bucket does not negotiate, and
  the CDN compresses for those who can read it (docs/decisions/0008).
"""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.errors import ImageboardError
from imageboard.served_kinds import ASK_EACH_TIME, KEEP_FOREVER, served
from imageboard.words import N_


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What a bucket says of an object when it is read."""

    content_type: str
    cache_control: str
    content_encoding: str | None = None


class NotServed(ImageboardError):
    message = N_("{path} is no file that the public may see.")


def headers_of(path: str) -> ObjectHeaders:
    """'b/res/1.html' -> text/html, asked for each time; 'b/src/17.png' -> image/png, for ever.

    Raises:
        NotServed: nginx would not serve it either: a dotfile, a compressed sibling, a stray.
    """
    found = served(path)
    if found is None:
        raise NotServed(path=path)
    cache_control = KEEP_FOREVER if found.is_kept_forever else ASK_EACH_TIME
    return ObjectHeaders(found.content_type, cache_control)
