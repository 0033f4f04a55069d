"""Boards that come under other names than they had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from imageboard.old_boards import OldBoard as KeptBoard
from importing.belonging import of_boards
from importing.moving import Source
from importing.records import OldBoard, OldFile, OldPost, Other, Survey
from importing.report import Report


class Renamed:
    """Of a source these boards, called as `names` has them: {old name: new name}.

    `folder` is where old boards have a folder each, by their old names.
    """

    def __init__(self, source: Source, names: Mapping[str, str], folder: Path) -> None:
        self._source = source
        self._names = names
        self._old_names = {new: old for old, new in names.items()}
        self._folder = folder.resolve()
        #: '>>>/old/12', as people typed it.
        typed = "|".join(re.escape(old) for old in names)
        self._typed = re.compile(rf">>>/({typed})/")
        self.boards: dict[str, OldBoard] = {}
        self.surveys: dict[str, Survey] = {}
        self.left_behind: dict[str, str] = source.left_behind

    @property
    def is_cut_off(self) -> bool:
        return self._source.is_cut_off

    def survey(self) -> None:
        self._source.survey()
        for old, new in self._names.items():
            if old in self._source.boards:
                self.boards[new] = replace(self._source.boards[old], name=new)
                self.surveys[new] = self._source.surveys[old]
                if old != new:
                    why = f"its old addresses lead here with STILLBOARD_RENAMED_BOARDS={old}={new}"
                    self._source.left_behind[why] = f"/{new}/"
        self.left_behind = self._source.left_behind

    def posts(self, report: Report) -> Iterator[OldPost]:
        for post in self._source.posts(report):
            if post.board in self._names:
                yield self._post(post, report)

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        for name, other in self._source.others(report):
            if (kept := of_boards(name, other, self._names, report)) is not None:
                yield name, kept

    def kept_of(self, board: str) -> KeptBoard:
        return self._source.kept_of(self._old_names[board])

    def _post(self, post: OldPost, report: Report) -> OldPost:
        return replace(
            post,
            board=self._names[post.board],
            body=self._typed.sub(lambda found: f">>>/{self._names[found[1]]}/", post.body),
            quotes=tuple(self._quotes(post, report)),
            files=tuple(self._file(post.board, file) for file in post.files),
        )

    def _file(self, board: str, file: OldFile) -> OldFile:
        return replace(
            file, path=self._place(board, file.path), thumb_path=self._place(board, file.thumb_path)
        )

    def _place(self, board: str, path: str | None) -> str | None:
        """From the root, since the folder of its board is called otherwise."""
        return path and str(self._folder / board / path)

    def _quotes(self, post: OldPost, report: Report) -> Iterator[tuple[str, int]]:
        """Without those of a board that stays, where another one comes under its name."""
        for board, no in post.quotes:
            if board in self._names or board not in self._old_names:
                yield self._names.get(board, board), no
            else:
                where = f"/{self._names[post.board]}/{post.no} to /{board}/{no} of there"
                report.trouble("a link leads to a board that does not come", where)
