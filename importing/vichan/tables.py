"""Rows of vichan's tables by the names of their columns, whatever the version.

Boards have a table each, `posts_b`; all tables may have a prefix.
"""

from __future__ import annotations

from collections.abc import Mapping

from importing.errors import UnknownColumns
from importing.sql_dump import Row

POSTS = "posts_"
#: Tables that are read beside those of posts.
OTHERS = frozenset(
    "boards bans ban_appeals reports mods modlogs news pages cites ip_notes theme_settings".split()
)
#: Tables of which nothing comes, and why that is told.
LEFT_BEHIND = {
    "noticeboard": "the staff's own notices do not come",
    "pms": "letters among staff do not come",
}

_SINCE_4_9 = (
    "id thread subject email name trip capcode body body_nomarkup time bump files num_files"
    " filehash password ip sticky locked cycle sage embed slug"
)
#: One file a post.
_BEFORE_4_9 = (
    "id thread subject email name trip capcode body body_nomarkup time bump thumb thumbwidth"
    " thumbheight file filewidth fileheight filesize filename filehash password ip sticky locked"
    " sage embed"
)
#: Of dumps without names of columns, by how many a row has.
_COLUMNS: Mapping[str, Mapping[int, str]] = {
    POSTS: {22: _SINCE_4_9, 21: _SINCE_4_9.removesuffix(" slug"), 26: _BEFORE_4_9},
    "boards": {3: "uri title subtitle"},
    "bans": {
        10: "id ipstart ipend created expires board creator reason seen post",
        # Tinyboard, whose addresses are text.
        7: "id ip mod set expires reason board",
        8: "id ip mod set expires reason board seen",
    },
    "ban_appeals": {5: "id ban_id time message denied"},
    "ip_notes": {5: "id ip mod time body"},
    "theme_settings": {3: "theme name value"},
    "reports": {6: "id time ip board post reason"},
    "mods": {6: "id username password version type boards"},
    "modlogs": {5: "mod ip board time text"},
    "news": {5: "id name time subject body"},
    "pages": {6: "id board name title type content"},
    "cites": {4: "board post target_board target"},
}


class Fields(dict[str, bytes | None]):
    """A row by the names of its columns; one that a version lacks is NULL."""

    def __missing__(self, _name: str) -> None:
        return None


def table_of(name: str, prefix: str) -> str | None:
    """What a table holds: 'posts_b', 'bans'; None: nothing of ours."""
    if not name.startswith(prefix):
        return None
    kind = name[len(prefix) :]
    return kind if kind in OTHERS or kind.startswith(POSTS) else None


def left_behind(name: str, prefix: str) -> str | None:
    """Why nothing comes of a table with rows; None: nobody will miss it."""
    return LEFT_BEHIND.get(name[len(prefix) :]) if name.startswith(prefix) else None


def fields_of(row: Row, kind: str) -> Fields:
    """Raises ImportFailed: nobody says what its columns are."""
    columns = row.columns
    if not columns:
        known = _COLUMNS[POSTS if kind.startswith(POSTS) else kind]
        columns = tuple(known.get(len(row.values), "").split())
    if len(columns) != len(row.values):
        raise UnknownColumns(table=row.table, count=len(row.values))
    return Fields(zip(columns, row.values, strict=True))
