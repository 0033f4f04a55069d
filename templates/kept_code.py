"""What Jinja2 has compiled, kept beside Python's own bytecode, for the next process.

PERF: to compile all templates takes 0.5 s of CPU, at each start of the board and in each language;
to load what was compiled 0.03 s.

As Python's it is written where the folder lets us and nobody said otherwise (-B,
PYTHONDONTWRITEBYTECODE), and is of no use once anything that it was made of is another. A file is
called .pyc as those are: it is no source, and no fingerprint counts it (see `engine.fingerprint`).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import get_native_id

import jinja2
from jinja2.bccache import Bucket

from imageboard.words import Language
from templates import languages

_FOLDER = Path(__file__).parent / "__pycache__"
#: What the templates' code depends on besides their text and their words: who compiles them.
COMPILERS = ("engine.py", "languages.py")


class KeptCode(jinja2.BytecodeCache):
    """Of one language. The template "fragments/post.html" is `fragments.post.html.de.pyc`."""

    def __init__(self, language: Language, folder: Path = _FOLDER) -> None:
        self._language = language
        self._folder = folder

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return f"{name.replace('/', '.')}.{self._language.code}.pyc"

    def get_source_checksum(self, source: str) -> str:
        return sha256(self._made_by + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Whatever can't be read is compiled anew: a crash may have left half of it."""
        with suppress(OSError):
            kept = (self._folder / bucket.key).read_bytes()
            try:
                bucket.bytecode_from_string(kept)
            except Exception:
                bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        # A name of this thread's own, that ends as the others do: it is no source either.
        fresh = self._folder / f".{get_native_id()}.{bucket.key}"
        try:
            self._folder.mkdir(exist_ok=True)
            fresh.write_bytes(bucket.bytecode_to_string())
            fresh.replace(self._folder / bucket.key)
        except OSError:
            with suppress(OSError):
                fresh.unlink()

    @cached_property
    def _made_by(self) -> bytes:
        whole = sha256(f"jinja2 {jinja2.__version__}\n".encode())
        for name in COMPILERS:
            whole.update((Path(__file__).parent / name).read_bytes())
        whole.update(languages.whole(self._language).encode())
        return whole.digest()
