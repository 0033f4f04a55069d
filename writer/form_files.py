"""A form's files that are not lost when it is refused: kept, told of, and brought back.

The page of a refusal has a box for each, `kept1`, `kept2` …; ticked it says which file is meant, by
its token and the name that it had: '6f…e1 cat.jpeg'. So nothing but the file has to be stored.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField
from imageboard.fields import KEPT_FILE, KeptFile
from imageboard.store.kept_files import KeptFiles
from imageboard.store.room import Room
from imageboard.words import N_
from writer.forms import Form, SpooledFile, are_hidden, descriptions, file_name

_NO_LONGER_KEPT = N_(
    "File {number} is no longer kept: choose it again, or send the post without it."
)


@dataclass(frozen=True, slots=True)
class FormFiles:
    """Keeps files of forms between two tries; `scratch` is where forms have theirs."""

    store: KeptFiles
    scratch: Path
    room: Room
    cloak: Cloak

    def bring_back(self, form: Form, address: Address) -> None:
        """Add to the form the kept files that it names, before those that came with it.

        Raises BadField: one is no longer kept, or was never this poster's. NoRoom.
        """
        asked = {
            int(found[1]): text
            for name, text in form.fields.items()
            if text.strip() and (found := KEPT_FILE.fullmatch(name))
        }
        if not asked:
            return
        self.room.require_for_files()
        poster = self.cloak.hash_address(address)
        found_files = {n: self._copied(asked[n], n, poster) for n in sorted(asked)}
        form.files[:0] = filter(None, found_files.values())
        for number, file in found_files.items():
            if file is None:
                raise BadField(_NO_LONGER_KEPT, field=f"kept{number}", number=number)

    def keep(self, form: Form, address: Address) -> None:
        """Note in `form.kept` those of its files that were kept: all, if there is room."""
        poster = self.cloak.hash_address(address)
        each = zip(form.files, are_hidden(form), descriptions(form), strict=True)
        kept = [
            KeptFile(number, file.name, token, is_spoiler=is_hidden, alt=alt)
            for number, (file, is_hidden, alt) in enumerate(each, start=1)
            if (token := file.token or self._token(file, poster))
        ]
        form.kept = tuple(kept)

    def _copied(self, asked: str, number: int, poster: bytes) -> SpooledFile | None:
        """In the scratch folder, as if it had come with the form; None: it is not there."""
        token, _, name = asked.partition(" ")
        path = self.store.find(token, poster, time.time())
        if path is None:
            return None
        with tempfile.NamedTemporaryFile(dir=self.scratch, prefix="upload-", delete=False) as out:
            try:
                with path.open("rb") as file:
                    shutil.copyfileobj(file, out)
            except FileNotFoundError:
                # Its time was over this moment.
                Path(out.name).unlink()
                return None
            except BaseException:
                Path(out.name).unlink()
                raise
            size = out.tell()
        return SpooledFile(file_name(name), Path(out.name), size, f"kept{number}", token)

    def _token(self, file: SpooledFile, poster: bytes) -> str | None:
        try:
            return self.store.keep(file.path, poster, time.time())
        except FileNotFoundError:
            # What is developed later was moved on before its post was refused.
            return None
