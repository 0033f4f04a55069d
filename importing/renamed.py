"""Boards that come under other names than they had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from imageboard.old_boards import OldBoard as KeptBoard
from importing.moving import Source
from importing.records import (
    OldAccount,
    OldBan,
    OldBanner,
    OldBoard,
    OldFile,
    OldFileBan,
    OldFlag,
    OldGrant,
    OldPage,
    OldPost,
    OldReport,
    OldRule,
    Other,
    Survey,
)
from importing.report import Report


class Renamed:
    """A source whose boards are called as `names` has them: {old name: new name}.

    `folder` is where old boards have a folder each, by their old names. What else is told of a
    board that is not renamed stays as it is.
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
        self.left_behind = self._source.left_behind

    def posts(self, report: Report) -> Iterator[OldPost]:
        for post in self._source.posts(report):
            if post.board in self._names:
                yield self._post(post)

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        for name, other in self._source.others(report):
            yield name, self._other(other)

    def kept_of(self, board: str) -> KeptBoard:
        return self._source.kept_of(self._old_names[board])

    def _post(self, post: OldPost) -> OldPost:
        return replace(
            post,
            board=self._names[post.board],
            body=self._typed.sub(lambda found: f">>>/{self._names[found[1]]}/", post.body),
            quotes=tuple((self._new(board), no) for board, no in post.quotes),
            files=tuple(self._file(post.board, file) for file in post.files),
        )

    def _file(self, board: str, file: OldFile) -> OldFile:
        return replace(
            file, path=self._place(board, file.path), thumb_path=self._place(board, file.thumb_path)
        )

    def _place(self, board: str, path: str | None) -> str | None:
        """From the root, since the folder of its board is called otherwise."""
        return path and str(self._folder / board / path)

    def _other(self, other: Other) -> Other:
        match other:
            case OldReport() | OldFlag() | OldBanner():
                return replace(other, board=self._new(other.board))
            case OldBan() | OldFileBan() | OldPage():
                return replace(other, board=other.board and self._new(other.board))
            case OldAccount():
                grants = (
                    OldGrant(grant.role, grant.board and self._new(grant.board))
                    for grant in other.grants
                )
                return replace(other, grants=tuple(grants))
            case OldRule() if other.boards is not None:
                return replace(other, boards=tuple(map(self._new, other.boards)))
        return other

    def _new(self, board: str) -> str:
        return self._names.get(board, board)
