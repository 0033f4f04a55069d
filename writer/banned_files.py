"""Files that staff have banned: their post is refused, and its poster banned if the ban says so."""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.bans import NewBan
from imageboard.errors import FileBanned
from imageboard.file_bans import FileBan
from imageboard.post_rules import NewPost
from imageboard.spam.known_files import marks
from imageboard.store import ban_deeds, bans, moderation_log
from imageboard.store.database import Database
from writer.rule_book import KeptRules


@dataclass(frozen=True, slots=True)
class BannedFiles:
    """Asked of posts with files, before they are stored."""

    database: Database
    kept_rules: KeptRules

    def refuse(self, new_post: NewPost) -> None:
        """Raises FileBanned, Banned."""
        if not new_post.files:
            return
        found = self.kept_rules.get().file_ban(new_post.board, marks(new_post.files))
        if found is None:
            return
        if found.bans_poster:
            self._ban(found, new_post.address_hash)
        raise FileBanned(reason=found.reason)

    def _ban(self, file_ban: FileBan, poster: bytes) -> None:
        """As one of the staff would; the log names the ban of the file. Raises Banned."""
        by = f"file ban {file_ban.id}"
        new_ban = NewBan(
            board=file_ban.board,
            reason=file_ban.reason,
            duration_s=file_ban.ban_s,
            address_hash=poster,
        )
        with self.database.transaction() as db:
            ban_id = bans.add(db, new_ban, by)
            moderation_log.add(db, ban_deeds.BANNED, staff=by, board=file_ban.board, ban=ban_id)
            refusal = bans.refusal(db, bans.get(db, ban_id), poster)
        raise refusal
